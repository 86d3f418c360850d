"""Granting and voiding: which money moves (C6, C10, C15).

A seller-funded grant is one debit of its amount; the buyer is paid what this claim has not paid already. A void
gives the standing debit back, whole; the buyer keeps what was paid, and the marketplace bears it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from services.claims.domain.events import (
    AppealReversed,
    BuyerCompensated,
    ClaimGranted,
    Event,
    GrantVoided,
    SellerDebited,
    SellerReimbursed,
)
from services.claims.domain.explanation import Explanation
from services.claims.domain.inputs import Actor
from services.claims.domain.money import Money
from services.claims.domain.outcome import outcome
from services.claims.domain.state import Case, Granted

_WHY = ("C9", "C6.1", "C6.2", "C6.3", "C6.4", "C6.5")


def grant(
    case: Case,
    explanation: Explanation,
    *,
    currency: str,
    at: datetime,
    appeal_window: timedelta,
    actor: Actor | None = None,
    reasons: tuple[str, ...] = (),
) -> Sequence[Event]:
    """Grant what the explanation comes to."""
    found = outcome(explanation)
    funding = found.funding or "seller"
    missing = max(0, found.amount_minor - case.ledger.compensated_minor)
    granted = ClaimGranted(
        claim_id=case.claim_id,
        ordinal=case.ledger.grants + 1,
        lines=case.filing.lines,
        amount=Money(found.amount_minor, currency),
        compensation=Money(missing, currency),
        funding=funding,
        automatic=found.automatic,
        policy_id=case.filing.policy_id,
        explanation=explanation,
        at=at,
        closes_at=at + appeal_window,
        actor=actor,
        reasons=reasons,
    )
    return [granted, *paid(granted, rules_of(explanation, automatic=found.automatic))]


def paid(granted: ClaimGranted | AppealReversed, rules: tuple[str, ...]) -> Iterator[Event]:
    """Say which money a grant moves. Nothing of amount 0 is sent."""
    if granted.funding == "seller" and granted.amount.amount_minor:
        yield SellerDebited(
            granted.claim_id,
            granted.ordinal,
            granted.amount,
            rules,
            granted.policy_id,
            granted.at,
        )
    if granted.compensation.amount_minor:
        yield BuyerCompensated(
            granted.claim_id, granted.ordinal, granted.compensation, granted.funding, granted.at
        )


def rules_of(explanation: Explanation, *, automatic: bool) -> tuple[str, ...]:
    """Name the rules that a debit stands on: the grounds that hold, or the investigator's decision."""
    held = {finding.rule for finding in explanation if finding.holds}
    return tuple(rule for rule in _WHY if rule in held and automatic != (rule == "C9"))


def void(
    claim: Granted, explanation: Explanation, *, currency: str, answered_at: datetime, at: datetime
) -> Sequence[Event]:
    """Take a grant back: the seller gets back what was debited, the buyer keeps the money."""
    case = claim.case
    standing = [debit for debit in case.ledger.standing if debit.amount_minor]
    voided = GrantVoided(
        claim_id=case.claim_id,
        ordinal=case.ledger.grants,
        amount=Money(sum(debit.amount_minor for debit in standing), currency),
        funding=claim.funding,
        policy_id=case.filing.policy_id,
        explanation=explanation,
        answered_at=answered_at,
        at=at,
    )
    return [voided, *reimbursed(case, currency, at)]


def reimbursed(case: Case, currency: str, at: datetime) -> Iterator[Event]:
    """Give back what was debited and stands, exactly."""
    for debit in case.ledger.standing:
        if debit.amount_minor:
            yield SellerReimbursed(case.claim_id, debit.ordinal, Money(debit.amount_minor, currency), at)
