"""The facts of a claim that goes on: filed, asked about, answered, waiting, suspended."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from services.claims.domain.events import (
    ClaimAnswered,
    ClaimFiled,
    ClaimResumed,
    ClaimSuspended,
    EligibilityChecked,
    EvidenceAdded,
    FilingOpened,
    InformationProvided,
    InformationRequested,
    ReturnRequired,
)
from services.claims.domain.state import OrderState
from services.claims.translate.context import Context, said_actor, said_lines, said_money
from shared.contracts import claims
from shared.contracts.facts import StateFact

Progress: TypeAlias = (
    FilingOpened
    | EligibilityChecked
    | ClaimFiled
    | InformationRequested
    | InformationProvided
    | ClaimAnswered
    | EvidenceAdded
    | ReturnRequired
    | ClaimSuspended
    | ClaimResumed
)
_Said: TypeAlias = InformationRequested | InformationProvided | ClaimAnswered | EvidenceAdded


def progress_fact(event: Progress, state: OrderState, of: Context) -> StateFact:
    """Say what happened, as things stand after it."""
    match event:
        case FilingOpened():
            return claims.FilingOpened(
                **of.about(state, None, event.eligible_from),
                contact_id=event.contact_id,
                eligible_from=event.eligible_from,
                until=event.until,
            )
        case EligibilityChecked():
            return _checked(event, state, of)
        case ClaimFiled():
            return _filed(event, state, of)
        case ReturnRequired() | ClaimSuspended() | ClaimResumed():
            return _moved(event, state, of)
        case _:
            return _said(event, state, of)


def _checked(event: EligibilityChecked, state: OrderState, of: Context) -> StateFact:
    question = event.question
    return claims.EligibilityChecked(
        **of.about(state, None, event.at),
        command_id=question.command_id,
        lines=said_lines(question.lines),
        issue=question.issue,
        reason=question.reason,
        eligible=event.eligible,
        from_=event.eligible_from,
        until=event.until,
        missing=event.missing,
    )


def _filed(event: ClaimFiled, state: OrderState, of: Context) -> StateFact:
    form = event.form
    return claims.ClaimFiled(
        **of.about(state, form.claim_id, form.at),
        lines=said_lines(form.lines),
        issue=form.issue,
        reason=form.reason,
        description=form.description,
        wanted=form.wanted,
        amount=said_money(form.amount),
        extra_charges=said_money(form.extra_charges) if form.extra_charges else None,
        evidence=form.evidence,
        channel=form.channel,
        command_id=form.command_id,
        actor=said_actor(form.actor),
        policy_id=event.policy_id,
        respond_by=event.respond_by,
    )


def _moved(
    event: ReturnRequired | ClaimSuspended | ClaimResumed, state: OrderState, of: Context
) -> StateFact:
    match event:
        case ReturnRequired(demand=demand):
            return claims.ReturnRequired(
                **of.about(state, demand.claim_id, demand.at),
                command_id=demand.command_id,
                actor=said_actor(demand.actor),
                send_by=event.send_by,
            )
        case ClaimSuspended():
            return claims.ClaimSuspended(**of.about(state, event.claim_id, event.at))
        case ClaimResumed():
            about = of.about(state, event.claim_id, event.at)
            return claims.ClaimResumed(**about, request_id=event.request_id)
        case _:
            assert_never(event)


def _said(event: _Said, state: OrderState, of: Context) -> StateFact:
    match event:
        case InformationRequested(request=asked):
            return claims.InformationRequested(
                **of.about(state, asked.claim_id, asked.at),
                request_id=asked.command_id,
                actor=said_actor(asked.actor),
                from_=asked.asked,
                questions=asked.questions,
                respond_by=event.respond_by,
                on_silence=event.on_silence,
            )
        case InformationProvided(answer=provided):
            return claims.InformationProvided(
                **of.about(state, provided.claim_id, event.at),
                request_id=provided.request_id,
                command_id=provided.command_id,
                actor=said_actor(provided.actor),
                text=provided.text,
                evidence=provided.evidence,
                provided_at=provided.at,
            )
        case ClaimAnswered(answer=answer):
            return claims.ClaimAnswered(
                **of.about(state, answer.claim_id, event.at),
                command_id=answer.command_id,
                actor=said_actor(answer.actor),
                text=answer.text,
                evidence=answer.evidence,
                answered_at=answer.at,
            )
        case EvidenceAdded(evidence=added):
            return claims.EvidenceAdded(
                **of.about(state, added.claim_id, added.at),
                command_id=added.command_id,
                actor=said_actor(added.actor),
                text=added.text,
                evidence=added.evidence,
            )
        case _:
            assert_never(event)
