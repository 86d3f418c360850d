"""However many orders one seller has, and however many claims are open, a record costs the same.

The past is copied in the real tables from orders that were really led: rows of orders whose claim is open, rows of
orders of which nobody ever complained, what performance counted of them, and the deadlines of all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from shared.kit import clock
from shared.kit.clock import ClockFile
from tests.bench.measuring import Step, clock_by_hand, open_town, steps, uncollected
from tests.bench.server import still_server
from tests.bench.town import Town
from tests.support.events import Order, buyer, seller

FEW, MANY = 1_000, 20_000
"""Orders of the seller's past; a tenth of them have an open claim."""
LED = 50
"""Orders of that seller that are led while it is counted what they cost."""
_A_LEVEL_OF_EACH_INDEX = 4
"""Pages that a record may look at more when indexes are a page higher: to find its row, to write it, to add others."""
_MOVED_BYTES = 500
"""Of WAL that a record may write more: whether its page has room for its new row is chance."""
SELLER = "seller-of-many"
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_COPY_STATE = """
INSERT INTO state (kind, key, version, sequence, schema_version, heard, body)
SELECT kind, $1 || '-' || n, version, sequence, schema_version, heard, replace(body::text, $1, $1 || '-' || n)::json
FROM state, generate_series(1, $2::int) AS n WHERE kind = 'order' AND key = $1
"""
_COPY_COUNTED = """
INSERT INTO counted (seller_id, counts, day, order_id, name, marketplace_id, policy_id, claim_id, contact_id, stands)
SELECT seller_id, counts, day, order_id || '-' || n, name, marketplace_id, policy_id, claim_id, contact_id, stands
FROM counted, generate_series(1, $2::int) AS n WHERE order_id = $1
"""
_COPY_TIMERS = """
INSERT INTO timers (timer_id, shard, due_at, kind, owner, order_id, subject_id, cause_id)
SELECT timer_id || '-' || n, shard, due_at + interval '1 year', kind, owner, order_id || '-' || n, subject_id, cause_id
FROM timers, generate_series(1, $2::int) AS n WHERE order_id = $1
"""


@pytest.fixture(scope="module")
def admin_dsn() -> Iterator[str]:
    with still_server() as dsn:
        yield dsn


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[ClockFile]:
    with clock_by_hand(tmp_path) as found:
        yield found


def orders_of(tag: str, count: int) -> list[Order]:
    """Orders of the one seller."""
    return [Order(f"order-{tag}-{n}", SELLER, f"buyer-{tag}-{n}", clock.now()) for n in range(count)]


async def placed(town: Town, orders: list[Order]) -> None:
    """Let them be placed, verified and released, and let six days pass."""
    begins = clock.now()
    await town.hear(buyer(order.buyer_id, begins) for order in orders)
    await town.hear(order.placed() for order in orders)
    town.hand.set(begins + timedelta(minutes=5))
    await town.hear(order.verified() for order in orders)
    await town.advance(begins + 6 * _DAY)


async def claimed(town: Town, orders: list[Order], *, is_answered: bool) -> None:
    """Let the buyers write and claim. A claim whose seller answered stays open; another is granted at once."""
    await placed(town, orders)
    wrote_at = clock.now()
    await town.hear(order.wrote("buyer", wrote_at) for order in orders)
    if is_answered:
        await town.advance(wrote_at + _HOUR)
        await town.hear(order.wrote("seller", clock.now(), "It is under way.") for order in orders)
    await town.advance(wrote_at + 5 * _DAY)
    await town.hear(order.filed(clock.now()) for order in orders)
    await town.advance(clock.now() + _DAY)


async def cost(town: Town, tag: str) -> Mapping[str, Step]:
    """What each kind of record cost while claims against the seller were granted."""
    await town.vacuum()
    town.batches.clear()
    await claimed(town, orders_of(tag, LED), is_answered=False)
    return steps(town.batches)


async def copy(town: Town, order: Order, count: int) -> None:
    """Let it have been so many orders, each with a row wherever it has one."""
    for name, seat in town.seats.items():
        await seat.pool.execute(_COPY_STATE, order.order_id, count)
        if name == "performance":
            await seat.pool.execute(_COPY_COUNTED, order.order_id, count)
        if name == "timer":
            await seat.pool.execute(_COPY_TIMERS, order.order_id, count)


async def past(town: Town, tag: str, count: int) -> None:
    """Give the seller so many orders more, a tenth of them with an open claim."""
    (with_a_claim,), (without,) = orders_of(f"{tag}-claim", 1), orders_of(f"{tag}-quiet", 1)
    await claimed(town, [with_a_claim], is_answered=True)
    await placed(town, [without])
    await copy(town, with_a_claim, count // 10)
    await copy(town, without, count - count // 10)


async def test_a_record_costs_the_same_however_many_orders_a_seller_has_and_claims_are_open(
    admin_dsn: str, hand: ClockFile
) -> None:
    async with open_town(admin_dsn, hand) as town:
        with uncollected():
            await town.hear([seller(SELLER, clock.now())])
            await past(town, "few", FEW)
            await cost(town, "not-counted")  # indexes of a single page grow by whatever comes first
            before = await cost(town, "beside-few")
            await past(town, "many", MANY)
            after = await cost(town, "beside-many")
    both = before.keys() & after.keys()
    assert both >= {"claims: claims.file_claim", "performance: claims.claim_granted", "timer: fired"}
    for what in both:
        was, now = before[what].numbers(), after[what].numbers()
        assert now["statements"] <= was["statements"], what
        assert now["rows"] <= 1.1 * was["rows"], what
        assert now["buffers"] <= 1.1 * was["buffers"] + _A_LEVEL_OF_EACH_INDEX, what
        assert now["WAL bytes"] <= 1.2 * was["WAL bytes"] + _MOVED_BYTES, what
