"""Kafka in: no default that loses or skips, no record that fails a batch, and an end when all is poison."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.record.memory_records import MemoryRecords
from faststream import AckPolicy

from services.cli.embedded.kafka import Kafka
from shared.contracts import topics
from shared.kit import header_names
from tests.support.streaming import QUICK, Listening, listening, send, send_with_name
from tests.support.toy import Say, command, deadline, numbered, poison, unnumbered
from tests.support.until import until
from tests.support.workbench import NAME, Workbench


async def test_every_default_that_loses_or_skips_is_overridden(bootstrap: str, bench: Workbench) -> None:
    async with listening(Listening(bootstrap, bench)) as listener:
        subscribers: list[Any] = list(listener._broker.subscribers)
        assert len(subscribers) == 1
        for subscriber in subscribers:
            told = subscriber._connection_args
            assert subscriber.ack_policy is AckPolicy.MANUAL
            assert told["enable_auto_commit"] is False
            assert told["auto_offset_reset"] == "earliest"
            assert told["isolation_level"] == "read_committed"
            assert told["partition_assignment_strategy"] == (RangePartitionAssignor,)
            assert subscriber._outer_config.allow_auto_create_topics is False
            assert {topic.name for topic in subscriber.topics} == {topic.name for topic in listener.topics}
            client = subscriber.consumer
            assert client._enable_auto_commit is False
            assert client._isolation_level == "read_committed"
            assert client._client._metadata_max_age_ms <= 30_000
            assert client._fetch_max_wait_ms == 100
            assert client._group_id == listener.group.name
            assert subscriber.max_records == listener.limits.batch_records_max
        assert listener._broker.config.broker_config.graceful_timeout == listener.limits.drain_seconds_max


async def test_nothing_that_cannot_be_read_fails_a_batch(bootstrap: str, bench: Workbench) -> None:
    good = unnumbered("o")
    odd = [
        Say(good.topic, b"\xff", (), None),
        Say(good.topic, None, (), b"\xff\xfe"),
        Say(good.topic, b"o", (("ce_type", b"\xff\xff"),), good.value),
        Say(good.topic, b"o", (("ce_type", None), ("", b"")), good.value),
        Say(
            good.topic,
            b"o",
            tuple((name, b"\xff" + (value or b"")) for name, value in good.headers),
            good.value,
        ),
        poison(good, b""),
        poison(good, b"x" * 1_000_000),
    ]
    await send(bootstrap, *odd[:4], good, *odd[4:], command("o"))
    async with listening(Listening(bootstrap, bench)) as listener:
        read = await listener.until_read(len(odd) + 2)
        await listener.until_heard("o-verified", "o-command")
        assert listener.consumer.failure is None
    assert (read["applied"], read["dead"]) == (2, len(odd))


async def test_a_header_whose_name_is_no_text_stops_nothing(bootstrap: str, bench: Workbench) -> None:
    """Kafka takes it, and its client would fail on it for ever."""
    await send(bootstrap, unnumbered("o", "before"))
    await send_with_name(bootstrap, b"\xff\xfe\xff\xfe", unnumbered("o", "odd"), unnumbered("o", "beside"))
    await send_with_name(bootstrap, b"\xff\xfe\xff\xfe", poison(unnumbered("o", "dead")))
    await send(bootstrap, unnumbered("o", "behind"))
    async with listening(Listening(bootstrap, bench)) as listener:
        await listener.until_heard("before", "odd", "beside", "behind")
        assert listener.consumer.why_not_ready() is None
    (letter,) = await bench.outbox(topics.dead_letters(NAME))
    assert letter["headers"]["\\xff\\xfe\\xff\\xfe"] == "v"


async def test_what_kafkas_client_cannot_take_in_is_told_by_readiness(
    bootstrap: str, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the reader above: the library hides the error, and tries again at once and for ever."""
    monkeypatch.setattr(header_names, "tolerate", lambda: None)
    monkeypatch.setattr(fetcher, "MemoryRecords", MemoryRecords)
    await send_with_name(bootstrap, b"\xff\xfe\xff\xfe", unnumbered("o"))
    async with listening(Listening(bootstrap, bench)) as listener:

        async def says_so() -> bool:
            return "reading from Kafka fails: UnicodeDecodeError" in (listener.consumer.why_not_ready() or "")

        await until(says_so, "readiness says that nothing can be read")


async def test_a_batch_that_fails_is_read_again_and_readiness_says_why(
    bootstrap: str, bench: Workbench
) -> None:
    mended = False

    async def is_away(_connection: object, _effects: object) -> None:
        if not mended:
            raise ConnectionResetError("the cable")

    bench.toy.apply = is_away
    await send(bootstrap, unnumbered("o"))
    async with listening(Listening(bootstrap, bench)) as listener:

        async def why() -> bool:
            return "the cable" in (listener.consumer.why_not_ready() or "")

        await until(why, "readiness names the failure")
        mended = True
        await listener.until_heard("o-verified")

        async def is_ready() -> bool:
            return listener.consumer.why_not_ready() is None

        await until(is_ready, "readiness")


