"""Canceling an order or some of its lines, for whatever reason; and when what is left is thereby shipped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.orders.domain.events import (
    CancellationRefusal,
    CancellationRefused,
    EarlyNewsKept,
    LinesCanceled,
    OrderCanceled,
    OrderDelivered,
    OrderShipped,
)
from services.orders.domain.inputs import ClaimGranted
from services.orders.domain.model import (
    Canceled,
    CanceledBy,
    CancellationRequested,
    CancelReason,
    Money,
    Pending,
    Quantity,
    Released,
    Status,
    Unplaced,
    open_units,
    status_of,
)
from services.orders.domain.releasing import release_if_due
from services.orders.domain.stock import give_back
from services.orders.domain.story import Story

BY: Mapping[CancelReason, CanceledBy] = {
    "buyer": "buyer",
    "out_of_stock": "marketplace",
    "payment_refused": "payment",
    "fraud": "payment",
    "verification_expired": "marketplace",
    "ship_confirmation_expired": "marketplace",
    "claim_granted": "marketplace",
}


def cancel(
    story: Story,
    at: datetime,
    reason: CancelReason,
    units: Mapping[str, int] | None = None,
    claim_id: str | None = None,
) -> None:
    """Cancel these units by order item (None: all that are neither shipped nor canceled), dated `at`."""
    order = story.world.order
    if not isinstance(order, Pending | Released):
        return
    left = open_units(order)
    chosen = left if units is None else units
    lines = tuple(Quantity(item, chosen[item]) for item in left if chosen.get(item))
    if not lines:
        return
    before = status_of(order)
    all_of_it = chosen == left and not (isinstance(order, Released) and order.shipments)
    story.tell(
        (OrderCanceled if all_of_it else LinesCanceled)(
            at=at,
            reason=reason,
            by=BY[reason],
            lines=lines,
            counts_in_cancellation_rate=reason == "ship_confirmation_expired",
            amount=_not_charged(order, lines, reason),
            claim_id=claim_id,
        )
    )
    give_back(story, order.placed, lines, at)
    tell_progress(story, before, at)


def _not_charged(order: Pending | Released, lines: tuple[Quantity, ...], reason: CancelReason) -> Money:
    """What the buyer need not pay for the lines; nothing after a grant, which has compensated them (C10)."""
    if reason == "claim_granted":
        return Money(0, order.placed.currency)
    canceled = order.canceled if isinstance(order, Released) else {}
    placed = {line.order_item_id: line for line in order.placed.lines}
    amount = 0
    for line in lines:
        gone = canceled.get(line.order_item_id, 0)
        of = placed[line.order_item_id].amount_of
        amount += of(gone + line.quantity) - of(gone)
    return Money(amount, order.placed.currency)


def tell_progress(story: Story, before: Status | None, at: datetime) -> None:
    """Say that all that is not canceled is now shipped, or delivered."""
    order = story.world.order
    if not isinstance(order, Released):
        return
    status = status_of(order)
    if status in {"Shipped", "Delivered"} and before not in {"Shipped", "Delivered"}:
        story.tell(OrderShipped(at))
    if status == "Delivered" and before != "Delivered":
        scans = [shipment.delivered_at for shipment in order.shipments if shipment.delivered_at is not None]
        story.tell(OrderDelivered(max([at, *scans])))


def hear_cancellation(story: Story, heard: CancellationRequested) -> None:
    """The buyer asks: granted if asked before the release and nothing is confirmed as shipped (O2)."""
    release_if_due(story, heard.requested_at)
    order = story.world.order
    match order:
        case Unplaced():
            if heard not in order.early:
                story.tell(EarlyNewsKept(heard))
        case Pending():
            expired = (
                story.world.row.verified_at is None and heard.requested_at >= order.verification_expires_at
            )
            if not expired:
                cancel(story, heard.requested_at, "buyer")
        case Released():
            _asked_of_released(story, order, heard.requested_at)
        case Canceled():
            pass


def _asked_of_released(story: Story, order: Released, requested_at: datetime) -> None:
    if requested_at < order.released_at and not order.shipments:
        cancel(story, requested_at, "buyer")
    elif order.wished_at is None or requested_at > order.wished_at:
        why: CancellationRefusal = "released" if requested_at >= order.released_at else "shipped"
        story.tell(CancellationRefused(requested_at, why))


def hear_grant(story: Story, heard: ClaimGranted) -> None:
    """What of a granted claim's lines is not yet shipped is canceled, with nothing further to pay (C10)."""
    order = story.world.order
    if not isinstance(order, Released) or heard.claim_id in story.world.row.claims_applied:
        return
    left = open_units(order)
    units: dict[str, int] = {}
    for line in heard.lines:
        item = line.order_item_id
        units[item] = min(left.get(item, 0), units.get(item, 0) + line.quantity)
    granted = {item: count for item, count in units.items() if count}
    cancel(story, heard.at, "claim_granted", granted, heard.claim_id)
