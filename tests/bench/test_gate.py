"""The gate is held to what it is for: each of these is cheap to write, and must be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg

from services.timer.handlers import Firing
from shared.contracts.topics import CHECKOUT_EVENTS
from shared.kit.records import Record
from shared.kit.service import Key, Message, Place, Service
from tests.bench.baseline import Numbers, moved, numbers_of
from tests.bench.measuring import BEGINNING, clock_by_hand, steps
from tests.bench.town import Batch, Seat, described, fill
from tests.support.databases import Databases
from tests.support.events import Event, Order

_ORDERS = described(Firing())["orders"]
_NOTHING = "SELECT 1"
_INDEX_ON_WHAT_CHANGES = "CREATE INDEX ON state (version)"
_SECOND_WRITE = """
CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN UPDATE outbox SET type = type WHERE position = new.position; RETURN NULL; END$$;
CREATE TRIGGER again AFTER INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION again()
"""


async def _with_a_statement_more(connection: Any, messages: Sequence[Message]) -> Sequence[Sequence[Key]]:
    await connection.fetchval("SELECT count(*) FROM parked_keys WHERE key = $1", "none")
    return await _ORDERS.related(connection, messages)


async def _costs(
    admin_dsn: str, folder: Path, service: Service = _ORDERS, planted: str = _NOTHING
) -> Numbers:
    """Measure two batches of orders on a fresh database in which this was planted."""
    databases = Databases(admin_dsn)
    dsn = await databases.fresh("orders", partial(fill, name="orders"))
    try:
        connection = await asyncpg.connect(dsn)
        await connection.execute(planted)
        await connection.close()
        with clock_by_hand(folder):
            async with Seat.taken(service, dsn) as seat:
                await _placed_and_verified(seat, "past", 20)
                return numbers_of(steps(await _placed_and_verified(seat, "now", 100)))
    finally:
        await databases.clear()


async def _placed_and_verified(seat: Seat, tag: str, count: int) -> list[Batch]:
    orders = [Order(f"{tag}-{n}", f"seller-{n % 10}", f"buyer-{n}", BEGINNING) for n in range(count)]
    placed = await seat.apply(_records(seat, [order.placed() for order in orders]))
    return [placed, await seat.apply(_records(seat, [order.verified(timedelta(0)) for order in orders]))]


def _records(seat: Seat, events: Sequence[Event]) -> list[Record]:
    first = seat.read[CHECKOUT_EVENTS]
    return [
        Record(Place(each.topic, 0, first + n), 0, each.key.encode(), each.value, tuple(each.headers))
        for n, each in enumerate(events)
    ]


async def test_the_same_work_costs_the_same(still_dsn: str, tmp_path: Path) -> None:
    assert not moved(await _costs(still_dsn, tmp_path), await _costs(still_dsn, tmp_path))


async def test_a_statement_more_is_seen(still_dsn: str, tmp_path: Path) -> None:
    dearer = replace(_ORDERS, related=_with_a_statement_more)
    said = moved(await _costs(still_dsn, tmp_path), await _costs(still_dsn, tmp_path, service=dearer))
    assert [each.partition(": statements: ")[0] for each in said] == [
        "orders: checkout.order_placed",
        "orders: checkout.payment_verified",
    ]


async def test_an_index_on_what_changes_is_seen(still_dsn: str, tmp_path: Path) -> None:
    clean = await _costs(still_dsn, tmp_path)
    said = moved(clean, await _costs(still_dsn, tmp_path, planted=_INDEX_ON_WHAT_CHANGES))
    assert any(each.startswith("orders: checkout.payment_verified: HOT %") for each in said), said
    assert any(each.startswith("orders: checkout.payment_verified: WAL records") for each in said), said


async def test_a_row_written_twice_is_seen(still_dsn: str, tmp_path: Path) -> None:
    clean = await _costs(still_dsn, tmp_path)
    said = moved(clean, await _costs(still_dsn, tmp_path, planted=_SECOND_WRITE))
    assert any(each.startswith("orders: checkout.order_placed: rows") for each in said), said
