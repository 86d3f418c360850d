"""Judging a claim by rule: granted when a ground holds, voided when an answer in time takes the last one away (C6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.claims.domain import gather
from services.claims.domain.dossier import Order
from services.claims.domain.events import Event, LateAnswerSeen
from services.claims.domain.explanation import Explanation, Finding, fact
from services.claims.domain.inputs import Source
from services.claims.domain.money import Money
from services.claims.domain.money_moves import grant, void
from services.claims.domain.outcome import outcome
from services.claims.domain.policy import Policies, Policy
from services.claims.domain.state import (
    OPEN,
    Case,
    Claim,
    Closed,
    Granted,
    Open,
    OrderState,
    granted_of,
)
from services.claims.domain.subject import Subject, subject_of
from services.claims.domain.windows import is_read_late
from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a decision may look at: the order as it is known, the policies, and the time."""

    state: OrderState
    order: Order
    policies: Policies
    now: datetime

    @property
    def zone(self) -> str:
        """The marketplace's time zone."""
        return self.policies.zones[self.order.marketplace_id]

    def ahead(self, at: datetime) -> timedelta:
        """Say how far ahead of the clock a command of this date may be (T5)."""
        return self.policies.in_force(self.order.marketplace_id, at).ahead

    def policy(self, case: Case) -> Policy:
        """Return the policy that the claim was filed under."""
        return self.policies.of(case.filing.policy_id)

    def money(self, amount_minor: int) -> Money:
        """Say an amount in the order's currency."""
        return Money(amount_minor, self.order.currency)

    def subject(self, case: Case) -> Subject:
        """Look at a filed claim."""
        return subject_of(self.state, case, self.order, self.zone)


def open_claims(state: OrderState) -> Sequence[Open]:
    """Return the claims that are still to be decided and whose clocks run."""
    return [claim for claim in state.decided.claims if isinstance(claim, OPEN)]


def grant_by_rule(desk: Desk, case: Case, judged_at: datetime) -> Sequence[Event]:
    """Grant if any ground holds now; all five are looked at. While a chargeback runs nothing is decided (C16)."""
    if desk.state.dossier.chargeback is not None:
        return ()
    subject, policy = desk.subject(case), desk.policy(case)
    explanation = (
        *gather.grounds(subject, case, policy, judged_at),
        gather.amount(subject, case, policy, judged_at),
        gather.funding(subject, policy),
    )
    if outcome(explanation).kind != "granted":
        return ()
    return grant(
        case,
        explanation,
        currency=desk.order.currency,
        at=max(desk.now, judged_at),
        appeal_window=policy.appeal_window,
    )


def hear_answer(desk: Desk, claim: Claim, answer: Source, answered_at: datetime) -> Sequence[Event]:
    """Void a grant by rule if, with this answer known, no ground holds any more. A closed claim moves no money."""
    granted = granted_of(claim)
    if granted is None or not granted.automatic:
        return ()
    explanation = _without_silence(desk, granted, answer, answered_at)
    if outcome(explanation).kind != "voided":
        return ()
    if isinstance(claim, Closed):
        return [LateAnswerSeen(claim.case.claim_id, answer, answered_at, desk.now)]
    return void(granted, explanation, currency=desk.order.currency, answered_at=answered_at, at=desk.now)


def _without_silence(desk: Desk, granted: Granted, answer: Source, answered_at: datetime) -> Explanation:
    case, policy = granted.case, desk.policy(granted.case)
    found = gather.grounds(desk.subject(case), case, policy, desk.now)
    return (*found, _taken_back(granted, policy, answer, answered_at, desk.now))


def _taken_back(
    granted: Granted, policy: Policy, answer: Source, answered_at: datetime, now: datetime
) -> Finding:
    facts = [
        fact("granted_at", granted.decided_at),
        fact("held_at_grant", ",".join(granted.held)),
        fact("answered_at", answered_at, answer),
        fact("read_at", now),
        fact("is_read_late", is_read_late(answered_at, now)),
    ]
    return gather.find("C6", facts, policy)
