"""From what is heard to the domain's inputs."""

from __future__ import annotations

from typing import cast, get_args

from services.messaging.domain.inputs import (
    AnswerReturn,
    ClaimFiled,
    Command,
    DeadlineExpired,
    Input,
    MoneyReturned,
    OrderCanceled,
    OrderReceived,
    OrderReleased,
    ParcelDelivered,
    ReceiveReturn,
    RequestReturn,
    ResolveContact,
    ReturnRequired,
    SendMessage,
    ShipReturn,
)
from services.messaging.domain.model import Actor, Line, MoneyBack, TimerKind, Units
from services.messaging.domain.parcels import number_key
from shared.contracts import carriers, checkout, claims, facts, messaging, orders, timer
from shared.contracts import data as contracts
from shared.contracts.data import OrderCommand
from shared.contracts.facts import PartyFact
from shared.kit.service import Message

NAME = "messaging"
"""The name under which this service asks for its timers."""
_TIMER_KINDS = frozenset(get_args(TimerKind))


def order_id(message: Message) -> str:
    """Name the order that a message is about."""
    data = message.data
    if isinstance(data, OrderCommand | PartyFact | facts.Refused | timer.DeadlineExpired):
        return data.order_id
    raise TypeError(f"{message.attributes.type} is about no order")


def concerns_us(message: Message) -> bool:
    """Pass over the deadlines of other services, parcels under way, and whatever is about no order."""
    data = message.data
    if isinstance(data, timer.DeadlineExpired):
        return data.owner == NAME
    if isinstance(data, carriers.Milestone):
        return data.milestone == "delivered" and number_key(data.carrier, data.tracking_number) != ""
    return isinstance(data, OrderCommand | PartyFact | facts.Refused)


def input_of(message: Message) -> Input | None:
    """Read a message; None for what messaging only counts."""
    data = message.data
    if isinstance(data, OrderCommand):
        return _command(data)
    match data:
        case orders.OrderReceived():
            return _order_received(data)
        case orders.OrderReleased():
            return OrderReleased(data.at)
        case orders.OrderCanceled():
            return OrderCanceled(data.at)
        case timer.DeadlineExpired() if data.kind in _TIMER_KINDS:
            return DeadlineExpired(cast("TimerKind", data.kind), data.subject_id, data.due_at)
        case _:
            return _of_money_and_parcels(message)


def _of_money_and_parcels(message: Message) -> Input | None:
    data = message.data
    match data:
        case orders.LinesCanceled():
            id_, lines = message.attributes.id, units(data.lines)
            return MoneyReturned(MoneyBack(id_, data.at, lines, data.amount.amount_minor, canceled=True))
        case orders.RefundRecorded():
            return MoneyReturned(_refund(data))
        case claims.ClaimFiled():
            return ClaimFiled(data.claim_id, tuple(line.order_item_id for line in data.lines))
        case claims.ReturnRequired():
            return ReturnRequired(data.claim_id, data.at)
        case carriers.Milestone():
            return ParcelDelivered(data.carrier, data.tracking_number, (data.occurred_at,))
        case _:
            return None


def _refund(data: orders.RefundRecorded) -> MoneyBack:
    return MoneyBack(
        money_id=data.refund_id,
        at=data.at,
        lines=units(data.lines),
        amount_minor=data.amount.amount_minor,
        contact_id=data.contact_id if data.cause == "return" else None,
    )


def _order_received(data: orders.OrderReceived) -> OrderReceived:
    return OrderReceived(
        order_id=data.order_id,
        marketplace_id=data.marketplace_id,
        buyer_id=data.buyer_id,
        seller_id=data.seller_id,
        placed_at=data.placed_at,
        ship_to_country=data.ship_to_country,
        lines=tuple(_line(item) for item in data.items),
    )


def _line(item: checkout.Item) -> Line:
    return Line(
        order_item_id=item.order_item_id,
        quantity=item.quantity,
        unit_price_minor=item.unit_price.amount_minor,
        shipping_minor=item.shipping.amount_minor,
        tax_minor=item.tax.amount_minor,
    )


# ------------------------------------------------------------------------------------------------ commands


def _command(data: OrderCommand) -> Command | None:
    match data:
        case messaging.SendMessage():
            return _send_message(data)
        case messaging.ResolveContact():
            return ResolveContact(data.command_id, data.at, actor(data.actor), data.contact_id)
        case _:
            return _return_command(data)


def _return_command(data: OrderCommand) -> Command | None:
    match data:
        case messaging.RequestReturn():
            return _request_return(data)
        case messaging.AnswerReturn():
            return _answer_return(data)
        case messaging.ShipReturn():
            who = actor(data.actor)
            return ShipReturn(
                data.command_id, data.at, who, data.contact_id, data.carrier, data.tracking_number
            )
        case messaging.ReceiveReturn():
            return ReceiveReturn(data.command_id, data.at, actor(data.actor), data.contact_id)
        case _:
            return None


def _send_message(data: messaging.SendMessage) -> SendMessage:
    return SendMessage(
        command_id=data.command_id,
        at=data.at,
        actor=actor(data.actor),
        message_id=data.message_id,
        contact_id=data.contact_id,
        issue=data.issue,
        text=data.text,
        attachments=data.attachments,
        automatic=data.automatic,
        response_required=data.response_required,
    )


def _request_return(data: messaging.RequestReturn) -> RequestReturn:
    return RequestReturn(
        command_id=data.command_id,
        at=data.at,
        actor=actor(data.actor),
        contact_id=data.contact_id,
        lines=units(data.lines),
        reason=data.reason,
        text=data.text,
    )


def _answer_return(data: messaging.AnswerReturn) -> AnswerReturn:
    return AnswerReturn(
        command_id=data.command_id,
        at=data.at,
        actor=actor(data.actor),
        contact_id=data.contact_id,
        answer=data.answer,
        return_address_country=data.return_address_country,
        prepaid_label=data.prepaid_label,
        text=data.text,
    )


def actor(said: contracts.Actor) -> Actor:
    """Read who did something."""
    return Actor(said.kind, said.id)


def units(lines: tuple[facts.Line, ...]) -> tuple[Units, ...]:
    """Read so many units of each line."""
    return tuple(Units(line.order_item_id, line.quantity) for line in lines)
