"""A database on which a few orders have lived through everything, and copies of it to spoil."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from shared.contracts.claims import RefundClaim
from shared.contracts.money import Money
from shared.kit import clock
from shared.kit.clock import ClockFile
from tests.integration.cli.path import START, Path, fill, path
from tests.support.databases import Databases
from tests.support.events import Order, buyer, delivered, seller, ups_number

SILENT, VOIDED, DENIED, CANCELED = "order-silent", "order-voided", "order-denied", "order-canceled"
REVERSED, OVERTURNED, REFUNDED, BANKED = (
    "order-reversed",
    "order-overturned",
    "order-refunded",
    "order-banked",
)
NAMES = (SILENT, VOIDED, DENIED, CANCELED, REVERSED, OVERTURNED, REFUNDED, BANKED)
CLAIMED = tuple(name for name in NAMES if name != CANCELED)
END = START + timedelta(days=20)
"""Before anything closes, so that every claim is still what it was decided to be."""
DAY = timedelta(days=1)


async def live(dsn: str) -> None:
    """Let rules, people, appeals and a bank decide: each order comes to another end."""
    await fill(dsn)
    bound = clock._Bound.file
    assert bound is not None
    async with path(dsn, bound) as world:
        await _play(world)


async def _play(world: Path) -> None:
    orders = {name: Order(name, f"seller-{n}", f"buyer-{n}", START) for n, name in enumerate(NAMES)}
    silent, voided, canceled = orders[SILENT], orders[VOIDED], orders[CANCELED]
    answered = [orders[name] for name in (DENIED, OVERTURNED, REFUNDED, BANKED)]
    shipped = [voided, *answered, orders[REVERSED]]
    numbers = {order.order_id: ups_number(number) for number, order in enumerate(shipped)}
    people = [(seller(order.seller_id, START), buyer(order.buyer_id, START)) for order in orders.values()]
    await world.send(*(each for pair in people for each in pair))
    for order in (silent, *shipped):
        await world.send(order.placed(sku="lamp"), order.verified())
    await world.send(canceled.placed())
    await world.go_to(START + DAY)
    await world.send(*(order.shipped(START + DAY, numbers[order.order_id]) for order in shipped))
    await world.go_to(START + 3 * DAY)
    await world.send(*(delivered(number, START + 3 * DAY) for number in numbers.values()))
    await world.go_to(START + 6 * DAY)
    await world.send(*(order.wrote("buyer", START + 6 * DAY) for order in (silent, *shipped)))
    answered_at = START + 7 * DAY
    await world.go_to(answered_at)
    await world.send(*(order.wrote("seller", answered_at, "It came.") for order in answered))
    await world.go_to(START + 11 * DAY)
    await world.send(silent.filed(START + 11 * DAY))
    await world.send(*(order.filed(START + 11 * DAY, "delivered_not_found") for order in shipped))
    await world.send(voided.wrote("seller", answered_at, "It came."))
    await _decide(world, orders)
    await world.go_to(END)


async def _decide(world: Path, orders: Mapping[str, Order]) -> None:
    denied, overturned, refunded, banked = (orders[name] for name in (DENIED, OVERTURNED, REFUNDED, BANKED))
    at = START + 12 * DAY
    await world.go_to(at)
    await world.send(denied.denied(at), overturned.denied(at))
    await world.send(refunded.does("seller", RefundClaim, at, claim_id=refunded.claim_id))
    await world.send(banked.charged_back(at))
    at = START + 13 * DAY
    await world.go_to(at)
    await world.send(orders[REVERSED].appealed("seller", at), overturned.appealed("buyer", at))
    await world.send(banked.bank_decided(at, "buyer_won"))
    at = START + 14 * DAY
    await world.go_to(at)
    await world.send(orders[REVERSED].appeal_reversed(at))
    amount = Money(amount_minor=overturned.amount_minor, currency=overturned.currency)
    await world.send(overturned.appeal_reversed(at, reverse_defect=False, amount=amount))


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


@pytest.fixture
async def spoilable(lived: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """A transaction on it in which anything may be done, and which is taken back."""
    connection = await asyncpg.connect(lived, server_settings={"timezone": "UTC"})
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()
    await connection.close()
