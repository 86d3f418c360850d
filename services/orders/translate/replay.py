"""From our own facts back to the events that they tell of: a stored history replays through `evolve`."""

from __future__ import annotations

from typing import cast

from services.orders.domain.events import (
    CancellationRefused,
    Event,
    LinesCanceled,
    OrderCanceled,
    OrderDelivered,
    OrderReceived,
    OrderReleased,
    OrderShipped,
    PromiseChanged,
    ShipByWarned,
    ShipmentConfirmed,
    ShipmentDelivered,
    StockReleased,
    StockReserved,
    VerificationDelayed,
)
from services.orders.domain.model import (
    Actor,
    CanceledBy,
    CancelReason,
    FileRow,
    Money,
    Placed,
    Policy,
    Shipment,
    Unplaced,
    World,
)
from services.orders.domain.placing import received
from services.orders.domain.releasing import ship_by_of
from services.orders.translate.inward import line_of, quantities_of
from services.orders.translate.policies import Policies
from shared.contracts import inventory, orders
from shared.contracts.data import Data


def event_of(fact: Data, world: World, policies: Policies) -> Event | None:
    """Return the event that one of our facts told of, on the world as it stood; None if it changed nothing."""
    match fact:
        case orders.OrderReceived():
            return _received(fact, policies)
        case orders.OrderReleased() if not isinstance(world.order, Unplaced):
            return _released(fact, world.order.placed, policies.of(world.order.placed))
        case orders.OrderCanceled() | orders.LinesCanceled():
            return _canceled(fact)
        case orders.ShipmentConfirmed():
            return _confirmed(fact)
        case inventory.StockReserved() | inventory.StockReleased():
            event = StockReserved if isinstance(fact, inventory.StockReserved) else StockReleased
            return event(fact.seller_id, fact.sku, fact.quantity, fact.at)
        case _:
            return _small(fact)


def _small(fact: Data) -> Event | None:
    event: Event | None = None
    match fact:
        case orders.VerificationDelayed():
            event = VerificationDelayed(fact.at, fact.cause)
        case orders.CancellationRefused():
            event = CancellationRefused(fact.requested_at, fact.reason)
        case orders.OrderShipped():
            event = OrderShipped(fact.at)
        case orders.PromiseChanged():
            event = PromiseChanged(fact.at, fact.shipment_id, fact.promised_date)
        case orders.ShipmentDelivered():
            event = ShipmentDelivered(fact.shipment_id, quantities_of(fact.lines), fact.delivered_at)
        case orders.OrderDelivered():
            event = OrderDelivered(fact.at)
        case orders.ShipByWarned():
            event = ShipByWarned(fact.at, fact.confirm_by)
        case _:
            pass
    return event


def _received(fact: orders.OrderReceived, policies: Policies) -> OrderReceived:
    placed = Placed(
        order_id=fact.order_id,
        marketplace_id=fact.marketplace_id,
        policy_id=fact.policy_id,
        buyer_id=fact.buyer_id,
        seller_id=fact.seller_id,
        placed_at=fact.placed_at,
        fulfilment=fact.fulfilment,
        lines=tuple(line_of(item) for item in fact.items),
        ship_to_country=fact.ship_to_country,
        ship_from_country=fact.ship_from_country,
        ship_method=fact.ship_method,
        expected_ship_date=fact.expected_ship_date,
        delivery_from=fact.delivery_from,
        delivery_to=fact.delivery_to,
    )
    return received(placed, policies.of(placed))


def _released(fact: orders.OrderReleased, placed: Placed, policy: Policy) -> OrderReleased:
    ship_by = ship_by_of(placed.placed_at, fact.expected_ship_date, policy)
    return OrderReleased(
        at=fact.at,
        expected_ship_date=fact.expected_ship_date,
        delivery_from=fact.delivery_from,
        delivery_to=fact.delivery_to,
        confirm_by=fact.confirm_by,
        warn_at=ship_by.warn_at,
        expires_at=ship_by.expires_at,
    )


def _canceled(fact: orders.OrderCanceled | orders.LinesCanceled) -> OrderCanceled | LinesCanceled:
    event = OrderCanceled if isinstance(fact, orders.OrderCanceled) else LinesCanceled
    return event(
        at=fact.at,
        reason=cast("CancelReason", fact.reason),
        by=cast("CanceledBy", fact.by),
        lines=quantities_of(fact.lines),
        counts_in_cancellation_rate=fact.counts_in_cancellation_rate,
        amount=Money(fact.amount.amount_minor, fact.amount.currency),
        claim_id=fact.claim_id,
    )


def _confirmed(fact: orders.ShipmentConfirmed) -> ShipmentConfirmed:
    shipment = Shipment(
        shipment_id=fact.shipment_id,
        command_id=fact.command_id,
        carrier=fact.carrier or "",
        method=fact.method or "",
        tracking_number=fact.tracking_number or "",
        shipped_at=fact.shipped_at,
        label=fact.label,
        lines=quantities_of(fact.lines),
        tracking_valid=fact.tracking_valid,
        trackable=fact.trackable,
    )
    source = FileRow(fact.source.file_id, fact.source.row) if fact.source else None
    return ShipmentConfirmed(fact.at, Actor(fact.actor.kind, fact.actor.id), shipment, source)
