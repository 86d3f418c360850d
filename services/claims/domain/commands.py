"""The commands: filing, asking, answering and deciding (C1, C4, C9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from services.claims.domain import filing, gather
from services.claims.domain.events import (
    ClaimDenied,
    ClaimFiled,
    ClaimRefused,
    CommandRefused,
    Event,
    InformationProvided,
    InformationRequested,
)
from services.claims.domain.evolve import apply
from services.claims.domain.explanation import Finding, fact
from services.claims.domain.inputs import (
    Actor,
    ClaimCommand,
    Command,
    DecideClaim,
    FileClaim,
    ProvideInformation,
    RequestInformation,
    Side,
    Source,
)
from services.claims.domain.judging import Desk, grant_by_rule, hear_answer, is_open
from services.claims.domain.money import Money
from services.claims.domain.money_moves import grant
from services.claims.domain.policy import OnSilence
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import Case, Claim, Closed, Request, claim_of
from services.claims.domain.subject import left_minor
from services.claims.domain.windows import in_time

CLAIMS_MAX = 200
"""Claims of one order; its state must stay small."""
REQUESTS_MAX = 100
"""Requests for information of one claim; its state must stay small."""


def file_claim(command: FileClaim, desk: Desk) -> Sequence[Event]:
    """Accept a filing and judge it at once, or refuse it with the reason, the rule, and what would help."""
    known = claim_of(desk.state, command.claim_id)
    if known is not None and known.case.filing.source.id == command.command_id:
        return ()
    if len(desk.state.decided.claims) >= CLAIMS_MAX:
        return too_large(command, desk.now)
    policy = desk.policies.in_force(desk.order.marketplace_id, command.at)
    attempt = filing.attempt(command, desk.state, desk.order, policy, desk.zone, desk.now)
    explanation, refusal = filing.judge(attempt)
    if refusal is not None:
        return [
            ClaimRefused(
                command.command_id, command.claim_id, refusal, policy.policy_id, explanation, desk.now
            )
        ]
    filed = ClaimFiled(command, policy.policy_id)
    after = replace(desk, state=apply(desk.state, [filed]))
    claim = after.state.decided.claims[-1]
    return [filed, *grant_by_rule(after, claim.case, desk.now)]


def on_claim(command: ClaimCommand, desk: Desk) -> Sequence[Event]:
    """Follow a command on a claim that was filed, or refuse it."""
    claim = claim_of(desk.state, command.claim_id)
    if command.at - desk.now > desk.ahead(command.at):
        return [_refused(command, desk, Refusal("T5", "in_the_future"))]
    if claim is None:
        return [_refused(command, desk, Refusal("C9", "unknown_claim"))]
    match command:
        case RequestInformation():
            return _request_information(command, claim, desk)
        case ProvideInformation():
            return _provide_information(command, claim, desk)
        case DecideClaim():
            return _decide_claim(command, claim, desk)
        case _:
            assert_never(command)


def _refused(command: ClaimCommand, desk: Desk, refusal: Refusal) -> CommandRefused:
    request_id = command.request_id if isinstance(command, ProvideInformation) else None
    return CommandRefused(command.command_id, command.claim_id, request_id, refusal, desk.now)


def _no(command: ClaimCommand, desk: Desk, reason: str) -> Sequence[Event]:
    return [_refused(command, desk, Refusal("C9", reason))]


def too_large(command: Command, now: datetime) -> Sequence[Event]:
    """Refuse a command whose facts would not fit into a record."""
    refusal = Refusal("E1", "too_large")
    if isinstance(command, FileClaim):
        return [ClaimRefused(command.command_id, command.claim_id, refusal, None, (), now)]
    request_id = command.request_id if isinstance(command, ProvideInformation) else None
    return [CommandRefused(command.command_id, command.claim_id, request_id, refusal, now)]


# -------------------------------------------------------------------------------------- the investigator's


def _request_information(command: RequestInformation, claim: Claim, desk: Desk) -> Sequence[Event]:
    if any(request.request_id == command.command_id for request in claim.case.requests):
        return ()
    if refused := _not_for_the_investigator(command, claim, desk):
        return refused
    if not any(question.strip() for question in command.questions):
        return [_refused(command, desk, Refusal("C9", "incomplete_form", missing=("questions",)))]
    if len(claim.case.requests) >= REQUESTS_MAX:
        return [_refused(command, desk, Refusal("E1", "too_large"))]
    policy = desk.policy(claim.case)
    on_silence: OnSilence = policy.on_silence if command.asked == "seller" else "investigate"
    return [InformationRequested(command, command.at + policy.information_window, on_silence)]


def _not_for_the_investigator(
    command: RequestInformation | DecideClaim, claim: Claim, desk: Desk
) -> Sequence[Event]:
    """Say no to others, and to what comes too late: what a deadline before it granted is granted first."""
    if command.actor.kind != "investigator":
        return _no(command, desk, "not_permitted")
    if not is_open(claim):
        return _no(command, desk, "claim_decided")
    granted = grant_by_rule(desk, claim.case, min(command.at, desk.now))
    return [*granted, *_no(command, desk, "claim_decided")] if granted else ()


def _decide_claim(command: DecideClaim, claim: Claim, desk: Desk) -> Sequence[Event]:
    if refused := _not_for_the_investigator(command, claim, desk):
        return refused
    match command.verdict:
        case "granted":
            return _grant(command, claim.case, desk)
        case "denied":
            return _deny(command, claim.case, desk)
        case "refused":
            return _no(command, desk, "not_possible_yet")
        case _:
            assert_never(command.verdict)


def _grant(command: DecideClaim, case: Case, desk: Desk) -> Sequence[Event]:
    """Grant the amount that the investigator says, or else what was claimed, as far as it is left."""
    most_minor = left_minor(desk.subject(case)) + case.filing.extra_minor
    amount = command.amount or Money(min(case.filing.amount_minor, most_minor), desk.order.currency)
    if refusal := _impossible(amount, most_minor, desk):
        return [_refused(command, desk, refusal)]
    policy, subject = desk.policy(case), desk.subject(case)
    return grant(
        case,
        (
            *_looked_at(command, case, desk, amount),
            gather.amount(subject, case, policy),
            gather.funding(subject, policy),
        ),
        currency=desk.order.currency,
        at=max(desk.now, command.at),
        appeal_window=policy.appeal_window,
        actor=command.actor,
        reasons=command.reasons,
    )


def _impossible(amount: Money, most_minor: int, desk: Desk) -> Refusal | None:
    if amount.currency != desk.order.currency:
        return Refusal("C15", "wrong_currency")
    most = Money(most_minor, desk.order.currency)
    if amount.amount_minor > most_minor or not most_minor:
        return Refusal("C9", "amount_exceeds_left", max_amount=most)
    return Refusal("C15", "invalid_amount") if amount.amount_minor <= 0 else None


def _deny(command: DecideClaim, case: Case, desk: Desk) -> Sequence[Event]:
    if not any(reason.strip() for reason in command.reasons):
        return [_refused(command, desk, Refusal("C9", "incomplete_form", missing=("reasons",)))]
    if command.amount is not None:
        return [_refused(command, desk, Refusal("C9", "invalid_amount"))]
    at = max(desk.now, command.at)
    return [
        ClaimDenied(
            claim_id=case.claim_id,
            policy_id=case.filing.policy_id,
            explanation=tuple(_looked_at(command, case, desk, None)),
            at=at,
            closes_at=at + desk.policy(case).appeal_window,
            actor=command.actor,
            reasons=command.reasons,
        )
    ]


def _looked_at(command: DecideClaim, case: Case, desk: Desk, amount: Money | None) -> Sequence[Finding]:
    """Write down all five grounds and what the investigator decided."""
    policy = desk.policy(case)
    decided = Source(command.command_id, command.at)
    verdict = [
        fact("decided_outcome", command.verdict, decided),
        *([fact("granted_amount", amount, decided)] if amount else []),
    ]
    judged_at = min(command.at, desk.now)
    return [
        *gather.grounds(desk.subject(case), case, policy, judged_at),
        gather.find("C9", verdict, policy),
    ]


# --------------------------------------------------------------------------------------- who was asked


def _provide_information(command: ProvideInformation, claim: Claim, desk: Desk) -> Sequence[Event]:
    request = next((each for each in claim.case.requests if each.request_id == command.request_id), None)
    if request is None:
        return _no(command, desk, "unknown_request")
    if request.answer is not None and request.answer.source.id == command.command_id:
        return ()
    if _side_of(command.actor, desk) != request.asked:
        return _no(command, desk, "not_permitted")
    if request.is_answered_in_time or (request.answer and not in_time(command.at, request.respond_by)):
        return _no(command, desk, "already_answered")
    if is_open(claim):
        return [InformationProvided(command, desk.now)]
    return _provide_late(command, request, claim, desk)


def _provide_late(command: ProvideInformation, request: Request, claim: Claim, desk: Desk) -> Sequence[Event]:
    """After the decision only an answer dated in time is heard; it may void what silence granted."""
    if not in_time(command.at, request.respond_by):
        return _no(command, desk, "claim_decided")
    provided = InformationProvided(command, desk.now)
    after = replace(desk, state=apply(desk.state, [provided]))
    answered = claim_of(after.state, command.claim_id) or claim
    consequences = hear_answer(after, answered, Source(command.command_id, command.at), command.at)
    if isinstance(claim, Closed):
        return [*consequences, *_no(command, desk, "claim_decided")]
    return [provided, *consequences]


def _side_of(actor: Actor, desk: Desk) -> Side | None:
    match actor:
        case Actor("support", _):
            return "buyer"
        case Actor("buyer", id_) if id_ == desk.order.buyer_id:
            return "buyer"
        case Actor("seller", id_) if id_ == desk.order.seller_id:
            return "seller"
        case _:
            return None
