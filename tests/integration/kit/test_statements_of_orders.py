"""The same count with a service that has hot rows, scans that name several orders, and stock: orders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.orders.handlers import service
from services.orders.translate.policies import Policies
from shared import policies
from shared.kit.decode import decoder
from shared.kit.fold import Verdict
from shared.kit.records import Record
from shared.kit.tally import Partition
from shared.kit.unit import Unit
from tests.support.events import Event, Order, delivered, ups_number
from tests.support.toy import Say, Tape, poison
from tests.support.workbench import Statements

NOON = datetime(2021, 3, 10, 12, tzinfo=UTC)
SERVICE = service(Policies(policies.load()))


def said(event: Event) -> Say:
    headers: tuple[tuple[str, bytes | None], ...] = tuple(event.headers)
    return Say(event.topic, event.key.encode(), headers, event.value)


def order(n: int) -> Order:
    return Order(f"order-{n}", f"seller-{n % 5}", f"buyer-{n}", NOON, sku=f"sku-{n % 3}")


def new_ones(numbers: Sequence[int]) -> list[Say]:
    """Return new orders, verified, with copies, poison and commands on orders that nobody knows."""
    batch = []
    for n in numbers:
        batch += [
            said(order(n).placed()),
            said(order(n).placed()),
            said(order(n).verified()),
            poison(said(order(n).placed())),
            said(order(100_000 + n).shipped(NOON, ups_number(100_000 + n))),
        ]
    return batch


def shipped(numbers: Sequence[int]) -> list[Say]:
    """Return what comes of known orders: confirmations, repeated ones, scans."""
    later = NOON + timedelta(hours=1)
    batch = []
    for n in numbers:
        number = ups_number(n)
        batch += [
            said(order(n).shipped(later, number)),
            said(order(n).shipped(later, number)),
            said(delivered(number, later + timedelta(days=2))),
            said(order(n).verified()),
            said(order(n).placed()),
        ]
    return batch


@pytest.mark.parametrize("batch_of", [new_ones, shipped])
async def test_a_batch_of_1000_records_costs_orders_as_many_statements_as_one_of_500_and_one_of_10_fewer(
    kit_dsn: str, batch_of: object
) -> None:
    statements = Statements()
    tape = Tape()
    stands: dict[Partition, int] = {}
    async with await statements.pool(kit_dsn) as pool:
        unit = Unit(pool, SERVICE, decoder(SERVICE.check))

        async def apply(records: Sequence[Record]) -> Counter[str]:
            places = {(record.place.topic, record.place.partition) for record in records}
            statements.clear()
            applied = await unit.apply(records, {place: stands.get(place, 0) for place in sorted(places)})
            stands.update(applied.next_offsets)
            assert not applied.parked
            assert Verdict.PARKED not in applied.verdicts
            return Counter(statements)

        everybody = range(1, 303)
        await apply(tape(*new_ones([0]), *shipped([0])))
        if batch_of is shipped:
            await apply(tape(*new_ones(everybody)))
        make = shipped if batch_of is shipped else new_ones
        few, many, more = (tape(*make(everybody[a:b])) for a, b in ((0, 2), (2, 102), (102, 302)))
        assert (len(few), len(many), len(more)) == (10, 500, 1000)
        small, large, larger = [await apply(records) for records in (few, many, more)]
        assert large == larger
        assert small.total() < large.total()
