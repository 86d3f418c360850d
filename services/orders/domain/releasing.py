"""Release: the hold is over and payment is verified (O2, O7, O8)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.orders.domain.events import OrderReleased, ShipByWarned
from services.orders.domain.model import Pending, Policy
from services.orders.domain.story import Story
from services.orders.domain.timeline import release_at
from shared.values import dataclass

_DAY = timedelta(days=1)


def release_if_due(story: Story, at: datetime) -> None:
    """Release a Pending order whose time came by `at`: what is dated after that finds it released (T5)."""
    order = story.world.order
    if not isinstance(order, Pending):
        return
    due_at = release_at(story.world.row, order)
    if due_at is not None and due_at <= min(at, story.now):
        _release(story, order, due_at)


def _release(story: Story, order: Pending, at: datetime) -> None:
    late = timedelta(days=-((order.hold_ends_at - at) // _DAY))  # rounded up to whole days
    placed = order.placed
    expected_ship_date = placed.expected_ship_date + late
    ship_by = ship_by_of(placed.placed_at, expected_ship_date, story.policy)
    story.tell(
        OrderReleased(
            at=at,
            expected_ship_date=expected_ship_date,
            delivery_from=placed.delivery_from + late,
            delivery_to=placed.delivery_to + late,
            confirm_by=ship_by.confirm_by,
            warn_at=ship_by.warn_at,
            expires_at=ship_by.expires_at,
        )
    )
    if at >= ship_by.warn_at:
        story.tell(ShipByWarned(at, ship_by.confirm_by))


@dataclass(frozen=True, slots=True)
class ShipBy:
    """The clock of shipping: when the seller is warned, the cutoff, and when it takes effect."""

    warn_at: datetime
    confirm_by: datetime
    expires_at: datetime


def ship_by_of(placed_at: datetime, expected_ship_date: date, policy: Policy) -> ShipBy:
    """Return the clock that starts with the release (O11, O12)."""
    confirm_by = _cutoff(placed_at, expected_ship_date, policy)
    return ShipBy(
        warn_at=confirm_by - policy.ship_by_warning,
        confirm_by=confirm_by,
        expires_at=confirm_by + policy.ship_confirmation_settle,
    )


def _cutoff(placed_at: datetime, expected_ship_date: date, policy: Policy) -> datetime:
    """Return until when to confirm the shipment (O11). A window from a date ends at local midnight (T4)."""
    if policy.ship_confirmation_from == "order_date":
        return placed_at + policy.ship_confirmation
    day_after = expected_ship_date + policy.ship_confirmation + _DAY
    midnight = datetime.combine(day_after, time.min, ZoneInfo(policy.time_zone))
    return midnight.astimezone(ZoneInfo("UTC"))
