"""From the contracts to what the domain decides on."""

from __future__ import annotations

from typing import cast, get_args

from services.claims.domain import inputs
from services.claims.domain.inputs import DeadlineExpired, Input, Source
from services.claims.domain.money import Line
from services.claims.translate.commands import command_of, units_of
from shared.contracts import facts, messaging, orders, timer
from shared.contracts.checkout import Item
from shared.contracts.data import Data, OrderCommand
from shared.contracts.envelope import Unreadable
from shared.contracts.facts import PartyFact
from shared.kit.service import Message
from shared.policies.catalogue import Catalogue

NAME = "claims"
_TIMER_KINDS = frozenset(get_args(inputs.TimerKind))


def order_id(message: Message) -> str:
    """Name the order that a message is about."""
    data = message.data
    if isinstance(data, OrderCommand | PartyFact | facts.Refused | timer.DeadlineExpired):
        return data.order_id
    raise TypeError(f"{message.attributes.type} is about no order")


def concerns_us(message: Message) -> bool:
    """Pass over the deadlines of other services, and whatever is about no order."""
    if isinstance(message.data, timer.DeadlineExpired):
        return message.data.owner == NAME
    return isinstance(message.data, OrderCommand | PartyFact | facts.Refused)


def known_marketplace(catalogue: Catalogue, data: Data) -> Unreadable | None:
    """Refuse to read an order of a marketplace that the policies do not know."""
    if not isinstance(data, orders.OrderReceived) or catalogue.knows_marketplace(data.marketplace_id):
        return None
    return Unreadable("unknown_marketplace", "marketplace_id is none that the policies know")


def input_of(message: Message, catalogue: Catalogue) -> Input | None:
    """Read a message; None for what claims only counts."""
    data = message.data
    if isinstance(data, OrderCommand):
        return command_of(data)
    if isinstance(data, timer.DeadlineExpired):
        if data.kind not in _TIMER_KINDS:
            return None
        return DeadlineExpired(cast("inputs.TimerKind", data.kind), data.subject_id, data.due_at)
    if not isinstance(data, PartyFact):
        return None
    source = Source(message.attributes.id, data.at)
    return (
        _of_order(data, source)
        or _of_shipment(data, source)
        or _of_money(data, source)
        or _of_contact(data, source, catalogue)
        or _of_return(data, source)
    )


def _of_order(data: PartyFact, source: Source) -> Input | None:
    match data:
        case orders.OrderReceived():
            return _received(data, source)
        case orders.OrderReleased():
            return inputs.OrderReleased(source, data.expected_ship_date, data.delivery_to)
        case orders.OrderCanceled() | orders.LinesCanceled():
            return inputs.LinesCanceled(
                source, units_of(data.lines), data.amount.amount_minor, data.reason == "claim_granted"
            )
        case _:
            return None


def _received(data: orders.OrderReceived, source: Source) -> Input:
    return inputs.OrderReceived(
        source=source,
        order_id=data.order_id,
        marketplace_id=data.marketplace_id,
        buyer_id=data.buyer_id,
        seller_id=data.seller_id,
        fulfilment=data.fulfilment,
        currency=data.items[0].unit_price.currency,
        lines=tuple(_line(item) for item in data.items),
        expected_ship_date=data.expected_ship_date,
        edd=data.delivery_to,
    )


def _line(item: Item) -> Line:
    paid = item.unit_price.amount_minor * item.quantity + item.shipping.amount_minor + item.tax.amount_minor
    return Line(item.order_item_id, item.quantity, paid)


def _of_shipment(data: PartyFact, source: Source) -> Input | None:
    match data:
        case orders.ShipmentConfirmed():
            return inputs.ShipmentConfirmed(
                source=source,
                shipment_id=data.shipment_id,
                lines=units_of(data.lines),
                shipped_at=data.shipped_at,
                label=data.label,
                trackable=data.trackable,
                tracking_valid=data.tracking_valid,
            )
        case orders.PromiseChanged():
            return inputs.PromiseChanged(source, data.shipment_id, data.promised_date)
        case orders.ShipmentDelivered():
            return inputs.ShipmentDelivered(source, data.shipment_id, data.delivered_at)
        case _:
            return None


def _of_money(data: PartyFact, source: Source) -> Input | None:
    match data:
        case orders.RefundRecorded():
            return inputs.RefundRecorded(
                source, data.refund_id, units_of(data.lines), data.amount.amount_minor, data.claim_id
            )
        case orders.ChargebackOpened():
            return inputs.ChargebackOpened(source)
        case orders.ChargebackClosed():
            return inputs.ChargebackClosed(source, data.outcome, data.amount.amount_minor)
        case _:
            return None


def _of_return(data: PartyFact, source: Source) -> Input | None:
    match data:
        case messaging.ReturnAnswered():
            lines = units_of(data.lines)
            return inputs.ReturnAnswered(source, data.contact_id, lines, data.answer, data.answered_at)
        case messaging.ReturnShipped():
            return inputs.ReturnShipped(source, data.contact_id, units_of(data.lines), data.shipped_at)
        case messaging.ReturnReceived():
            return inputs.ReturnReceived(source, data.contact_id, units_of(data.lines), data.received_at)
        case _:
            return None


def _of_contact(data: PartyFact, source: Source, catalogue: Catalogue) -> Input | None:
    match data:
        case messaging.ContactOpened():
            policy = catalogue.policy(data.policy_id)
            return inputs.ContactOpened(
                source=source,
                contact_id=data.contact_id,
                channel=data.channel,
                about=data.issue,
                opened_at=data.opened_at,
                respond_by=data.respond_by,
                settle_by=data.opened_at + policy.claims.contact_wait,
                policy_id=data.policy_id,
            )
        case messaging.ContactResponded():
            return inputs.ContactResponded(source, data.contact_id, data.responded_at)
        case messaging.ContactResolved():
            return inputs.ContactResolved(source, data.contact_id, data.resolved_at)
        case _:
            return None
