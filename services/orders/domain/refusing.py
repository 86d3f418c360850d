"""How a command is answered with "no", and what every command is asked first: its date, and who gives it (T5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from services.orders.domain.events import CommandRefused
from services.orders.domain.inputs import (
    CancelOrder,
    ChangeAddress,
    Command,
    ConfirmShipment,
    LeaveFeedback,
    RefundOrder,
)
from services.orders.domain.model import Canceled, Order, Placed, Quantity, Released, open_units
from services.orders.domain.refusals import CommandName, Param, RefusalReason
from services.orders.domain.releasing import release_if_due
from services.orders.domain.story import Story
from shared.values import dataclass

Role = Literal["buyer", "seller", "support"]

NAMES: Mapping[type[Command], CommandName] = {
    ConfirmShipment: "confirm_shipment",
    CancelOrder: "cancel_order",
    ChangeAddress: "change_address",
    RefundOrder: "refund_order",
    LeaveFeedback: "leave_feedback",
}
MAY: Mapping[CommandName, tuple[Role, ...]] = {
    "confirm_shipment": ("seller",),
    "cancel_order": ("seller", "buyer", "support"),
    "change_address": ("seller", "support"),
    "refund_order": ("seller",),
    "leave_feedback": ("buyer",),
}
"""Who may give a command at all: of sellers and buyers only the order's own."""


@dataclass(frozen=True, slots=True)
class No:
    """Why a command can't be: the reason, and what would help."""

    reason: RefusalReason
    params: tuple[tuple[str, Param], ...] = ()


def refuse(story: Story, command: Command, no: No) -> None:
    """Answer a command with "no". An order whose release is due is released first: so it is what may be done."""
    release_if_due(story, story.now)
    subject = None
    if isinstance(command, ConfirmShipment):
        subject = command.shipment_id
    elif isinstance(command, ChangeAddress):
        subject = command.message_id
    name = NAMES[type(command)]
    story.tell(CommandRefused(name, command.command_id, story.now, no.reason, no.params, subject))


def not_allowed(story: Story, placed: Placed, command: Command) -> No | None:
    """Refuse what is dated ahead of the clock, or given by somebody else."""
    if command.at > story.now + story.policy.ahead_max:
        return No("in_the_future")
    roles = MAY[NAMES[type(command)]]
    kind, person = command.actor.kind, command.actor.id
    if kind not in roles:
        return No(_only(roles))
    own = {"seller": placed.seller_id, "buyer": placed.buyer_id}
    if kind in own and person != own[kind]:
        return No("not_the_seller" if kind == "seller" else "not_the_buyer")
    return None


def _only(roles: tuple[Role, ...]) -> RefusalReason:
    if roles == ("seller",):
        return "not_the_seller"
    return "not_the_buyer" if roles == ("buyer",) else "not_permitted"


def unknown_line(placed: Placed, lines: Iterable[Quantity]) -> No | None:
    """Refuse lines that the order has not."""
    items = placed.by_item
    unknown = next((line.order_item_id for line in lines if line.order_item_id not in items), None)
    return None if unknown is None else No("unknown_line", (("order_item_id", unknown),))


def not_shippable(order: Order, at: datetime, *, is_open: bool = False) -> No | None:
    """Say why nothing of an order may be shipped, or kept from being shipped, at an instant.

    With `is_open`, also when nothing is left that could be.
    """
    if isinstance(order, Canceled):
        return No("order_canceled")
    if not isinstance(order, Released) or at < order.released_at:
        return No("order_pending")
    if not open_units(order):
        return No("order_shipped") if is_open else None
    return No("too_late", (("until", order.confirm_by),)) if at >= order.confirm_by else None
