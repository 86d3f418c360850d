"""An erasure, in a process that is killed again and again in the middle of it: done once, and nothing is left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg

from services.cli.embedded.ports import free_port
from services.cli.embedded.system import embedded
from shared.contracts.orders import OrderReceived, OrderReleased
from shared.kit.clock import ClockFile
from shared.kit.faults import Point
from tests.faults.fleet import Fleet, Member
from tests.support.events import Order
from tests.support.streaming import send
from tests.support.toy import NOON, Say, person_erased, poison, say
from tests.support.until import until
from tests.unit.messaging.test_translate import say as fact

MARK = "MARK-4711"
ORDERS, LETTERS = 600, 50
CRASHES = [f"{point}:{visits}" for visits in (3, 2, 4) for point in Point if point is not Point.AFTER_SEND]
_SECONDS_MAX = 240


def story() -> Iterator[Say]:
    """Give orders on which one buyer wrote, messages that nobody can read, and the wish that all of it goes."""
    made = [Order(f"order-{n}", "seller-1", "buyer-1", NOON) for n in range(ORDERS)]
    for order in made:
        about: dict[str, Any] = {"order_id": order.order_id, "seller_id": "seller-1", "buyer_id": "buyer-1"}
        received = fact(OrderReceived, **about, at=NOON, placed_at=NOON, marketplace_id="us")
        released = fact(OrderReleased, **about, at=NOON)
        for number, each in enumerate((received, released), 1):
            yield say(each, order.order_id, f"{order.order_id}-{number}", sequence=number)
    for order in made:
        wrote = order.wrote("buyer", NOON + timedelta(hours=1), MARK)
        yield say(wrote.data, order.order_id, wrote.event_id)
    for order in made[:LETTERS]:
        broken = order.wrote("buyer", NOON + timedelta(hours=2), MARK)
        whole = say(broken.data, order.order_id, broken.event_id)
        yield poison(whole, broken.value[:-2])


async def test_an_erasure_survives_kill_9_between_and_in_its_pieces(tmp_path: Path) -> None:
    clock = ClockFile.create(tmp_path / "clock", NOON + timedelta(days=1), 1)
    with embedded() as pair:
        fleet = Fleet(pair.kafka, pair.postgres, tmp_path, clock.path, "smtp://127.0.0.1:1")
        await fleet.provision(["messaging"])
        connection = await asyncpg.connect(fleet.reader_url)
        try:
            await send(pair.kafka.bootstrap, *story())
            fleet.start("messaging", free_port())
            await fleet.ready()
            await until(lambda: is_read(connection), "everything is read and said", _SECONDS_MAX)
            assert await found(connection) == {
                "state": ORDERS,
                "outbox_sent": ORDERS + LETTERS,
                "dead_letters": LETTERS,
            }
            await erase_under_fire(pair.kafka.bootstrap, fleet.members["messaging"], connection)
            assert await found(connection) == {}
        finally:
            await connection.close()
            await fleet.stop()


async def erase_under_fire(bootstrap: str, messaging: Member, connection: asyncpg.Connection[Any]) -> None:
    """Ask for the erasure of a process whose next lives all end in the middle of it."""
    messaging.to_come.extend(CRASHES)
    assert messaging.process is not None
    messaging.process.kill()
    await send(bootstrap, person_erased("buyer-1"))
    await until(lambda: is_done(connection), "the erasure is done", _SECONDS_MAX)
    row = await connection.fetchrow("SELECT * FROM messaging.erasures")
    assert row is not None
    assert (row["rows"], row["messages"], row["dead_letters"]) == (ORDERS, ORDERS, LETTERS)
    assert row["failed"] == []
    assert len(messaging.deaths) > len(CRASHES) // 2


async def is_read(connection: asyncpg.Connection[Any]) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT (SELECT count(*) FROM messaging.texts) = $1 AND (SELECT count(*) FROM messaging.dead_letters) = $2 "
            "AND NOT EXISTS (SELECT FROM messaging.outbox)",
            ORDERS,
            LETTERS,
        )
    )


async def is_done(connection: asyncpg.Connection[Any]) -> bool:
    return bool(await connection.fetchval("SELECT done_at IS NOT NULL FROM messaging.erasures"))


async def found(connection: asyncpg.Connection[Any]) -> dict[str, int]:
    """Count the rows of each table in which the mark stands."""
    counts = {
        "state": "SELECT count(*) FROM messaging.state WHERE body::text LIKE $1",
        "held": "SELECT count(*) FROM messaging.held WHERE encode(value, 'escape') LIKE $1",
        "dead_letters": "SELECT count(*) FROM messaging.dead_letters WHERE encode(value, 'escape') LIKE $1",
        "outbox": "SELECT count(*) FROM messaging.outbox WHERE encode(payload, 'escape') LIKE $1",
        "outbox_sent": "SELECT count(*) FROM messaging.outbox_sent WHERE encode(payload, 'escape') LIKE $1",
    }
    hits = {table: await connection.fetchval(query, f"%{MARK}%") for table, query in counts.items()}
    return {table: count for table, count in hits.items() if count}
