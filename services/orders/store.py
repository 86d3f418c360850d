"""The rows of this service: an order, a tracking number, a seller, a sku's stock; and which a message touches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any

from pydantic import TypeAdapter

from services.orders.domain.carriers import number_key
from services.orders.domain.model import Line, OrderRow, Seller, Stock, Tracking, Unplaced
from services.orders.translate.inward import may_cancel
from shared.contracts import accounts, carriers, catalog, checkout, orders
from shared.contracts.data import Data, field_of
from shared.contracts.erasure import Sides
from shared.kit.db import Connection
from shared.kit.service import Key, Kind, Message
from shared.kit.sql import queries
from shared.values import dataclass

_SQL = queries("services.orders", "store.sql")


def _order_has_an_account(body: dict[str, Any]) -> dict[str, Any]:
    """Bring an order's row of before refunds up to date: what was canceled, and not for a claim, was not charged."""
    claims = body.pop("claims_applied", [])
    order = body["order"]
    given = {} if claims or order["shape"] in ("unplaced", "pending") else _not_charged(order)
    if order.get("wished_at"):
        order["wished"] = {line["order_item_id"]: order["wished_at"] for line in order["placed"]["lines"]}
    return {**body, "account": {"given": given}, "heard": {"claims_applied": claims}}


def _not_charged(order: Mapping[str, Any]) -> dict[str, int]:
    lines = {
        line["order_item_id"]: TypeAdapter(Line).validate_python(line) for line in order["placed"]["lines"]
    }
    canceled = order.get("canceled", {item: line.quantity for item, line in lines.items()})
    return {item: lines[item].amount_of(units) for item, units in canceled.items()}


KINDS = (
    Kind("order", OrderRow, upcasts=(_order_has_an_account,)),
    Kind("tracking", Tracking),
    Kind("seller", Seller),
    Kind("stock", Stock),
)
"""In the order in which they are locked: the hot ones last, for many orders meet there."""


def order_key(order_id: str) -> Key:
    """Name an order's row."""
    return Key("order", order_id)


def stock_key(seller_id: str, sku: str) -> Key:
    """Name the row of a seller's sku. The first slash ends the seller's id, whatever is in it."""
    return Key("stock", f"{seller_id.replace('%', '%25').replace('/', '%2F')}/{sku}")


def tracking_key(carrier: str, number: str) -> Key:
    """Name the row of a tracking number."""
    return Key("tracking", number_key(carrier, number))


def seller_key(seller_id: str) -> Key:
    """Name a seller's row."""
    return Key("seller", seller_id)


def sides(row: OrderRow) -> Sides | None:
    """Say whose order it is, once it is placed. The row itself holds no text of theirs."""
    if isinstance(row.order, Unplaced):
        return None
    return Sides(row.order.placed.buyer_id, row.order.placed.seller_id)


def main(message: Message) -> Key:
    """Return the row by which a message is ordered: its order's, or the sku's, tracking number's or seller's."""
    data = message.data
    if isinstance(data, accounts.SellerRegistered):
        return seller_key(data.seller_id)
    if isinstance(data, catalog.ListingStocked):
        return stock_key(data.seller_id, data.sku)
    if isinstance(data, carriers.Milestone):
        return tracking_key(data.carrier, data.tracking_number)
    return order_key(field_of(data, "order_id") or message.attributes.id)


@dataclass(frozen=True, slots=True)
class Touched:
    """The rows that one input touches: an order's, those of skus, a tracking number's, and a seller's."""

    order: Key | None = None
    stock: Mapping[str, Key] = field(default_factory=dict)
    number: Key | None = None
    seller: Key | None = None


def touched(data: Data, find: Callable[[Key], OrderRow | None] = lambda _key: None) -> Touched:
    """Return the rows that a message touches. `find` is asked for its order's, if that one names further rows."""
    if isinstance(data, checkout.OrderPlaced):
        return Touched(order_key(data.order_id), _stock(data.seller_id, (item.sku for item in data.items)))
    if isinstance(data, catalog.ListingStocked):
        return Touched(stock={data.sku: stock_key(data.seller_id, data.sku)})
    if isinstance(data, accounts.SellerRegistered):
        return Touched(seller=seller_key(data.seller_id))
    order = order_key(field_of(data, "order_id") or "")
    if isinstance(data, orders.ConfirmShipment):
        number = tracking_key(data.carrier or "", data.tracking_number or "")
        seller = seller_key(data.actor.id) if data.source else None
        return Touched(order, number=number if number.id else None, seller=seller)
    row = find(order) if may_cancel(data) else None
    if row is not None and not isinstance(row.order, Unplaced):
        return Touched(order, _stock(row.order.placed.seller_id, row.reserved))
    return Touched(order)


_NAMES_MORE = (checkout.OrderPlaced, orders.ConfirmShipment)


def _stock(seller_id: str, skus: Iterable[str]) -> dict[str, Key]:
    return {sku: stock_key(seller_id, sku) for sku in skus}


def keys(message: Message) -> Sequence[Key]:
    """Return the further rows that a message itself names."""
    if not isinstance(message.data, _NAMES_MORE):
        return ()
    found = touched(message.data)
    return (*found.stock.values(), *(key for key in (found.number, found.seller) if key))


async def related(connection: Connection, messages: Sequence[Message]) -> Sequence[Sequence[Key]]:
    """Return the rows that other rows name: the orders of a tracking number, the stock that an order took.

    An order that is placed in this very batch has no row yet: its placement names its stock.
    """
    numbers = [main(message).id for message in messages if isinstance(message.data, carriers.Milestone)]
    ids = [main(message).id for message in messages if may_cancel(message.data)]
    named: defaultdict[Key, list[Key]] = defaultdict(list)
    for message in messages if ids else ():
        if isinstance(message.data, checkout.OrderPlaced):
            named[main(message)] += keys(message)
    rows = await connection.fetch(_SQL["related"], numbers, ids) if numbers or ids else ()
    for row in rows:
        key = Key(row["kind"], row["key"])
        if key.kind == "tracking":
            named[key] += [order_key(order_id) for order_id in row["names"]]
        elif row["seller_id"] is not None:
            named[key] += [stock_key(row["seller_id"], sku) for sku in row["names"]]
    return [named[main(message)] if _follows(message.data) else () for message in messages]


def _follows(data: Data) -> bool:
    return isinstance(data, carriers.Milestone) or may_cancel(data)
