"""A second, naive model of H1 and H2: it reads all facts at once and counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.contracts import claims, messaging, orders
from shared.contracts.data import Data

_ZONES = {"us": "America/Los_Angeles", "cn": "Asia/Shanghai", "jp": "Asia/Tokyo"}
Numbers = tuple[int, int]


def recount(facts: Sequence[Data], now: datetime) -> tuple[Numbers, Numbers, Numbers]:
    """Return numerator and denominator of the three rates, for one seller."""
    defective = canceled = released = released_in_week = in_time = contacts = 0
    for received in _every(facts, orders.OrderReceived):
        own = [fact for fact in facts if getattr(fact, "order_id", None) == received.order_id]
        zone = ZoneInfo(_ZONES[received.marketplace_id])
        today, day = now.astimezone(zone).date(), received.placed_at.astimezone(zone).date()
        if _every(own, orders.OrderReleased) and _within(day, today, 60):
            released += 1
            defective += _has_defect(own)
        if _every(own, orders.OrderReleased) and _within(day, today, 7):
            released_in_week += 1
        counting = [fact.at for fact in _every(own, orders.Cancellation) if fact.counts_in_cancellation_rate]
        if counting and _every(own, orders.OrderReleased):
            canceled += _within(min(counting).astimezone(zone).date(), today, 7)
        for contact in _every(own, messaging.ContactOpened):
            if _within(contact.opened_at.astimezone(zone).date(), today, 30):
                kind = _answered(contact, own, now)
                contacts += kind is not None
                in_time += kind is True
    return (defective, released), (canceled, released_in_week), (in_time, contacts)


def _within(day: date, today: date, days: int) -> bool:
    return (today - day).days < days


def _has_defect(own: Sequence[Data]) -> bool:
    if any(fact.rating <= 2 for fact in _every(own, orders.FeedbackLeft)):
        return True
    if any(fact.outcome == "buyer_won" for fact in _every(own, orders.ChargebackClosed)):
        return True
    if _every(own, claims.ClaimRefundedBySeller):
        return True
    stands = set()
    for fact in own:
        if isinstance(fact, claims.ClaimGranted) and fact.funding == "seller":
            stands.add(fact.claim_id)
        if isinstance(fact, claims.GrantVoided):
            stands.discard(fact.claim_id)
        if isinstance(fact, claims.AppealReversed) and fact.reverse_defect:
            stands.discard(fact.claim_id)
    return bool(stands)


def _answered(contact: messaging.ContactOpened, own: Sequence[Data], now: datetime) -> bool | None:
    """True: in time; False: not; None: it is in no number."""
    due_at = contact.opened_at + timedelta(hours=48)
    answers = [
        fact.responded_at
        for fact in _every(own, messaging.ContactResponded)
        if fact.contact_id == contact.contact_id
    ]
    ends = [fact.at for fact in _every(own, orders.OrderCanceled)]
    ends += [
        fact.resolved_at
        for fact in _every(own, messaging.ContactResolved)
        if fact.contact_id == contact.contact_id
    ]
    if answers and min(answers) <= due_at:
        return True
    if ends and min(ends) <= due_at:
        return None
    return False if answers or now >= due_at else None


def _every(facts: Iterable[Data], kind: type[Data]) -> list:  # type: ignore[type-arg]
    return [fact for fact in facts if isinstance(fact, kind)]
