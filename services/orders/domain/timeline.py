"""What is to come of an order as it stands: its timers, the deadlines people see, and what each may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, assert_never

from services.orders.domain.events import TimerCanceled, TimerSet
from services.orders.domain.model import (
    Canceled,
    OrderRow,
    Pending,
    Released,
    TimerKind,
    Unplaced,
    open_units,
)
from shared.values import dataclass

Then = Literal["order_released", "order_canceled", "lines_canceled", "ship_by_warned"]

_THEN: Mapping[TimerKind, Then] = {
    "hold_end": "order_released",
    "verification_due": "order_canceled",
    "ship_by_warning": "ship_by_warned",
    "ship_confirmation_due": "order_canceled",
}
_THEN_OF_SHIPPED: Mapping[TimerKind, Then] = {**_THEN, "ship_confirmation_due": "lines_canceled"}


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant, and the fact that would follow."""

    kind: TimerKind
    due_at: datetime
    then: Then


def release_at(row: OrderRow, order: Pending) -> datetime | None:
    """Return the release instant, the later of hold end and verification (T4); None while unverified."""
    return None if row.verified_at is None else max(order.hold_ends_at, row.verified_at)


def timers(row: OrderRow) -> dict[TimerKind, datetime]:
    """Return the timers that stand in this state."""
    order = row.order
    match order:
        case Unplaced() | Canceled():
            return {}
        case Pending():
            released_at = release_at(row, order)
            if released_at is not None:
                return {"hold_end": released_at}
            return {"hold_end": order.hold_ends_at, "verification_due": order.verification_expires_at}
        case Released():
            return _timers_of_released(order)
        case _:
            assert_never(order)


def _timers_of_released(order: Released) -> dict[TimerKind, datetime]:
    if not open_units(order):
        return {}
    if order.warned:
        return {"ship_confirmation_due": order.expires_at}
    return {"ship_by_warning": order.warn_at, "ship_confirmation_due": order.expires_at}


def timer_changes(before: OrderRow, after: OrderRow, now: datetime) -> Sequence[TimerSet | TimerCanceled]:
    """Say which timers to cancel and to set. One that is due already has fired, and is asked nothing then."""
    if before is after:
        return ()
    stood, stands = timers(before).items(), timers(after).items()
    gone = [TimerCanceled(*timer) for timer in stood if timer not in stands and timer[1] > now]
    return [*gone, *(TimerSet(*timer) for timer in stands if timer not in stood)]


def deadlines(row: OrderRow, at: datetime) -> Sequence[Deadline]:
    """Return what is still to come at `at`, each with what follows from it, the soonest first."""
    order = row.order
    due = timers(row)
    if isinstance(order, Released) and "ship_confirmation_due" in due:
        due["ship_confirmation_due"] = order.confirm_by
    then = _THEN_OF_SHIPPED if isinstance(order, Released) and order.shipments else _THEN
    soonest_first = sorted(due.items(), key=lambda timer: timer[1])
    return [Deadline(kind, due_at, then[kind]) for kind, due_at in soonest_first if due_at > at]
