"""Another address: only as the buyer or support asked by message, once a message (O13)."""

from __future__ import annotations

from services.orders.domain.events import AddressChanged, RequestKept
from services.orders.domain.inputs import AddressRequested, ChangeAddress
from services.orders.domain.model import Asked, OrderRow, Unplaced
from services.orders.domain.refusing import No, not_allowed, not_shippable, refuse
from services.orders.domain.releasing import release_if_due
from services.orders.domain.story import Story


def hear_request(story: Story, heard: AddressRequested) -> None:
    """Remember that the buyer, or support, asked for another address."""
    order = story.world.order
    if isinstance(order, Unplaced) or heard.message_id in story.world.row.heard.requests:
        return
    if heard.actor.kind == "support" or (heard.actor.kind, heard.actor.id) == (
        "buyer",
        order.placed.buyer_id,
    ):
        story.tell(RequestKept(heard.message_id))


def change_address(story: Story, command: ChangeAddress) -> None:
    """The order goes elsewhere, or whoever asked hears why not. The address itself is not ours to keep (O14)."""
    order = story.world.order
    if isinstance(order, Unplaced):
        return
    no = not_allowed(story, order.placed, command)
    if no is None:
        release_if_due(story, command.at)
        no = _judge(story, command)
    if no is not None:
        refuse(story, command, no)
        return
    asked = Asked(command.command_id, command.actor)
    story.tell(AddressChanged(command.at, asked, command.message_id, command.ship_to_country))


def _judge(story: Story, command: ChangeAddress) -> No | None:
    row = story.world.row
    no = not_shippable(row.order, command.at, is_open=True)
    if no is not None:
        return no
    if command.message_id in row.account.addresses:
        return No("request_used")
    return None if command.message_id in row.heard.requests else No("not_requested")


def open_requests(row: OrderRow) -> tuple[str, ...]:
    """Return the messages whose wish for another address was not followed yet."""
    return tuple(one for one in row.heard.requests if one not in row.account.addresses)
