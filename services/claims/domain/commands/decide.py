"""An investigator grants, whole or in part, denies, or refuses by one of the two judgements (C9, C4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from services.claims.domain import gather
from services.claims.domain.commands.who import chargeback_open, claim_decided, not_permitted
from services.claims.domain.events import ClaimDenied, Event, RefusedByJudgement
from services.claims.domain.explanation import Fact, Finding, fact
from services.claims.domain.inputs import Actor, DecideClaim, Source
from services.claims.domain.judging import Desk
from services.claims.domain.left import left_minor, rest_minor
from services.claims.domain.money import Money
from services.claims.domain.money_moves import grant
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import OPEN, Case, Claim, Judgement, Suspended


def barred(actor: Actor, claim: Claim, _desk: Desk, _at: datetime) -> Refusal | None:
    """Say why this cannot be done; None if it can."""
    if actor.kind != "investigator":
        return not_permitted("C9")
    if isinstance(claim, Suspended) and isinstance(claim.was, OPEN):
        return chargeback_open()
    return None if isinstance(claim, OPEN) else claim_decided("C9")


def decide(command: DecideClaim, claim: Claim, desk: Desk) -> Sequence[Event] | Refusal:
    """Follow the investigator."""
    match command.verdict:
        case "granted":
            return _grant(command, claim.case, desk)
        case "denied":
            return _without_amount(command) or _deny(command, claim.case, desk)
        case "refused":
            return _without_amount(command) or _refuse(command, claim.case, desk)
        case _:
            assert_never(command.verdict)


def _grant(command: DecideClaim, case: Case, desk: Desk) -> Sequence[Event] | Refusal:
    """Grant the amount that the investigator says, or else what is left of the claim."""
    policy, subject = desk.policy(case), desk.subject(case)
    amount = command.amount or subject.money(rest_minor(subject, case))
    if refusal := impossible(amount, case, desk, rule="C9"):
        return refusal
    judged_at = min(command.at, desk.now)
    return grant(
        case,
        (
            *_looked_at(command, case, desk, fact("granted_amount", amount, _source(command))),
            gather.amount(subject, case, policy, judged_at),
            gather.funding(subject, policy),
        ),
        currency=desk.order.currency,
        at=max(desk.now, command.at),
        appeal_window=policy.appeal_window,
        actor=command.actor,
        reasons=command.reasons,
    )


def impossible(amount: Money, case: Case, desk: Desk, *, rule: str) -> Refusal | None:
    """Say why an amount cannot be granted: no more than is left, with documented extra charges (C9, C15)."""
    subject = desk.subject(case)
    most_minor = left_minor(subject) + case.extra_minor
    if amount.currency != desk.order.currency:
        return Refusal("C15", "wrong_currency")
    if amount.amount_minor > most_minor or not most_minor:
        return Refusal(rule, "amount_exceeds_left", max_amount=subject.money(most_minor))
    return Refusal("C15", "invalid_amount") if amount.amount_minor <= 0 else None


def _without_amount(command: DecideClaim) -> Refusal | None:
    """Who gets nothing is told why, and no amount is named."""
    if not any(reason.strip() for reason in command.reasons):
        return Refusal("C9", "incomplete_form", missing=("reasons",))
    return Refusal("C9", "invalid_amount") if command.amount is not None else None


def _deny(command: DecideClaim, case: Case, desk: Desk) -> Sequence[Event]:
    at = max(desk.now, command.at)
    return [
        ClaimDenied(
            claim_id=case.claim_id,
            policy_id=case.filing.policy_id,
            explanation=tuple(_looked_at(command, case, desk)),
            at=at,
            closes_at=at + desk.policy(case).appeal_window,
            actor=command.actor,
            reasons=command.reasons,
        )
    ]


def _refuse(command: DecideClaim, case: Case, desk: Desk) -> Sequence[Event]:
    """Refuse: by the judgement whose code is among the reasons, else for want of a justification."""
    at = max(desk.now, command.at)
    judgement = _judgement(command)
    judged = gather.find("C4", [fact("judgement", judgement, _source(command))], desk.policy(case))
    return [
        RefusedByJudgement(
            command_id=command.command_id,
            claim_id=case.claim_id,
            judgement=judgement,
            policy_id=case.filing.policy_id,
            explanation=(*_looked_at(command, case, desk), judged),
            at=at,
            closes_at=at + desk.policy(case).appeal_window,
            actor=command.actor,
            reasons=command.reasons,
        )
    ]


def _judgement(command: DecideClaim) -> Judgement:
    named = {reason.strip() for reason in command.reasons}
    return "return_policy_not_followed" if "return_policy_not_followed" in named else "no_clear_justification"


def _looked_at(command: DecideClaim, case: Case, desk: Desk, *more: Fact) -> Sequence[Finding]:
    """Write down all five grounds and what the investigator decided."""
    policy = desk.policy(case)
    verdict = [fact("decided_outcome", command.verdict, _source(command)), *more]
    return [
        *gather.grounds(desk.subject(case), case, policy, min(command.at, desk.now)),
        gather.find("C9", verdict, policy),
    ]


def _source(command: DecideClaim) -> Source:
    return Source(command.command_id, command.at)