async def test_a_command_whose_order_does_not_come_is_refused_by_the_running_consumer(
    bootstrap: str, bench: Workbench
) -> None:
    await send(bootstrap, command("o"))
    async with listening(Listening(bootstrap, bench, limits=replace(QUICK, order_wait_seconds=0.1))):

        async def refused() -> list[dict[str, Any]]:
            return await bench.said(topics.MESSAGING_EVENTS)

        (refusal,) = await until(refused, "the refusal")
    assert refusal["reason"] == "unknown_order"


async def test_more_than_half_dead_of_the_last_1000_stops_the_consumer_which_says_so(
    bootstrap: str, bench: Workbench
) -> None:
    await send(bootstrap, *(unnumbered(f"o{n}") for n in range(600)))
    async with listening(
        Listening(bootstrap, bench, limits=replace(QUICK, batch_records_max=100))
    ) as listener:
        await listener.until_read(600)
        assert listener.consumer.why_not_ready() is None
        await send(bootstrap, *(poison(unnumbered(f"o{n}")) for n in range(3000)))

        async def halted() -> str | None:
            return listener.consumer.failure

        said = str(await until(halted, "the consumer halts"))
        await send(bootstrap, unnumbered("later"), numbered("later", 1))
        read = await listener.until_read(1000)
        assert listener.consumer.why_not_ready() == said
    assert "records could not be read: an upstream is broken" in said
    assert "restart this service" in said
    assert 500 < read["dead"] < 1000
    assert await bench.heard("later") == []


async def test_kafka_is_told_how_far_we_are(bootstrap: str, bench: Workbench) -> None:
    await send(bootstrap, unnumbered("a"), unnumbered("b"))
    async with listening(Listening(bootstrap, bench)) as listener:
        await listener.until_read(2)
        client: Any = listener.consumer._client

        async def told() -> bool:
            place = next(
                p for p in client.assignment() if p.topic == topics.CHECKOUT_EVENTS and p.partition == 0
            )
            return bool(await client.committed(place) == await bench.position((place.topic, 0)))

        await until(told, "Kafka knows")


async def test_two_processes_share_the_partitions_and_apply_each_record_once(
    bootstrap: str, bench: Workbench
) -> None:
    first = Listening(bootstrap, bench)
    second = replace(first, batches=[])
    async with listening(first):
        for n in range(10):
            for partition in (0, 1):
                await send(
                    bootstrap,
                    unnumbered(f"{n}-{partition}"),
                    deadline(f"{n}-{partition}"),
                    partition=partition,
                )
            if n == 3:
                await second.start()
            if n == 7:
                await second.stop()
        read = await first.until_read(40)
    assert read["applied"] == 40
    heard = {
        row["key"]: row["n"]
        for row in await bench.pool.fetch("SELECT key, json_array_length(body->'heard') AS n FROM state")
    }
    assert heard == {f"{n}-{partition}": 2 for n in range(10) for partition in (0, 1)}
    assert first.others > 1  # it was told of each change of hands


async def test_one_partition_number_of_every_topic_belongs_to_one_process(
    bootstrap: str, bench: Workbench
) -> None:
    first = Listening(bootstrap, bench)
    second = replace(first, batches=[])
    async with listening(first), listening(second):

        async def shared() -> bool:
            mine = [
                {(t.name, *listener.consumer.assigned(t.name)) for t in listener.topics if t.order_keyed}
                for listener in (first, second)
            ]
            return all(len(place) == 2 for each in mine for place in each)

        await until(shared, "each has one partition of every topic")
        for listener in (first, second):
            assert len({listener.consumer.assigned(t.name) for t in listener.topics if t.order_keyed}) == 1


async def test_while_kafka_is_away_the_consumer_waits_and_says_so(
    bootstrap: str, bench: Workbench, kit_kafka: Kafka
) -> None:
    limits = replace(QUICK, silence_seconds_max=1)
    await send(bootstrap, unnumbered("o", "before"))
    async with listening(Listening(bootstrap, bench, limits=limits)) as listener:
        await listener.until_heard("before")
        await asyncio.to_thread(kit_kafka.kill)
        try:

            async def says_so() -> bool:
                return "Kafka has not answered" in (listener.consumer.why_not_ready() or "")

            await until(says_so, "readiness says that Kafka is away")
        finally:
            await asyncio.to_thread(kit_kafka.start)
        await send(bootstrap, unnumbered("o", "after"))
        await listener.until_heard("before", "after")
