"""From the domain's events to what we say: order facts, stock facts, timers, refusals."""

from __future__ import annotations

from dataclasses import field
from datetime import UTC, datetime
from typing import Any, assert_never

from services.orders.domain.actions import actions
from services.orders.domain.events import (
    AddressChanged,
    CancellationRefused,
    ChargebackClosed,
    ChargebackOpened,
    CommandRefused,
    CompensationKept,
    EarlyNewsKept,
    Event,
    ExtraChargesKept,
    FeedbackLeft,
    HeldRefundDropped,
    LinesCanceled,
    ListingRestored,
    ListingWithdrawn,
    MilestoneKept,
    OrderCanceled,
    OrderDelivered,
    OrderEvent,
    OrderReceived,
    OrderReleased,
    OrderShipped,
    PromiseChanged,
    RefundHeld,
    RefundRecorded,
    RequestKept,
    ReturnKept,
    SellerKept,
    ShipByWarned,
    ShipmentConfirmed,
    ShipmentDelivered,
    StockEvent,
    StockKept,
    StockReleased,
    StockReserved,
    TimerCanceled,
    TimerSet,
    VerificationDelayed,
    VerificationKept,
)
from services.orders.domain.model import Money, OrderRow, Placed, Unplaced, World
from services.orders.domain.timeline import deadlines
from services.orders.templates import words
from services.orders.translate.account_facts import (
    account_fact,
    said_actor,
    said_asked,
    said_lines,
    said_money,
)
from services.orders.translate.inward import OWNER
from shared.contracts import facts, inventory, orders, timer
from shared.contracts.data import OrderCommand
from shared.contracts.topics import INVENTORY_EVENTS, ORDERS_EVENTS, TIMER_COMMANDS
from shared.kit import ids
from shared.kit.service import Outgoing
from shared.values import dataclass


@dataclass(slots=True)
class Speaker:
    """Says what came of one input, as things stand after all of it."""

    world: World
    now: datetime
    _known: dict[datetime, dict[str, Any]] = field(default_factory=dict)

    def say(self, event: Event) -> Outgoing | None:
        """Return the message that tells of an event; None for what stays inside."""
        match event:
            case TimerSet() | TimerCanceled():
                return _timer(event, _placed(self.world).order_id, self.now)
            case StockKept() | StockReserved() | StockReleased() | ListingWithdrawn() | ListingRestored():
                return _stock(event, self.world)
            case EarlyNewsKept() | VerificationKept() | MilestoneKept() | SellerKept():
                return None
            case (
                RequestKept()
                | ReturnKept()
                | ExtraChargesKept()
                | CompensationKept()
                | RefundHeld()
                | HeldRefundDropped()
            ):
                return None
            case CommandRefused():
                return refused(event, self.world.row)
            case _:
                return self._fact(event)

    def _fact(self, event: OrderEvent) -> Outgoing:
        at = instant_of(event)
        about = self._about(at)
        return Outgoing(ORDERS_EVENTS, about["order_id"], _fact(event, about), at=at)

    def _about(self, at: datetime) -> dict[str, Any]:
        """Return what every fact has: looked up once for all facts of an instant."""
        if at not in self._known:
            self._known[at] = _about(_placed(self.world), self.world.row, at)
        return self._known[at]


def _placed(world: World) -> Placed:
    if isinstance(world.order, Unplaced):
        raise TypeError("nothing is said of an order that has not come")
    return world.order.placed


def instant_of(event: OrderEvent) -> datetime:
    """Return when an event happened, in business time."""
    match event:
        case OrderReceived():
            return event.placed.placed_at
        case CancellationRefused():
            return event.requested_at
        case ShipmentDelivered():
            return event.delivered_at
        case _:
            return event.at


def _about(placed: Placed, row: OrderRow, at: datetime) -> dict[str, Any]:
    """Return what every order fact has: whom it is about, and what may be done and will come after it.

    Its parts are plain values: the fact that they go into checks them, and makes models of them, in one go.
    """
    return {
        "order_id": placed.order_id,
        "seller_id": placed.seller_id,
        "buyer_id": placed.buyer_id,
        "at": at,
        "actions": actions(row, at),
        "deadlines": tuple(
            {"kind": one.kind, "due_at": one.due_at, "then": f"orders.{one.then}.v1"}
            for one in deadlines(row, at)
        ),
    }


def _fact(event: OrderEvent, about: dict[str, Any]) -> facts.StateFact:
    match event:
        case OrderReceived():
            return _received(event, about)
        case OrderReleased():
            return orders.OrderReleased(
                **about,
                expected_ship_date=event.expected_ship_date,
                delivery_from=event.delivery_from,
                delivery_to=event.delivery_to,
                confirm_by=event.confirm_by,
            )
        case OrderCanceled() | LinesCanceled():
            fact = orders.OrderCanceled if isinstance(event, OrderCanceled) else orders.LinesCanceled
            return fact(**about, **_cancellation(event))
        case ShipmentConfirmed():
            return _confirmed(event, about)
        case AddressChanged() | RefundRecorded() | FeedbackLeft() | ChargebackOpened() | ChargebackClosed():
            return account_fact(event, about)
        case _:
            return _small_fact(event, about)


