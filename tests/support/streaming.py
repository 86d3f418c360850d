"""The toy service as a process has it: a FastStream subscriber on a real Kafka, the unit on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import struct
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.record.util import calc_crc32c

from shared.contracts.topics import TOPICS, Topic
from shared.kit import ids
from shared.kit.consumer import Consumer, Group, connect
from shared.kit.decode import decoder
from shared.kit.limits import Limits
from shared.kit.lookup import Lookup
from shared.kit.unit import Applied, Unit
from tests.support.toy import READS, Say
from tests.support.until import until
from tests.support.workbench import Workbench

CRC_AT = 17  # in a batch of records, by Kafka's format
QUICK = Limits(session_seconds=6, pause_seconds_max=0.2, commit_seconds=0.05, overdue_seconds=0.05)


@dataclass
class Listening:
    """One running consumer of the toy service."""

    bootstrap: str
    bench: Workbench
    group: Group = field(default_factory=lambda: Group(f"test-{ids.fresh()}", None))
    limits: Limits = QUICK
    topics: Sequence[Topic] = READS
    others: int = 0
    batches: list[Applied] = field(default_factory=list)

    async def start(self) -> None:
        self.lookup = Lookup(self.bootstrap)
        await self.lookup.start()
        service = self.bench.toy.service()
        self.unit = _Recording(self.bench.pool, service, decoder(service.check))
        self.unit.applied = self.batches
        self.consumer = Consumer(
            self.unit, self.bench.pool, self.lookup, self.topics, self.limits, self._others_were_here
        )
        self._broker = connect(self.bootstrap, self.limits)
        self.consumer.subscribe(self._broker, self.group)
        await self._broker.start()
        self._tasks = [
            asyncio.ensure_future(task())
            for task in (
                self.consumer.open_gates,
                self.consumer.commit_offsets,
                self.consumer.refuse_overdue_commands,
            )
        ]

    async def stop(self) -> None:
        await self.consumer.drain()
        await self._broker.stop()
        await asyncio.gather(*self._tasks)
        await self.lookup.stop()

    def _others_were_here(self) -> None:
        self.others += 1

    async def until_heard(self, *event_ids: str, order_id: str = "o") -> None:
        """Wait until an order has heard exactly this."""

        async def heard() -> bool:
            return await self.bench.heard(order_id) == list(event_ids)

        await until(heard, f"{order_id} hears {', '.join(event_ids)}")

    async def until_stopped(self) -> str:
        """Wait until a partition is stopped, and return what was found."""

        async def found() -> str | None:
            return next((str(error) for error in self.consumer.stopped.values()), None)

        return str(await until(found, "a partition stops"))

    async def until_read(self, count: int) -> Mapping[str, int]:
        """Wait until so many records were read in all; return what became of them."""

        async def read() -> Mapping[str, int] | None:
            row = await self.bench.pool.fetchrow(
                "SELECT sum(records)::int AS records, sum(applied)::int AS applied, sum(copies)::int AS copies, "
                "sum(dead)::int AS dead, sum(waiting)::int AS waiting, sum(parked)::int AS parked FROM offsets"
            )
            return dict(row) if row and (row["records"] or 0) >= count else None

        found = await until(read, f"{count} records are read", 60)
        await self.bench.check_the_sum()
        assert found is not None
        return found


class _Recording(Unit):
    """A unit that remembers what each batch came to."""

    applied: list[Applied]

    async def apply(self, records: Iterable[object], expected: Mapping[tuple[str, int], int]) -> Applied:
        applied = await super().apply(records, expected)  # type: ignore[arg-type]
        self.applied.append(applied)
        return applied


@asynccontextmanager
async def listening(listener: Listening) -> AsyncIterator[Listening]:
    """Give a running consumer; it is stopped at the end of the block."""
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop()


async def send(bootstrap: str, *said: Say, partition: int = 0, transaction: str | None = None) -> None:
    """Produce these records in order, in a transaction if one is named; `!` in front of its name aborts it."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,
        acks="all",
        max_request_size=4_000_000,
        transactional_id=transaction.lstrip("!") if transaction else None,
    )
    await producer.start()
    try:
        if transaction:
            await producer.begin_transaction()
        futures = [
            await producer.send(
                each.topic, value=each.value, key=each.key, headers=list(each.headers), partition=partition
            )
            for each in said
        ]
        await asyncio.gather(*futures)
        if transaction:
            await (
                producer.abort_transaction() if transaction.startswith("!") else producer.commit_transaction()
            )
    finally:
        await producer.stop()


async def send_with_name(bootstrap: str, name: bytes, *said: Say) -> None:
    """Produce a batch as other clients can: the first record has a header whose name is these bytes."""
    placeholder = "n" * len(name)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        batch = producer.create_batch()
        for number, each in enumerate(said):
            headers = [*([(placeholder, b"v")] if number == 0 else []), *each.headers]
            batch.append(key=each.key, value=each.value, timestamp=None, headers=headers)
        found = bytes(batch._build()).replace(placeholder.encode(), name)
        whole = bytearray(found)
        struct.pack_into(">I", whole, CRC_AT, calc_crc32c(memoryview(whole)[CRC_AT + 4 :]))
        batch._buffer = whole
        await (await producer.send_batch(batch, said[0].topic, partition=0))


@asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give an admin client."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def ends(bootstrap: str, topics: Sequence[str]) -> Mapping[TopicPartition, int]:
    """Return the ends of these topics' partitions."""
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap, group_id=None)
    await consumer.start()
    try:
        places = [TopicPartition(t, p) for t in topics for p in consumer.partitions_for_topic(t) or ()]
        found: Mapping[TopicPartition, int] = await consumer.end_offsets(places)
        return found
    finally:
        await consumer.stop()


async def truncate(bootstrap: str, *topics: str, before: int | None = None) -> None:
    """Delete the records of these topics, those before an offset or all; offsets go on counting."""
    places = await ends(bootstrap, topics)
    async with admin(bootstrap) as client:
        await client.delete_records(
            {
                place: RecordsToDelete(before_offset=end if before is None else min(before, end))
                for place, end in places.items()
            }
        )


async def make_anew(bootstrap: str, topic: str, *said: Say) -> None:
    """Delete a topic and make it again, with these records in it."""
    partitions = len(await ends(bootstrap, [topic]))
    async with admin(bootstrap) as client:
        await client.delete_topics([topic])

        async def gone() -> bool:
            return topic not in await client.list_topics()

        await until(gone, f"{topic} is gone")
        await client.create_topics([NewTopic(topic, partitions, 1)])
    await send(bootstrap, *said)


async def sent_to(
    bootstrap: str,
    topic: str,
    count: int,
    *,
    since: Mapping[TopicPartition, int] | None = None,
    seconds_max: float = 60,
) -> list[Say]:
    """Read a topic from its beginning, or since its ends were asked for, until there are so many records."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest", fetch_max_wait_ms=50
    )
    await consumer.start()
    for place, offset in (since or {}).items():
        consumer.seek(place, offset)
    found: list[Say] = []
    try:
        async with asyncio.timeout(seconds_max):
            while len(found) < count:
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found += [
                        Say(record.topic, record.key, tuple(record.headers), record.value)
                        for record in records
                    ]
    finally:
        await consumer.stop()
    return found


def counted(found: Iterable[Say], header: str) -> Counter[str]:
    """Count records by a header of theirs."""
    return Counter((dict(each.headers).get(header) or b"").decode() for each in found)


ALL_TOPICS = tuple(TOPICS)
