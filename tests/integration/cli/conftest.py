"""A database on which a few orders have lived through everything, and copies of it to spoil."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from shared.kit import clock
from shared.kit.clock import ClockFile
from tests.integration.cli.path import START, fill, path
from tests.support.databases import Databases
from tests.support.events import Order, buyer, delivered, seller, ups_number

SILENT, VOIDED, DENIED, CANCELED = "order-silent", "order-voided", "order-denied", "order-canceled"
END = START + timedelta(days=20)
"""Before anything closes, so that every claim is still what it was decided to be."""


async def live(dsn: str) -> None:
    """Let silence grant, an answer void, an investigator deny, and a fraud cancel."""
    await fill(dsn)
    silent, voided, denied, canceled = (
        Order(name, f"seller-{number}", f"buyer-{number}", START)
        for number, name in enumerate((SILENT, VOIDED, DENIED, CANCELED))
    )
    shipped = (voided, denied)
    numbers = {order.order_id: ups_number(number) for number, order in enumerate(shipped)}
    day = timedelta(days=1)
    bound = clock._Bound.file
    assert bound is not None
    async with path(dsn, bound) as world:
        people = [
            each
            for number in range(4)
            for each in (seller(f"seller-{number}", START), buyer(f"buyer-{number}", START))
        ]
        await world.send(*people)
        for order in (silent, voided, denied):
            await world.send(order.placed(sku="lamp"), order.verified())
        await world.send(canceled.placed())
        await world.go_to(START + day)
        await world.send(*(order.shipped(START + day, numbers[order.order_id]) for order in shipped))
        await world.go_to(START + 3 * day)
        await world.send(*(delivered(number, START + 3 * day) for number in numbers.values()))
        await world.go_to(START + 6 * day)
        await world.send(*(order.wrote("buyer", START + 6 * day) for order in (silent, *shipped)))
        answered_at = START + 7 * day
        await world.go_to(answered_at)
        await world.send(denied.wrote("seller", answered_at, "It came."))
        await world.go_to(START + 11 * day)
        await world.send(silent.filed(START + 11 * day))
        await world.send(*(order.filed(START + 11 * day, "delivered_not_found") for order in shipped))
        await world.send(voided.wrote("seller", answered_at, "It came."))
        await world.go_to(START + 12 * day)
        await world.send(denied.denied(START + 12 * day))
        await world.go_to(END)


@pytest.fixture(scope="module")
def lived(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """That database, once for all who only look at it, or take back what they spoil."""
    file = tmp_path_factory.mktemp("clock") / "clock"
    ClockFile.create(file, START, 0)
    clock.bind(file)
    with asyncio.Runner() as runner:
        dsn = runner.run(databases.fresh("lived", fill=live))
        clock.bind(None)
        yield dsn
        runner.run(databases.drop(dsn))


@pytest.fixture
async def spoilable(lived: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """A transaction on it in which anything may be done, and which is taken back."""
    connection = await asyncpg.connect(lived, server_settings={"timezone": "UTC"})
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()