def _small_fact(
    event: (
        VerificationDelayed
        | CancellationRefused
        | OrderShipped
        | PromiseChanged
        | ShipmentDelivered
        | OrderDelivered
        | ShipByWarned
    ),
    about: dict[str, Any],
) -> facts.StateFact:
    fact: facts.StateFact
    match event:
        case VerificationDelayed():
            fact = orders.VerificationDelayed(**about, cause=event.cause)
        case CancellationRefused():
            lines = said_lines(event.lines) or None
            wish = about | {"requested_at": event.requested_at, "lines": lines} | said_asked(event.asked)
            fact = orders.CancellationRefused(**wish, reason=event.why)
        case OrderShipped():
            fact = orders.OrderShipped(**about)
        case PromiseChanged():
            fact = orders.PromiseChanged(
                **about, shipment_id=event.shipment_id, promised_date=event.promised_date
            )
        case ShipmentDelivered():
            fact = orders.ShipmentDelivered(
                **about,
                shipment_id=event.shipment_id,
                lines=said_lines(event.lines),
                delivered_at=event.delivered_at,
            )
        case OrderDelivered():
            fact = orders.OrderDelivered(**about)
        case ShipByWarned():
            fact = orders.ShipByWarned(**about, confirm_by=event.confirm_by)
        case _:
            assert_never(event)
    return fact


def _received(event: OrderReceived, about: dict[str, Any]) -> orders.OrderReceived:
    """Return the fact of an order's coming. Its items are read from the order's lines: they have the same names."""
    placed = event.placed
    received = {
        **about,
        "marketplace_id": placed.marketplace_id,
        "placed_at": placed.placed_at,
        "fulfilment": placed.fulfilment,
        "items": placed.lines,
        "ship_to_country": placed.ship_to_country,
        "ship_from_country": placed.ship_from_country,
        "ship_method": placed.ship_method,
        "expected_ship_date": placed.expected_ship_date,
        "delivery_from": placed.delivery_from,
        "delivery_to": placed.delivery_to,
        "policy_id": placed.policy_id,
    }
    return orders.OrderReceived.model_validate(received, from_attributes=True)


def _cancellation(event: OrderCanceled | LinesCanceled) -> dict[str, Any]:
    return {
        "lines": said_lines(event.lines),
        "reason": event.reason,
        "by": event.by,
        "counts_in_cancellation_rate": event.counts_in_cancellation_rate,
        "amount": said_money(event.amount),
        "claim_id": event.claim_id,
        **said_asked(event.asked),
    }


def _confirmed(event: ShipmentConfirmed, about: dict[str, Any]) -> orders.ShipmentConfirmed:
    shipment, source = event.shipment, event.source
    return orders.ShipmentConfirmed(
        **about,
        command_id=shipment.command_id,
        actor=said_actor(event.actor),
        shipment_id=shipment.shipment_id,
        carrier=shipment.carrier or None,
        method=shipment.method or None,
        tracking_number=shipment.tracking_number or None,
        shipped_at=shipment.shipped_at,
        label=shipment.label,
        lines=said_lines(shipment.lines),
        source=orders.FileRow(file_id=source.file_id, row=source.row) if source else None,
        tracking_valid=shipment.tracking_valid,
        trackable=shipment.trackable,
    )


def _stock(event: StockEvent, world: World) -> Outgoing | None:
    fact: type[inventory.StockFact]
    match event:
        case StockKept():
            return None
        case StockReserved():
            fact = inventory.StockReserved
        case StockReleased():
            fact = inventory.StockReleased
        case ListingWithdrawn():
            fact = inventory.ListingWithdrawn
        case ListingRestored():
            fact = inventory.ListingRestored
        case _:
            assert_never(event)
    data = fact(
        at=event.at,
        seller_id=event.seller_id,
        sku=event.sku,
        quantity=event.quantity,
        order_id=None if isinstance(world.order, Unplaced) else world.order.placed.order_id,
    )
    return Outgoing(INVENTORY_EVENTS, event.seller_id, data, at=event.at)


def _timer(event: TimerSet | TimerCanceled, order_id: str, now: datetime) -> Outgoing:
    due_at = event.due_at.astimezone(UTC)
    timer_id = ids.derived(OWNER, event.kind, order_id, due_at.isoformat())
    match event:
        case TimerSet():
            schedule = timer.Schedule(
                timer_id=timer_id,
                kind=event.kind,
                owner=OWNER,
                order_id=order_id,
                subject_id=order_id,
                due_at=due_at,
            )
            return Outgoing(TIMER_COMMANDS, order_id, schedule, at=now)
        case TimerCanceled():
            cancel = timer.Cancel(timer_id=timer_id, order_id=order_id)
            return Outgoing(TIMER_COMMANDS, order_id, cancel, at=now)


def refused(event: CommandRefused, row: OrderRow) -> Outgoing:
    """Answer a command that the order, as it stands, does not allow."""
    if isinstance(row.order, Unplaced):
        raise TypeError("a command waits for its order")
    params = dict(event.params)
    until, max_amount = params.get("until"), params.get("max_amount")
    data = orders.CommandRefused(
        **_about(row.order.placed, row, event.at),
        command_id=event.command_id,
        shipment_id=event.subject_id if event.command == "confirm_shipment" else None,
        message_id=event.subject_id if event.command == "change_address" else None,
        rule=event.rule,
        reason=event.reason,
        message=words(event.reason, params),
        until=until if isinstance(until, datetime) else None,
        max_amount=said_money(max_amount) if isinstance(max_amount, Money) else None,
    )
    return Outgoing(ORDERS_EVENTS, data.order_id, data, at=event.at)


def unknown_order(command: OrderCommand, now: datetime) -> Outgoing:
    """Answer a command whose order did not come in time; it carries no number, for there is nothing to count."""
    data = orders.CommandRefused(
        order_id=command.order_id,
        at=now,
        command_id=command.command_id,
        shipment_id=command.shipment_id if isinstance(command, orders.ConfirmShipment) else None,
        message_id=command.message_id if isinstance(command, orders.ChangeAddress) else None,
        rule="E1",
        reason="unknown_order",
        message=words("unknown_order", {}),
    )
    return Outgoing(ORDERS_EVENTS, command.order_id, data, at=now, sequenced=False)
