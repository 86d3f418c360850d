"""One consumer without a group, for look-ups only: where a partition begins and ends, and one record of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.kit import header_names
from shared.kit.records import Record
from shared.kit.tally import Partition

_READ_SECONDS_MAX = 5.0


class Lookup:
    """Asks Kafka about logs on a connection of its own: the subscriber's own would wait behind its long poll."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._consumer: AIOKafkaConsumer | None = None
        self._reading = asyncio.Lock()

    async def start(self) -> None:
        """Connect."""
        header_names.tolerate()
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap_servers,
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            metadata_max_age_ms=10_000,
            fetch_max_wait_ms=100,
        )
        await self._consumer.start()

    async def stop(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            await self._consumer.stop()

    @property
    def _connected(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise RuntimeError("the look-up consumer was not started")
        return self._consumer

    async def ends(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        """Return for each partition the offset that its next record will have."""
        wanted = [TopicPartition(*partition) for partition in partitions]
        if not wanted:
            return {}
        found = await self._connected.end_offsets(wanted)
        return {(place.topic, place.partition): offset for place, offset in found.items()}

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        """Return the first offset that the log still has, and the one that its next record will have."""
        place = TopicPartition(*partition)
        begins = await self._connected.beginning_offsets([place])
        ends = await self._connected.end_offsets([place])
        return begins[place], ends[place]

    async def record(self, partition: Partition, offset: int) -> Record | None:
        """Return the first record at or after an offset, or None when none comes in time."""
        place = TopicPartition(*partition)
        async with self._reading:
            self._connected.assign([place])
            self._connected.seek(place, offset)
            try:
                async with asyncio.timeout(_READ_SECONDS_MAX):
                    return Record.of(await self._connected.getone(place))
            except TimeoutError:
                return None
            finally:
                self._connected.assign([])
