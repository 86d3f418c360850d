"""Somebody other than the first investigator decides an appeal, for good (C11, C12).

Reversed money reimburses the seller exactly what was debited, and the marketplace bears it; a reversed denial or
refusal grants an amount. An appeal is judged by the policy in force when it was made (P1).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from services.claims.domain import gather
from services.claims.domain.commands.decide import impossible
from services.claims.domain.commands.who import chargeback_open, not_permitted
from services.claims.domain.events import AppealReversed, AppealUpheld, ClaimClosed, Event
from services.claims.domain.explanation import Explanation, Fact, Finding, fact
from services.claims.domain.inputs import Actor, DecideAppeal, Source
from services.claims.domain.judging import Desk
from services.claims.domain.left import rest_minor
from services.claims.domain.money import Money
from services.claims.domain.money_moves import paid, reimbursed
from services.claims.domain.outcome import outcome
from services.claims.domain.policy import Policy
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import Appealed, Claim, FirstOutcome, Granted, Suspended

Answer: TypeAlias = Sequence[Event] | Refusal


def barred(actor: Actor, claim: Claim, _desk: Desk, _at: datetime) -> Refusal | None:
    """Say why this cannot be done; None if it can."""
    if actor.kind != "investigator":
        return not_permitted("C12")
    if isinstance(claim, Suspended) and isinstance(claim.was, Appealed):
        return chargeback_open()
    if not isinstance(claim, Appealed):
        return Refusal("C12", "no_appeal")
    return Refusal("C12", "same_investigator") if actor.id == claim.was.decided_by else None


def decide_appeal(command: DecideAppeal, claim: Claim, desk: Desk) -> Answer:
    """Follow the second investigator, and close the claim for good."""
    if not isinstance(claim, Appealed):
        return Refusal("C12", "no_appeal")
    if not any(reason.strip() for reason in command.reasons):
        return Refusal("C12", "incomplete_form", missing=("reasons",))
    if command.amount is not None and (isinstance(claim.was, Granted) or not _falls(command)):
        return Refusal("C12", "invalid_amount")
    if not _falls(command):
        return _uphold(command, claim, desk)
    if isinstance(claim.was, Granted):
        return _take_back(command, claim, desk)
    return _grant(command, claim, desk)


def _falls(command: DecideAppeal) -> bool:
    return command.reverse_money or command.reverse_defect


def _uphold(command: DecideAppeal, claim: Appealed, desk: Desk) -> Answer:
    """Leave the first decision as it is."""
    first, at = claim.was, max(desk.now, command.at)
    granted = first if isinstance(first, Granted) else None
    amount = _money(desk, granted.amount_minor if granted else 0)
    upheld = AppealUpheld(
        claim_id=claim.case.claim_id,
        first_outcome=first_outcome(claim),
        amount=amount,
        funding=granted.funding if granted else None,
        policy_id=_policy(claim, desk).policy_id,
        explanation=_looked_at(command, claim, desk, fact("granted_amount", amount)),
        at=at,
        actor=command.actor,
        reasons=command.reasons,
    )
    return [upheld, ClaimClosed(claim.case.claim_id, at)]


def _take_back(command: DecideAppeal, claim: Appealed, desk: Desk) -> Answer:
    """Reverse a grant: the buyer keeps the money whatever is reversed."""
    debited = _money(desk, sum(debit.amount_minor for debit in claim.case.ledger.standing))
    explanation = _looked_at(command, claim, desk, fact("debited_amount", debited))
    amount = _money(desk, outcome(explanation).amount_minor)
    reversed_ = _reversed(
        command, claim, desk, explanation, amount, claim.case.ledger.grants, _money(desk, 0)
    )
    money = reimbursed(claim.case, desk.order.currency, reversed_.at) if command.reverse_money else ()
    return [reversed_, *money, ClaimClosed(claim.case.claim_id, reversed_.at)]


def _grant(command: DecideAppeal, claim: Appealed, desk: Desk) -> Answer:
    """Reverse a denial or a refusal: grant an amount, never more than is left."""
    case, policy = claim.case, _policy(claim, desk)
    subject = desk.subject(case)
    amount = command.amount or subject.money(rest_minor(subject, case))
    if refusal := impossible(amount, case, desk, rule="C12"):
        return refusal
    explanation = (
        *_looked_at(command, claim, desk, fact("granted_amount", amount, _source(command))),
        gather.amount(subject, case, policy, min(command.at, desk.now)),
        gather.funding(subject, policy),
    )
    missing = subject.money(max(0, amount.amount_minor - case.ledger.compensated_minor))
    reversed_ = _reversed(command, claim, desk, explanation, amount, case.ledger.grants + 1, missing)
    return [reversed_, *paid(reversed_, ("C12",)), ClaimClosed(case.claim_id, reversed_.at)]


def _reversed(
    command: DecideAppeal,
    claim: Appealed,
    desk: Desk,
    explanation: Explanation,
    amount: Money,
    ordinal: int,
    compensation: Money,
) -> AppealReversed:
    case = claim.case
    return AppealReversed(
        claim_id=case.claim_id,
        first_outcome=first_outcome(claim),
        reverse_money=command.reverse_money,
        reverse_defect=command.reverse_defect,
        ordinal=ordinal,
        lines=case.filing.lines,
        amount=amount,
        compensation=compensation,
        funding=outcome(explanation).funding or "seller",
        policy_id=_policy(claim, desk).policy_id,
        explanation=explanation,
        at=max(desk.now, command.at),
        actor=command.actor,
        reasons=command.reasons,
    )


def first_outcome(claim: Appealed) -> FirstOutcome:
    """Name the decision that is appealed."""
    return claim.was.shape


def _policy(claim: Appealed, desk: Desk) -> Policy:
    return desk.policies.in_force(desk.order.marketplace_id, claim.source.at)


def _looked_at(command: DecideAppeal, claim: Appealed, desk: Desk, *more: Fact) -> tuple[Finding, ...]:
    """Write down all five grounds, the appeal, and what was decided on it."""
    policy, first, decided = _policy(claim, desk), claim.was, _source(command)
    appeal = [
        fact("first_outcome", first_outcome(claim)),
        fact("first_decided_by", first.decided_by),
        fact("decided_by", command.actor.id, decided),
        fact("appealed_by", claim.by, claim.source),
        fact("appealed_at", claim.source.at, claim.source),
        fact("appeal_until", first.closes_at),
    ]
    verdict = [
        fact("first_outcome", first_outcome(claim)),
        fact("reverse_money", command.reverse_money, decided),
        fact("reverse_defect", command.reverse_defect, decided),
        *more,
    ]
    judged_at = min(command.at, desk.now)
    return (
        *gather.grounds(desk.subject(claim.case), claim.case, policy, judged_at),
        gather.find("C11", appeal, policy),
        gather.find("C12", verdict, policy),
    )


def _money(desk: Desk, amount_minor: int) -> Money:
    return Money(amount_minor, desk.order.currency)


def _source(command: DecideAppeal) -> Source:
    return Source(command.command_id, command.at)
