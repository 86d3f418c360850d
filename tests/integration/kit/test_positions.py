"""Is this still the log that we were reading? On a real Kafka: topics re-made, cut, transactional, ahead of us."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts import topics
from tests.support.streaming import Listening, ends, listening, make_anew, send, truncate
from tests.support.toy import Say, command, numbered, unnumbered
from tests.support.until import until
from tests.support.workbench import Workbench

CHECKOUT = topics.CHECKOUT_EVENTS


def old(count: int) -> list[Say]:
    return [unnumbered("o", f"old{n}") for n in range(count)]


def new(count: int) -> list[Say]:
    return [unnumbered("o", f"new{n}") for n in range(count)]


async def read_five(bootstrap: str, bench: Workbench) -> Listening:
    """Read five records and stop; return who read them."""
    await make_anew(bootstrap, CHECKOUT, *old(5))
    listener = Listening(bootstrap, bench)
    async with listening(listener):
        await listener.until_heard(*(f"old{n}" for n in range(5)))
    return listener


@pytest.mark.parametrize(
    ("count", "found"),
    [
        (3, "its log ends at 3, and 5 records of it were applied"),
        (5, "its record at 4 is not the one that was applied from there"),
        (8, "its record at 4 is not the one that was applied from there"),
    ],
    ids=["shorter", "equally long", "longer"],
)
async def test_a_topic_that_was_made_anew_while_we_were_away_stops_the_partition(
    bootstrap: str, bench: Workbench, count: int, found: str
) -> None:
    first = await read_five(bootstrap, bench)
    await make_anew(bootstrap, CHECKOUT, *new(count))
    async with listening(replace(first)) as again:
        if count == 5:
            await send(bootstrap, unnumbered("o", "one more"))
        said = await again.until_stopped()
        assert again.consumer.why_not_ready() == said
    assert found in said
    assert "recourse kafka adopt" in said
    assert await bench.heard("o") == [f"old{n}" for n in range(5)]


async def test_topics_that_are_made_anew_while_we_read_them_stop_their_partitions(
    bootstrap: str, bench: Workbench
) -> None:
    """Shorter than they were, equally long and longer; the last two begin where we would go on reading."""
    lengths = {CHECKOUT: 3, topics.ORDERS_EVENTS: 5, topics.MESSAGING_COMMANDS: 8}
    say = {
        CHECKOUT: lambda n: unnumbered("a", f"a{n}"),
        topics.ORDERS_EVENTS: lambda n: numbered("b", n + 1, f"b{n}"),
        topics.MESSAGING_COMMANDS: lambda n: command("a", f"c{n}"),
    }
    for topic in lengths:
        await make_anew(bootstrap, topic, *(say[topic](n) for n in range(5)))
    async with listening(Listening(bootstrap, bench)) as listener:
        await listener.until_read(15)
        await asyncio.gather(
            *(
                make_anew(bootstrap, topic, *(say[topic](n) for n in range(10, 10 + length)))
                for topic, length in lengths.items()
            )
        )
        await send(bootstrap, numbered("b", 6))

        async def all_stopped() -> bool:
            return {topic for topic, _ in listener.consumer.stopped} == set(lengths)

        await until(all_stopped, "all three stop", 30)
    assert await bench.heard("a") == [*(f"a{n}" for n in range(5)), *(f"c{n}" for n in range(5))]
    assert await bench.heard("b") == [f"b{n}" for n in range(5)]


async def test_one_stopped_partition_does_not_stop_the_others(bootstrap: str, bench: Workbench) -> None:
    first = await read_five(bootstrap, bench)
    await make_anew(bootstrap, CHECKOUT, *new(8))
    await send(bootstrap, numbered("p", 1))
    await send(bootstrap, unnumbered("q"), partition=1)
    async with listening(replace(first)) as again:
        await again.until_stopped()
        await again.until_heard("p-n1", order_id="p")
        await again.until_heard("q-verified", order_id="q")


async def test_a_log_that_ends_before_our_position_stops_the_partition(
    bootstrap: str, bench: Workbench
) -> None:
    """As after a restore of Kafka, or the power loss of its only disk."""
    first = await read_five(bootstrap, bench)
    await bench.pool.execute("UPDATE offsets SET next_offset = 9, last_offset = 8 WHERE topic = $1", CHECKOUT)
    await send(bootstrap, unnumbered("o", "next"))
    # The group's own position is kept by Kafka, so the new record is delivered; it must not be taken for number 9.
    async with listening(replace(first)) as again:
        assert "its log ends at 6, and 9 records of it were applied" in await again.until_stopped()


async def test_retention_that_took_only_what_was_applied_is_no_alarm(
    bootstrap: str, bench: Workbench
) -> None:
    first = await read_five(bootstrap, bench)
    await truncate(bootstrap, CHECKOUT, before=5)
    await send(bootstrap, unnumbered("o", "next"))
    async with listening(replace(first)) as again:
        await again.until_heard(*(f"old{n}" for n in range(5)), "next")


async def test_retention_that_took_what_was_never_read_stops_the_partition(
    bootstrap: str, bench: Workbench
) -> None:
    first = await read_five(bootstrap, bench)
    await send(bootstrap, *new(3))
    await truncate(bootstrap, CHECKOUT, before=7)
    async with listening(replace(first)) as again:
        said = await again.until_stopped()
    assert "its log starts at 7, and the records from 5 on were never applied" in said
    assert await bench.heard("o") == [f"old{n}" for n in range(5)]


async def test_aborted_transactions_are_not_read_and_markers_are_no_alarm(
    bootstrap: str, bench: Workbench
) -> None:
    await make_anew(bootstrap, CHECKOUT, unnumbered("o", "plain"))
    await send(bootstrap, unnumbered("o", "undone"), transaction="!upstream")
    await send(bootstrap, unnumbered("o", "done"), transaction="upstream")
    async with listening(Listening(bootstrap, bench)) as listener:
        await listener.until_heard("plain", "done")
        await send(bootstrap, unnumbered("o", "undone too"), transaction="!upstream")
        await send(bootstrap, unnumbered("o", "done too"), transaction="upstream")
        await send(bootstrap, unnumbered("o", "last"))
        await listener.until_heard("plain", "done", "done too", "last")
        assert not listener.consumer.stopped
    await bench.check_the_sum()
    assert (
        await bench.pool.fetchval("SELECT holes FROM offsets WHERE topic = $1 AND partition = 0", CHECKOUT)
        > 0
    )


async def test_a_restart_behind_a_marker_is_no_alarm(bootstrap: str, bench: Workbench) -> None:
    await make_anew(bootstrap, CHECKOUT)
    await send(bootstrap, unnumbered("o", "first"), transaction="upstream")
    first = Listening(bootstrap, bench)
    async with listening(first):
        await first.until_heard("first")
    async with listening(replace(first)) as again:
        await send(bootstrap, unnumbered("o", "second"), transaction="upstream")
        await again.until_heard("first", "second")
        assert not again.consumer.stopped


async def set_kafkas_idea(bootstrap: str, listener: Listening, offset: int) -> None:
    """Commit an offset for the group, as a process would whose database was set back afterwards."""
    place = TopicPartition(CHECKOUT, 0)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=listener.group.name, enable_auto_commit=False
    )
    consumer.assign([place])
    await consumer.start()
    await consumer.commit({place: offset})
    await consumer.stop()


async def test_kafkas_idea_of_our_position_is_not_believed_when_it_is_ahead(
    bootstrap: str, bench: Workbench
) -> None:
    first = await read_five(bootstrap, bench)
    await send(bootstrap, *new(3))
    await set_kafkas_idea(bootstrap, first, 7)
    async with listening(replace(first)) as again:
        await again.until_heard(*(f"old{n}" for n in range(5)), *(f"new{n}" for n in range(3)))


async def test_nothing_is_lost_when_the_batch_that_was_rewound_fails(
    bootstrap: str, bench: Workbench
) -> None:
    """A neighbour of the rewound partition fails: the way back must not lead past what was never read."""
    first = await read_five(bootstrap, bench)
    await send(bootstrap, *new(3))
    await set_kafkas_idea(bootstrap, first, 7)
    failures = iter(range(3))

    async def fails_at_first(_connection: object, _effects: object) -> None:
        if next(failures, None) is not None:
            raise ConnectionResetError("the cable")

    bench.toy.apply = fails_at_first
    await send(bootstrap, numbered("neighbour", 1))
    async with listening(replace(first)) as again:
        await again.until_heard("neighbour-n1", order_id="neighbour")
        await again.until_heard(*(f"old{n}" for n in range(5)), *(f"new{n}" for n in range(3)))


async def test_a_database_that_was_set_back_reads_again_what_it_forgot(
    bootstrap: str, bench: Workbench
) -> None:
    first = await read_five(bootstrap, bench)
    await bench.pool.execute("TRUNCATE offsets, state, seen, outbox")
    async with listening(replace(first)) as again:
        await send(bootstrap, unnumbered("o", "next"))
        await again.until_heard(*(f"old{n}" for n in range(5)), "next")


async def test_a_topic_that_is_new_is_read_from_its_beginning(bootstrap: str, bench: Workbench) -> None:
    await make_anew(bootstrap, CHECKOUT, *old(5))
    async with listening(Listening(bootstrap, bench)) as listener:
        await listener.until_heard(*(f"old{n}" for n in range(5)))
    ended = await ends(bootstrap, [CHECKOUT])
    assert await bench.position((CHECKOUT, 0)) == ended[TopicPartition(CHECKOUT, 0)]
