"""Facts before commands before deadlines, over topics: with real consumers, behind a backlog and in a steady flow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import count

import pytest
from aiokafka import AIOKafkaProducer

from shared.contracts import topics
from shared.kit.records import Record
from shared.kit.tally import Partition
from shared.kit.unit import Applied, Unit
from tests.support import planted
from tests.support.streaming import QUICK, Listening, listening, make_anew, send
from tests.support.toy import Say, command, deadline, unnumbered
from tests.support.until import until
from tests.support.workbench import Workbench

ORDERS = 200
UNREAD = 1500
SMALL_BATCHES = replace(QUICK, batch_records_max=100)


def heavy(said: Say) -> Say:
    """Make a record so large that a topic of them can't be fetched at once: others are delivered in between."""
    return replace(said, headers=(*said.headers, ("padding", b"x" * 2000)))


async def fill_before_anybody_reads(bootstrap: str) -> None:
    """A backlog, at whose end is what each order's deadline asks about; the deadlines lie on their own topic."""
    backlog = [heavy(unnumbered(f"filler{n}")) for n in range(UNREAD)]
    facts = [unnumbered(f"o{n}") for n in range(ORDERS)]
    commands = [heavy(command(f"filler{n}")) for n in range(UNREAD)] + [
        command(f"o{n}") for n in range(ORDERS)
    ]
    await send(bootstrap, *(deadline(f"o{n}") for n in range(ORDERS)))
    await send(bootstrap, *backlog, *facts, *commands)


async def early(bench: Workbench) -> int:
    """Count the orders whose deadline ran before their fact and their command."""
    last: int = await bench.pool.fetchval(
        "SELECT count(*) FROM state WHERE key LIKE 'o%' AND body->'heard'->>-1 <> key || '-deadline'"
    )
    return last


async def test_no_deadline_overtakes_the_facts_and_commands_that_lie_unread(
    bootstrap: str, bench: Workbench
) -> None:
    await fill_before_anybody_reads(bootstrap)
    async with listening(Listening(bootstrap, bench, limits=SMALL_BATCHES)) as listener:
        read = await listener.until_read(2 * UNREAD + 3 * ORDERS)
    assert read["applied"] == 2 * UNREAD + 3 * ORDERS
    assert await early(bench) == 0


async def test_what_the_gate_held_is_read_again_when_its_batch_fails_and_when_another_process_joins(
    bootstrap: str, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply, calls = Unit.apply, count(1)

    async def every_third_fails(
        self: Unit, records: Iterable[Record], expected: Mapping[Partition, int]
    ) -> Applied:
        if next(calls) % 3 == 0:
            raise OSError("PostgreSQL is away for a moment")
        return await apply(self, records, expected)

    monkeypatch.setattr(Unit, "apply", every_third_fails)
    await fill_before_anybody_reads(bootstrap)
    await send(bootstrap, *(deadline(f"p{n}") for n in range(ORDERS)), partition=1)
    await send(bootstrap, *(unnumbered(f"p{n}") for n in range(ORDERS)), partition=1)
    brief = replace(SMALL_BATCHES, pause_seconds_max=0.01)
    async with listening(Listening(bootstrap, bench, limits=brief)) as first:
        await first.until_read(UNREAD // 2)
        async with listening(replace(first)) as second:
            read = await second.until_read(2 * UNREAD + 5 * ORDERS)
    assert read["applied"] == 2 * UNREAD + 5 * ORDERS
    assert await early(bench) == 0


async def test_without_the_gate_deadlines_do_overtake(bootstrap: str, bench: Workbench) -> None:
    """The check above can fail."""
    await fill_before_anybody_reads(bootstrap)
    with planted.no_gate():
        async with listening(Listening(bootstrap, bench, limits=SMALL_BATCHES)) as listener:
            await listener.until_read(2 * UNREAD + 3 * ORDERS)
    assert await early(bench) > 0


@asynccontextmanager
async def steady_flow(bootstrap: str, *says: Say) -> AsyncIterator[None]:
    """Send facts without a pause until the block ends."""

    async def flow() -> None:
        async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
            number = 0
            while True:
                for order in range(50):
                    number += 1
                    fact = unnumbered(f"flow{order}", f"flow{number}")
                    await producer.send(
                        fact.topic, value=fact.value, key=fact.key, headers=list(fact.headers), partition=0
                    )
                await producer.flush()

    flowing = asyncio.ensure_future(flow())
    yield
    assert not flowing.done()
    flowing.cancel()
    with suppress(asyncio.CancelledError):
        await flowing


async def test_a_steady_flow_of_facts_does_not_starve_deadlines(bootstrap: str, bench: Workbench) -> None:
    async with listening(Listening(bootstrap, bench)) as listener, steady_flow(bootstrap):
        for n in range(5):
            await send(bootstrap, deadline("o", f"d{n}"))
        await listener.until_heard(*(f"d{n}" for n in range(5)))


async def test_the_marker_of_a_transaction_at_the_end_of_a_topic_holds_no_deadline(
    bootstrap: str, bench: Workbench
) -> None:
    await send(bootstrap, unnumbered("o", "fact"), transaction="upstream")
    await send(bootstrap, command("o"), transaction="!upstream")
    await send(bootstrap, deadline("o"))
    async with listening(Listening(bootstrap, bench)) as listener:
        await listener.until_heard("fact", "o-deadline")
        await send(bootstrap, unnumbered("o", "undone"), transaction="!upstream")
        await send(bootstrap, deadline("o", "again"))
        await listener.until_heard("fact", "o-deadline", "again")


async def test_a_stopped_partition_holds_its_deadlines_and_no_others(
    bootstrap: str, bench: Workbench
) -> None:
    await make_anew(bootstrap, topics.CHECKOUT_EVENTS, unnumbered("o", "old"))
    first = Listening(bootstrap, bench)
    async with listening(first):
        await first.until_heard("old")
    await make_anew(bootstrap, topics.CHECKOUT_EVENTS, unnumbered("o", "new"))
    await send(bootstrap, deadline("o"), command("o"))
    await send(bootstrap, deadline("p"), partition=1)
    async with listening(replace(first)) as again:
        await again.until_stopped()
        await again.until_heard("p-deadline", order_id="p")

        async def held() -> bool:
            return {(topics.TIMER_EVENTS, 0), (topics.MESSAGING_COMMANDS, 0)} <= again.consumer._held.keys()

        await until(held, "the deadline and the command are held")
        assert again.consumer.why_not_ready() is not None
    assert await bench.heard("o") == ["old"]
