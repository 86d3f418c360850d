"""What people may do now, and which clocks run: `actions` and `deadlines` as every fact carries them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.claims.domain.inputs import Side, TimerKind
from services.claims.domain.policy import Policies
from services.claims.domain.state import AwaitingInformation, Claim, OrderState, claim_of
from services.claims.domain.subject import contacts_of, eligible_from, filing_until
from services.claims.domain.timers import Timer, anything, wanted

Actions = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock that runs: at `due_at` a fact of type `then` would follow."""

    kind: TimerKind
    due_at: datetime
    then: str


def claim_actions(state: OrderState, claim_id: str) -> Actions:
    """Say who may do what about a claim."""
    claim = claim_of(state, claim_id)
    if claim is None or claim.shape not in {"under_investigation", "awaiting_information"}:
        return {}
    asked = {role: ("provide_information",) for side in _asked(claim) for role in _ROLES[side]}
    return {**asked, "investigator": ("request_information", "decide_claim")}


_ROLES: Mapping[Side, tuple[str, ...]] = {"buyer": ("buyer", "support"), "seller": ("seller",)}


def _asked(claim: Claim) -> Sequence[Side]:
    if not isinstance(claim, AwaitingInformation):
        return ()
    return [request.asked for request in claim.case.requests if request.request_id in claim.awaited]


def order_actions(state: OrderState, policies: Policies, now: datetime) -> Actions:
    """Say who may file on the order as a whole: the buyer and support, once it is time and while it is."""
    if not _may_file(state, policies, now):
        return {}
    return {"buyer": ("file_claim",), "support": ("file_claim",)}


def _may_file(state: OrderState, policies: Policies, now: datetime) -> bool:
    order = state.dossier.order
    if order is None or order.released is None:
        return False
    subject = anything(state, order, policies.zones[order.marketplace_id])
    policy = policies.in_force(order.marketplace_id, now)
    contacts = contacts_of(state.dossier, "not_received")
    opens_at = eligible_from(subject, policy.filing_wait_days, contacts)
    if opens_at is None or not opens_at <= now < filing_until(subject, policy.filing_window_days):
        return False
    claimed = sum(units.quantity for claim in state.decided.claims for units in claim.case.filing.lines)
    return claimed < subject.units_claimed


def deadlines(
    state: OrderState, policies: Policies, now: datetime, claim_id: str | None
) -> Sequence[Deadline]:
    """List the clocks that run for a claim; without one, those of the order's filing."""
    return [
        Deadline(timer.kind, timer.due_at, _then(timer, state))
        for timer in wanted(state, policies)
        if timer.claim_id == claim_id and timer.due_at > now
    ]


def _then(timer: Timer, state: OrderState) -> str:
    match timer.kind:
        case "filing_opens":
            return "claims.filing_opened.v1"
        case "judge_again":
            return "claims.claim_granted.v1"
        case "appeal_end":
            return "claims.claim_closed.v1"
        case "information_due":
            return "claims.claim_granted.v1" if _grants(timer, state) else "claims.claim_resumed.v1"


def _grants(timer: Timer, state: OrderState) -> bool:
    claim = claim_of(state, timer.claim_id or "")
    if claim is None or claim.case.filing.wanted != "refund":
        return False
    return any(
        request.request_id == timer.subject_id and request.on_silence == "grant"
        for request in claim.case.requests
    )
