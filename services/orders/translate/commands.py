"""From commands on Kafka to the domain's, and the orders and people that they are about."""

from __future__ import annotations

from services.orders.domain.inputs import (
    CancelOrder,
    ChangeAddress,
    Command,
    ConfirmShipment,
    LeaveFeedback,
    RefundOrder,
)
from services.orders.domain.model import Actor, FileRow, Money, Quantity
from shared.contracts import orders
from shared.contracts.data import Actor as SaidActor
from shared.contracts.data import Data
from shared.contracts.facts import Line as SaidLine
from shared.contracts.money import Money as SaidMoney

COMMANDS = (
    orders.ConfirmShipment,
    orders.CancelOrder,
    orders.ChangeAddress,
    orders.RefundOrder,
    orders.LeaveFeedback,
)


def command_of(data: Data) -> Command | None:
    """Return the command that a message is; None if it is none of ours."""
    match data:
        case orders.ConfirmShipment():
            return _confirmation(data)
        case orders.CancelOrder():
            asked = data.command_id, data.at, actor_of(data.actor)
            return CancelOrder(*asked, note=data.reason, lines=quantities_of(data.lines))
        case orders.ChangeAddress():
            asked = data.command_id, data.at, actor_of(data.actor)
            return ChangeAddress(*asked, data.message_id, data.ship_to.country)
        case orders.RefundOrder():
            asked = data.command_id, data.at, actor_of(data.actor)
            lines = quantities_of(data.lines)
            return RefundOrder(*asked, money_of(data.amount), note=data.reason, lines=lines)
        case orders.LeaveFeedback():
            asked = data.command_id, data.at, actor_of(data.actor)
            return LeaveFeedback(*asked, data.rating, data.text)
        case _:
            return None


def _confirmation(data: orders.ConfirmShipment) -> ConfirmShipment:
    return ConfirmShipment(
        command_id=data.command_id,
        at=data.at,
        actor=actor_of(data.actor),
        shipment_id=data.shipment_id,
        carrier=data.carrier or "",
        method=data.method or "",
        tracking_number=data.tracking_number or "",
        shipped_at=data.shipped_at,
        label=data.label,
        lines=quantities_of(data.lines),
        source=FileRow(data.source.file_id, data.source.row) if data.source else None,
    )


def actor_of(actor: SaidActor) -> Actor:
    """Return who gives a command."""
    return Actor(actor.kind, actor.id)


def quantities_of(lines: tuple[SaidLine, ...]) -> tuple[Quantity, ...]:
    """Return lines as the domain counts them."""
    return tuple(Quantity(line.order_item_id, line.quantity) for line in lines)


def money_of(money: SaidMoney) -> Money:
    """Return an amount as the domain has it."""
    return Money(money.amount_minor, money.currency)
