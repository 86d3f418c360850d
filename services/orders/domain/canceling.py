"""Canceling an order or some of its lines, for whatever reason; and when what is left is thereby shipped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from services.orders.domain.account import Balance, counted, shares
from services.orders.domain.events import (
    CancellationRefusal,
    CancellationRefused,
    CompensationKept,
    EarlyNewsKept,
    LinesCanceled,
    OrderCanceled,
    OrderDelivered,
    OrderShipped,
)
from services.orders.domain.holding import hold_back
from services.orders.domain.inputs import CancelOrder, ClaimGranted
from services.orders.domain.model import (
    Asked,
    Canceled,
    CanceledBy,
    CancellationRequested,
    CancelReason,
    HeldRefund,
    Money,
    OrderRow,
    Pending,
    Quantity,
    Released,
    Status,
    Unplaced,
    open_units,
    status_of,
)
from services.orders.domain.refusing import (
    No,
    not_allowed,
    not_shippable,
    refuse,
    unknown_line,
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
    "seller": "seller",
    "claim_granted": "marketplace",
}


def cancel(
    story: Story,
    at: datetime,
    reason: CancelReason,
    units: Mapping[str, int] | None = None,
    *,
    claim_id: str | None = None,
    asked: Asked | None = None,
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
    all_of_it = {line.order_item_id: line.quantity for line in lines} == left
    is_end = all_of_it and not (isinstance(order, Released) and order.shipments)
    balance = Balance(story.world.row, order.placed)
    due = 0 if reason == "claim_granted" else balance.not_charged_for(lines)
    amount = min(due, balance.left_minor)
    story.tell(
        (OrderCanceled if is_end else LinesCanceled)(
            at=at,
            reason=reason,
            by="support" if asked is not None and asked.actor.kind == "support" else BY[reason],
            lines=lines,
            counts_in_cancellation_rate=_counts(order, reason, lines, at),
            amount=Money(amount, order.placed.currency),
            claim_id=claim_id,
            asked=asked,
        )
    )
    hold_back(story, HeldRefund(_key(reason, asked, at), lines, due - amount, "seller"))
    give_back(story, order.placed, lines, at)
    tell_progress(story, before, at)


def _counts(
    order: Pending | Released, reason: CancelReason, lines: tuple[Quantity, ...], at: datetime
) -> bool:
    """Not shipped in time counts in the cancellation rate; so does the seller's own, unless it was wished (O9)."""
    if reason != "seller":
        return reason == "ship_confirmation_expired"
    wished = order.wished if isinstance(order, Released) else {}
    return not all(line.order_item_id in wished and wished[line.order_item_id] <= at for line in lines)


def _key(reason: CancelReason, asked: Asked | None, at: datetime) -> str:
    return f"canceled/{asked.command_id if asked else f'{reason}/{at.isoformat()}'}"


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
    """The buyer asks at checkout: granted if asked before the release and nothing is shipped (O2)."""
    release_if_due(story, heard.requested_at)
    order = story.world.order
    if isinstance(order, Unplaced):
        if heard not in order.early:
            story.tell(EarlyNewsKept(heard))
    elif not_wishable(story.world.row, heard.requested_at) is None:
        cancel(story, heard.requested_at, "buyer")
    elif isinstance(order, Released) and _is_news(order, heard.requested_at):
        story.tell(CancellationRefused(heard.requested_at, _why(order, heard.requested_at)))


def _is_news(order: Released, wished_at: datetime) -> bool:
    """Say whether a wish is newer than all, or the first of some line: from then on it was asked for (O9)."""
    oldest = [order.wished.get(line.order_item_id) for line in order.placed.lines]
    is_newest = order.wished_at is None or wished_at > order.wished_at
    return is_newest or any(at is None or wished_at < at for at in oldest)


def not_wishable(row: OrderRow, at: datetime) -> CancellationRefusal | Literal["order_canceled"] | None:
    """Say why a wish of the buyer, dated then, cancels nothing: the order is released, shipped, or canceled.

    One that was not verified in time is canceled from that time on, though the timer may not have said so yet.
    """
    order = row.order
    match order:
        case Pending():
            is_expired = row.verified_at is None and at >= order.verification_expires_at
            return "order_canceled" if is_expired else None
        case Released():
            return None if at < order.released_at and not order.shipments else _why(order, at)
        case Unplaced() | Canceled():
            return "order_canceled"


def _why(order: Released, at: datetime) -> CancellationRefusal:
    return "released" if at >= order.released_at else "shipped"


def cancel_order(story: Story, command: CancelOrder) -> None:
    """The seller cancels what is not shipped (O9), or the buyer wishes it (O2); or hears why that can't be."""
    order = story.world.order
    if isinstance(order, Unplaced):
        return
    no = not_allowed(story, order.placed, command)
    if no is None:
        release_if_due(story, command.at)
        no = unknown_line(order.placed, command.lines)
    if no is None:
        no = _by_seller(story, command) if command.actor.kind == "seller" else _by_wish(story, command)
    if no is not None:
        refuse(story, command, no)


def _by_seller(story: Story, command: CancelOrder) -> No | None:
    order = story.world.order
    no = not_shippable(order, command.at)
    if no is None and isinstance(order, Released):
        no = _more_than_left(order, command.lines)
    if no is None:
        cancel(story, command.at, "seller", counted(command.lines) or None, asked=_asked(command))
    return no


def _by_wish(story: Story, command: CancelOrder) -> No | None:
    order = story.world.order
    why = not_wishable(story.world.row, command.at)
    if why == "order_canceled" or not isinstance(order, Pending | Released):
        return No("order_canceled")
    if why is not None:
        story.tell(CancellationRefused(command.at, why, command.lines, _asked(command)))
        return None
    no = _more_than_left(order, command.lines)
    if no is None:
        cancel(story, command.at, "buyer", counted(command.lines) or None, asked=_asked(command))
    return no


def _asked(command: CancelOrder) -> Asked:
    return Asked(command.command_id, command.actor, command.note)


def _more_than_left(order: Pending | Released, lines: tuple[Quantity, ...]) -> No | None:
    """Refuse what is shipped, canceled, or more than there is; without lines, when nothing is left at all."""
    left = open_units(order)
    shipments = order.shipments if isinstance(order, Released) else ()
    if not left and not lines:
        return No("order_shipped")
    for item, units in counted(lines).items():
        if units > left.get(item, 0) > 0:
            return No("nothing_left", (("left", left[item]),))
        if item not in left:
            is_shipped = any(line.order_item_id == item for one in shipments for line in one.lines)
            return No("order_shipped" if is_shipped else "order_canceled")
    return None


def hear_grant(story: Story, heard: ClaimGranted) -> None:
    """What of a granted claim's lines is not yet shipped is canceled, with nothing further to pay (C10)."""
    row, order = story.world.row, story.world.order
    if isinstance(order, Unplaced):
        return
    paid = shares(order.placed, heard.lines, heard.compensation.amount_minor)
    if any(paid.values()) and heard.compensation_id not in row.heard.compensations:
        story.tell(CompensationKept(heard.compensation_id, heard.claim_id, paid))
    if not isinstance(order, Released) or not heard.is_grant or heard.claim_id in row.heard.claims_applied:
        return
    left = open_units(order)
    units = {item: min(left.get(item, 0), count) for item, count in counted(heard.lines).items()}
    granted = {item: count for item, count in units.items() if count}
    cancel(story, heard.at, "claim_granted", granted, claim_id=heard.claim_id)
