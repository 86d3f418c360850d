"""What messaging keeps: a row an order (its dossier and its conversation), and a row a tracking number."""

from __future__ import annotations

from collections.abc import Sequence

from services.messaging.domain.erasing import erase
from services.messaging.domain.model import OrderState
from services.messaging.domain.parcels import Tracking, number_key
from services.messaging.translate.inward import order_id
from shared.contracts import carriers, messaging
from shared.contracts.erasure import Sides
from shared.kit.db import Connection
from shared.kit.service import Key, Kind, Message
from shared.kit.sql import queries

_SQL = queries("services.messaging", "store.sql")

ORDER, TRACKING = "order", "tracking"
KINDS = (Kind(ORDER, OrderState, erase=erase), Kind(TRACKING, Tracking))
"""In the order in which they are locked."""


def order_key(order: str) -> Key:
    """Name an order's row."""
    return Key(ORDER, order)


def tracking_key(carrier: str, number: str) -> Key | None:
    """Name the row of a tracking number; None where there is no number."""
    named = number_key(carrier, number)
    return Key(TRACKING, named) if named else None


def sides(state: OrderState) -> Sides:
    """Say whose order it is."""
    return Sides(state.order.buyer_id, state.order.seller_id)


def main(message: Message) -> Key:
    """Return the row by which a message is ordered: its order's, or the tracking number's."""
    data = message.data
    if isinstance(data, carriers.Milestone):
        return Key(TRACKING, number_key(data.carrier, data.tracking_number))
    return order_key(order_id(message))


def keys(message: Message) -> Sequence[Key]:
    """Return the further rows that a message itself names: scans of a number may have come before it was told."""
    data = message.data
    if not isinstance(data, messaging.ShipReturn):
        return ()
    number = tracking_key(data.carrier, data.tracking_number)
    return (number,) if number else ()


async def related(connection: Connection, messages: Sequence[Message]) -> Sequence[Sequence[Key]]:
    """Return the orders that wait for the number of a scan."""
    numbers = [
        main(message).id if isinstance(message.data, carriers.Milestone) else None for message in messages
    ]
    asked = [number for number in numbers if number is not None]
    rows = await connection.fetch(_SQL["awaiting"], asked) if asked else ()
    waiting = {row["key"]: [order_key(order) for order in row["orders"]] for row in rows}
    return [waiting.get(number, ()) if number is not None else () for number in numbers]
