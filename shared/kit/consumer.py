"""Kafka in: one batch subscriber a service, over all its topics. Failures wait and are read again, never skipped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import ConsumerStoppedError, IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from shared.contracts.topics import Topic
from shared.kit import clock, header_names, logs, metrics
from shared.kit.db import Pool
from shared.kit.errors import LogIsAnotherError, PositionMovedError
from shared.kit.fold import Verdict
from shared.kit.gate import Gate, Split
from shared.kit.limits import Limits
from shared.kit.lookup import Lookup
from shared.kit.membership import Membership
from shared.kit.outage import OutageWatch
from shared.kit.positions import Positions, Rewind
from shared.kit.records import Record
from shared.kit.service import Key
from shared.kit.sql import queries
from shared.kit.tally import Partition, by_partition
from shared.kit.unit import Unit

_SQL = queries("shared.kit", "kit.sql")
_log = logs.logger()


@dataclass(frozen=True, slots=True)
class Group:
    """The consumer group: its name, and an id unique to each process of it."""

    name: str
    instance: str | None


def connect(bootstrap_servers: str, limits: Limits) -> KafkaBroker:
    """Return a broker for a consumer, whose defaults that would lose or hide something are overridden."""
    header_names.tolerate()
    return KafkaBroker(
        bootstrap_servers,
        consumer_only=True,
        apply_types=False,  # nothing is injected: the look for it costs a thread's turn a batch
        allow_auto_create_topics=False,
        metadata_max_age_ms=10_000,
        graceful_timeout=limits.drain_seconds_max,
        logger=None,
    )


class Consumer:
    """Brings batches to the unit, in the order positions → gate → transaction."""

    def __init__(
        self,
        unit: Unit,
        pool: Pool,
        lookup: Lookup,
        topics: Sequence[Topic],
        limits: Limits,
        on_others: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_others` is called whenever another process may have applied records of partitions that are ours now."""
        self._unit = unit
        self._on_others = on_others
        self._pool = pool
        self._topics = topics
        self._limits = limits
        self._positions = Positions(pool, lookup)
        self._gate = Gate(topics, lookup.ends, self._position)
        self._outage = OutageWatch(limits)
        self._subscriber: Any = None
        self._held: dict[Partition, list[Record]] = {}
        self._delivered: dict[Partition, int] = {}
        self._is_delivering = False
        self._holding = asyncio.Event()
        self._to_commit: dict[TopicPartition, int] = {}
        self._failures = 0
        self._stopping = asyncio.Event()
        self.stopped: dict[Partition, LogIsAnotherError] = {}
        self.failure: str | None = None
        self.poll_failure: str | None = None
        self._member = Membership(limits.session_seconds)

    def subscribe(self, broker: KafkaBroker, group: Group) -> None:
        """Declare the subscriber. Every default that would lose or skip records is overridden here."""
        self._subscriber = broker.subscriber(
            *(topic.name for topic in self._topics),
            batch=True,
            group_id=group.name,
            group_instance_id=group.instance,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            partition_assignment_strategy=(RangePartitionAssignor,),
            max_records=self._limits.batch_records_max,
            fetch_max_wait_ms=100,
            session_timeout_ms=int(self._limits.session_seconds * 1000),
            heartbeat_interval_ms=int(self._limits.session_seconds * 1000 / 4),
            parser=_tolerant,
            decoder=_records,
            listener=_Rebalanced(self),
        )
        self._subscriber(self._handle)
        self._subscriber.get_msg = self._poll

    async def _poll(self, client: AIOKafkaConsumer) -> tuple[Any, ...]:
        """Wait for records, in the library's place: after an empty look it would sleep, deaf to what comes then.

        What goes wrong here is hidden by the library, which tries again at once or in seconds.
        """
        self._is_delivering = False
        try:
            found = await client.getmany(
                timeout_ms=self._limits.poll_ms, max_records=self._limits.batch_records_max
            )
        except ConsumerStoppedError:
            raise
        except Exception as error:
            self.poll_failure = f"reading from Kafka fails: {type(error).__name__}: {error}"
            _log.error(logs.Event.POLL_FAILED, error=self.poll_failure)
            if not isinstance(error, KafkaError):
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self._limits.pause_seconds_max)
            raise
        self.poll_failure = None
        self._is_delivering = bool(found)
        return tuple(chain.from_iterable(found.values()))

    @property
    def _client(self) -> AIOKafkaConsumer | None:
        client: AIOKafkaConsumer | None = self._subscriber.consumer if self._subscriber else None
        return client

    async def _handle(self, raw: Sequence[Any]) -> None:
        groups = self._with_held(by_partition(Record.of(found) for found in raw))
        self._is_delivering = False
        started = time.perf_counter()
        back = {place: records[0].place.offset for place, records in groups.items()}
        try:
            count = await self._consume(groups, back)
        except Exception as error:  # noqa: BLE001  whatever it is, the batch is read again and nothing is skipped
            await self._pause_after(error, back)
        else:
            self._failures, self.failure = 0, self._outage.verdict
            metrics.BATCH_RECORDS.observe(count)
            metrics.BATCH_SECONDS.observe(time.perf_counter() - started)

    def _with_held(self, groups: dict[Partition, list[Record]]) -> dict[Partition, list[Record]]:
        """Bring what the gate held together with what was delivered since.

        A rebalance forgets pauses: what was held of a partition that is not paused is read again by itself.
        """
        for place, records in groups.items():
            self._delivered[place] = records[-1].place.offset + 1
        held, self._held = self._held, {}
        paused = self._client.paused() if self._client is not None else ()
        kept = {place: records for place, records in held.items() if TopicPartition(*place) in paused}
        return groups | {place: records + groups.get(place, []) for place, records in kept.items()}

    async def _consume(self, groups: Mapping[Partition, list[Record]], back: dict[Partition, int]) -> int:
        """Apply what may run now. `back` says from where each partition is read again should this fail."""
        if self._outage.verdict is not None:
            self._stand_still(back)
            return 0
        verified, expected = await self._verify(groups, back)
        split = await self._gate.split(verified)
        self._hold(split)
        passed = [record for records in split.passed.values() for record in records]
        if not passed:
            return 0
        try:
            applied = await self._unit.apply(passed, {place: expected[place] for place in split.passed})
        except PositionMovedError:
            self._positions.forget(list(split.passed))
            self._on_others()
            raise
        for place, next_offset in applied.next_offsets.items():
            self._positions.advance(place, next_offset)
            self._to_commit[TopicPartition(*place)] = next_offset
        for verdict, count in applied.verdicts.items():
            metrics.RECORDS.labels(verdict=verdict.value).inc(count)
        self._watch(applied.verdicts)
        return len(passed)

    async def _verify(
        self, groups: Mapping[Partition, list[Record]], back: dict[Partition, int]
    ) -> tuple[dict[Partition, list[Record]], dict[Partition, int]]:
        """Return the groups whose log is the right one, and where each stands."""
        verified, expected = {}, {}
        for place, records in groups.items():
            try:
                stands_at = await self._positions.verify(place, records[0])
            except LogIsAnotherError as error:
                self._stop(place, records[0].place.offset, error)
                continue
            if isinstance(stands_at, Rewind):
                _log.info(logs.Event.REWOUND, topic=place[0], partition=place[1], offset=stands_at.offset)
                self._read_again(place, stands_at.offset)
                back[place] = stands_at.offset
                continue
            if stands_at > records[0].place.offset:
                self._on_others()
            verified[place], expected[place] = records, stands_at
        return verified, expected

    def _watch(self, verdicts: Mapping[Verdict, int]) -> None:
        self._outage.add(verdicts)
        if self._outage.verdict is not None:
            self.failure = self._outage.verdict
            _log.error(logs.Event.CONSUMER_HALTED, why=self._outage.verdict)

    def _stop(self, place: Partition, offset: int, error: LogIsAnotherError) -> None:
        if place not in self.stopped:
            _log.error(logs.Event.PARTITION_STOPPED, topic=place[0], partition=place[1], what=str(error))
        self.stopped[place] = error
        metrics.STOPPED_PARTITIONS.set(len(self.stopped))
        self._seek(place, offset)
        self._pause(place)

    def _hold(self, split: Split) -> None:
        """Keep what the gate holds for the next batch, and read no more of its partition; read on where it passed."""
        for place in split.passed:
            self._resume(place)
        for place in split.held:
            self._pause(place)
        self._held = dict(split.held)
        if self._held:
            self._holding.set()

    def _stand_still(self, back: Mapping[Partition, int]) -> None:
        for place, offset in back.items():
            self._seek(place, offset)
            self._pause(place)

    def _read_again(self, place: Partition, offset: int) -> None:
        self._held.pop(place, None)
        self._seek(place, offset)
        self._resume(place)

    async def _pause_after(self, error: Exception, back: Mapping[Partition, int]) -> None:
        """Roll the consumer back to where the batch is read again and wait, longer each time."""
        for place, offset in back.items():
            if place not in self.stopped:
                self._read_again(place, offset)
        if isinstance(error, PositionMovedError):
            return
        self._failures += 1
        self.failure = f"{type(error).__name__}: {error}"
        pause_seconds = min(self._limits.pause_seconds_max, 0.1 * 2 ** min(self._failures, 10))
        metrics.BATCH_FAILURES.inc()
        _log.warning(logs.Event.BATCH_FAILED, error=self.failure, pause_seconds=pause_seconds, exc_info=error)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause_seconds)

    def _seek(self, place: Partition, offset: int) -> None:
        # A rebalance in mid-handler takes the partition away; its next owner reads it from the database's position.
        self._delivered.pop(place, None)
        if self._client is not None:
            with suppress(IllegalStateError):
                self._client.seek(TopicPartition(*place), offset)

    def _pause(self, place: Partition) -> None:
        if self._client is not None:
            with suppress(IllegalStateError):
                self._client.pause(TopicPartition(*place))

    def _resume(self, place: Partition) -> None:
        if self._client is not None and place not in self.stopped:
            with suppress(IllegalStateError):
                self._client.resume(TopicPartition(*place))

    async def _position(self, place: Partition, at_least: int) -> int | None:
        """Return how far a partition was delivered; what is known of it will do if it is so far."""
        if self._delivered.get(place, -1) >= at_least:
            return self._delivered[place]
        client = self._client
        if client is None or TopicPartition(*place) not in client.assignment():
            return None
        with suppress(IllegalStateError, TimeoutError):
            async with asyncio.timeout(self._limits.position_seconds_max):
                position: int = await client.position(TopicPartition(*place))
                return position
        return None

    def rebalanced(self) -> None:
        """Verify, ask and stop anew: a rebalance forgets pauses, and others may have moved our partitions."""
        self._positions.forget()
        self._gate.forget()
        self._held.clear()
        self._delivered.clear()
        self.stopped.clear()
        metrics.STOPPED_PARTITIONS.set(0)
        self._member.joined(self._member_id(), time.monotonic())
        self._on_others()

    def _member_id(self) -> str:
        """Return the name that Kafka gave this process in its group; it gives another when it has forgotten us."""
        return str(getattr(getattr(self._client, "_coordinator", None), "member_id", ""))

    def assigned(self, topic: str) -> frozenset[int]:
        """Name the partitions of a topic that are this process's own now, and not stopped."""
        places = self._client.assignment() if self._client is not None else ()
        mine = {place.partition for place in places if place.topic == topic}
        return frozenset(mine - {partition for name, partition in self.stopped if name == topic})

    async def open_gates(self) -> None:
        """Have read again what the gate held when no batch comes that could bring it.

        So it is where its facts end in records that nobody is given: those of a transaction's end.
        """
        while not self._stopping.is_set():
            if not self._is_delivering and self._outage.verdict is None:
                for place in await self._gate.opened(self._held):
                    if records := self._held.get(place):
                        self._read_again(place, records[0].place.offset)
            if self._held:
                await asyncio.sleep(self._limits.gate_seconds)
            else:
                self._holding.clear()
                await self._holding.wait()

    async def commit_offsets(self) -> None:
        """Tell Kafka how far we are, for lag displays and a quick restart. The truth is in the database."""
        while not self._stopping.is_set():
            await self._commit_once()
            await asyncio.sleep(self._limits.commit_seconds)

    async def _commit_once(self) -> None:
        client = self._client
        if client is None:
            return
        mine = {place: offset for place, offset in self._to_commit.items() if place in client.assignment()}
        self._to_commit.clear()
        if mine:
            # While Kafka is away the client would try for ever, and hold up the end of the process.
            with suppress(KafkaError, IllegalStateError, TimeoutError):
                async with asyncio.timeout(self._limits.commit_seconds):
                    await client.commit(mine)

    async def refuse_overdue_commands(self) -> None:
        """Refuse commands whose order did not come in time (real time)."""
        while not self._stopping.is_set():
            since = clock.real_now() - timedelta(seconds=self._limits.order_wait_seconds)
            found = await self._pool.fetch(_SQL["overdue_commands"], since)
            if found:
                await self._unit.refuse_overdue([Key(row["kind"], row["key"]) for row in found], since)
            await asyncio.sleep(self._limits.overdue_seconds)

    async def drain(self) -> None:
        """Stop what runs beside the handler and tell Kafka the last offsets. Call before the broker stops."""
        self._stopping.set()
        self._holding.set()
        await self._commit_once()

    def why_not_ready(self) -> str | None:
        """Say what keeps this consumer from being well; None when nothing does."""
        client = self._client
        if client is None or not client.assignment():
            return "no partition is assigned to this process yet"
        for error in self.stopped.values():
            return str(error)
        if why := self.failure or self.poll_failure:
            return why
        if self._member.is_contested(time.monotonic()):
            return "another process has the same INSTANCE_ID: they push each other out of the group"
        silent_ms = self._limits.silence_seconds_max * 1000
        oldest_ms = clock.real_now().timestamp() * 1000 - silent_ms
        for place in client.assignment() - client.paused():
            if (client.last_poll_timestamp(place) or 0) < oldest_ms:
                return f"Kafka has not answered for {place.topic}[{place.partition}] in {silent_ms // 1000} s"
        return None


class _Rebalanced(ConsumerRebalanceListener):  # type: ignore[misc]  # untyped upstream
    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Nothing to do: the next owner waits for our transaction at the offset row."""

    async def on_partitions_assigned(self, assigned: Any) -> None:  # noqa: ARG002  the client's signature
        """Look at everything anew."""
        self._consumer.rebalanced()


async def _tolerant(records: tuple[Any, ...], original: Any) -> Any:
    """Parse a batch without looking into it: a header that is not UTF-8 would fail the whole batch."""
    first = records[0]
    bare = type(first)(
        **{name: getattr(first, name) for name in first.__dataclass_fields__} | {"headers": ()}
    )
    message = await original((bare,))
    message.raw_message = records
    return message


async def _records(message: Any) -> Sequence[Any]:
    """Decode nothing: each record is decoded on its own."""
    found: Sequence[Any] = message.raw_message
    return found
