"""What performance keeps: a row an order, a row a seller, and two tables for people who ask what is behind a number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from services.performance.domain.counting import Thing
from services.performance.domain.model import OrderRow, Place, SellerRow, Tally
from services.performance.translate import inward
from shared.contracts.erasure import Sides
from shared.contracts.facts import Fact
from shared.contracts.performance import DecideContest
from shared.contracts.timer import DeadlineExpired
from shared.kit.db import Connection
from shared.kit.service import Key, Kind, Message
from shared.kit.sql import queries
from shared.values import dataclass

QUERIES = queries("services.performance", "store.sql")

KINDS = (Kind("order", OrderRow), Kind("seller", SellerRow))
"""In the order in which they are locked: the seller last, for all of a seller's orders meet there."""


def order_key(order_id: str) -> Key:
    """Name an order's row."""
    return Key("order", order_id)


def seller_key(seller_id: str) -> Key:
    """Name a seller's row."""
    return Key("seller", seller_id)


def sides(row: OrderRow) -> Sides | None:
    """Say whose order it is, as far as is kept: nothing is of its buyer here, and no text of anybody."""
    return Sides(None, row.dossier.order.seller_id) if row.dossier.order else None


def main(message: Message) -> Key:
    """Return the row by which a message is ordered: its order's."""
    return order_key(inward.order_id(message))


def keys(message: Message) -> Sequence[Key]:
    """Return the seller's row where the message names the seller, and nearly always changes the numbers."""
    body = message.data
    if isinstance(body, Fact) and isinstance(body, inward.MOVES):
        return (seller_key(str(body.seller_id)),)
    return ()


async def related(connection: Connection, messages: Sequence[Message]) -> Sequence[Sequence[Key]]:
    """Return the sellers' rows of the orders that deadlines and decisions on contests are about."""
    asking = [_asks(message) for message in messages]
    order_ids = sorted({order_id for order_id in asking if order_id is not None})
    if not order_ids:
        return [()] * len(messages)
    rows = await connection.fetch(QUERIES["sellers_of"], order_ids)
    sellers = {row["key"]: seller_key(row["seller_id"]) for row in rows if row["seller_id"] is not None}
    return [(sellers[order_id],) if order_id in sellers else () for order_id in asking]


def _asks(message: Message) -> str | None:
    return message.data.order_id if isinstance(message.data, DeadlineExpired | DecideContest) else None


# ------------------------------------------------------------------------------------------ our own tables


@dataclass(frozen=True, slots=True)
class CountedRow:
    """One thing behind a seller's numbers, as it stands now."""

    seller_id: str
    thing: Thing


@dataclass(frozen=True, slots=True)
class DailyChange:
    """By how much one day of a seller changes."""

    seller_id: str
    place: Place
    change: Tally


Effect: TypeAlias = CountedRow | DailyChange


async def apply(connection: Connection, effects: Sequence[Effect]) -> None:
    """Write what a batch changes, in its transaction: two statements, however large it is."""
    counted = _last(effect for effect in effects if isinstance(effect, CountedRow))
    daily = _summed(effect for effect in effects if isinstance(effect, DailyChange))
    if counted:
        await connection.execute(QUERIES["put_counted"], *_columns(counted))
    if daily:
        await connection.execute(QUERIES["add_daily"], *_columns(daily))


def _last(effects: Iterable[CountedRow]) -> list[tuple[object, ...]]:
    rows: dict[tuple[str, ...], tuple[object, ...]] = {}
    for effect in effects:
        thing = effect.thing
        key = (effect.seller_id, thing.counts, thing.place.day.isoformat(), thing.order_id, thing.name)
        rows[key] = (
            effect.seller_id,
            thing.counts,
            thing.place.day,
            thing.order_id,
            thing.name,
            thing.place.marketplace_id,
            thing.place.policy_id,
            thing.claim_id,
            thing.contact_id,
            thing.stands,
            thing.contest_id,
            thing.contest,
        )
    return [rows[key] for key in sorted(rows)]


def _summed(effects: Iterable[DailyChange]) -> list[tuple[object, ...]]:
    sums: dict[tuple[str, str, str], tuple[DailyChange, Tally]] = {}
    for effect in effects:
        key = (effect.seller_id, effect.place.day.isoformat(), effect.place.marketplace_id)
        sums[key] = (effect, (sums[key][1] if key in sums else Tally()) + effect.change)
    return [
        (
            effect.seller_id,
            effect.place.marketplace_id,
            effect.place.day,
            change.released,
            change.defective,
            change.canceled,
            change.contacts,
            change.answered,
        )
        for effect, change in (sums[key] for key in sorted(sums))
    ]


def _columns(rows: Sequence[tuple[object, ...]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]
