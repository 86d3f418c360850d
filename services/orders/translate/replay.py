"""From our own facts back to the events that they tell of: a stored history replays through `evolve`."""

from __future__ import annotations

from typing import cast

from services.orders.domain.events import (
    AddressChanged,
    CancellationRefused,
    ChargebackClosed,
    ChargebackOpened,
    Event,
    FeedbackLeft,
    LinesCanceled,
    OrderCanceled,
    OrderDelivered,
    OrderReceived,
    OrderReleased,
    OrderShipped,
    PromiseChanged,
    RefundRecorded,
    ShipByWarned,
    ShipmentConfirmed,
    ShipmentDelivered,
    StockReleased,
    StockReserved,
    VerificationDelayed,
)
from services.orders.domain.model import (
    Asked,
    CanceledBy,
    CancelReason,
    FileRow,
    Placed,
    Policy,
    Shipment,
    Unplaced,
    World,
)
from services.orders.domain.placing import received
from services.orders.domain.releasing import ship_by_of
from services.orders.translate.commands import actor_of, money_of, quantities_of
from services.orders.translate.inward import line_of
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
            lines = quantities_of(fact.lines or ())
            event = CancellationRefused(fact.requested_at, fact.reason, lines, _asked(fact))
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
            event = _of_account(fact)
    return event


def _of_account(fact: Data) -> Event | None:
    match fact:
        case orders.AddressChanged():
            asked = Asked(fact.command_id, actor_of(fact.actor))
            return AddressChanged(fact.at, asked, fact.message_id, fact.ship_to_country)
        case orders.RefundRecorded():
            return RefundRecorded(
                at=fact.at,
                refund_key=fact.refund_id,
                lines=quantities_of(fact.lines),
                amount=money_of(fact.amount),
                cause=fact.cause,
                claim_id=fact.claim_id,
                contact_id=fact.contact_id,
                asked=_asked(fact),
            )
        case orders.FeedbackLeft():
            asked = Asked(fact.command_id, actor_of(fact.actor))
            return FeedbackLeft(fact.at, asked, fact.rating, fact.text)
        case orders.ChargebackOpened():
            return ChargebackOpened(fact.at, money_of(fact.amount))
        case orders.ChargebackClosed():
            return ChargebackClosed(fact.at, fact.outcome, money_of(fact.amount))
        case _:
            return None


def _asked(fact: orders.Cancellation | orders.CancellationRefused | orders.RefundRecorded) -> Asked | None:
    if fact.command_id is None or fact.actor is None:
        return None
    return Asked(fact.command_id, actor_of(fact.actor), fact.note or "")


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
        amount=money_of(fact.amount),
        claim_id=fact.claim_id,
        asked=_asked(fact),
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
    return ShipmentConfirmed(fact.at, actor_of(fact.actor), shipment, source)
