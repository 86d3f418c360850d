"""What the relay has read, packed for Kafka: a batch a partition, filled here, so that a message costs no future.

Order and idempotence stay the producer's: it numbers a batch when it takes it, and tries that same batch again. A
partition's next batch is given to it when the one before was acknowledged, so that nothing overtakes what is refused:
Kafka takes any number from a producer of which it knows nothing yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.partitioner import murmur2

from shared.contracts.topics import DEAD_LETTER_BYTES_MAX
from shared.kit.records import headers_from_json

if TYPE_CHECKING:
    import asyncpg

Row: TypeAlias = "asyncpg.Record | Mapping[str, Any]"
"""A row of the outbox, as the relay reads it."""

REQUEST_BYTES_MAX = DEAD_LETTER_BYTES_MAX + 256 * 1024
Place = tuple[str, int]
"""A topic and the number of one of its partitions."""


def key_of(row: Row) -> bytes | None:
    """Return the key of a row's record: text of ours, or whatever a dead letter had."""
    found: str | None = row["aggregateid"]
    record_key: bytes | None = row["record_key"]
    return record_key if found is None else found.encode()


def value_of(row: Row, key: bytes | None) -> bytes | None:
    """Return its value: the client library sends no record that has neither key nor value."""
    value: bytes | None = row["payload"]
    return b"" if value is None and key is None else value


def hash_of(key: bytes) -> int:
    """Hash a key as every Kafka client does: its partition is the remainder by the number of partitions."""
    positive: int = murmur2(key) & 0x7FFFFFFF
    return positive


@dataclass(slots=True)
class Packed:
    """A batch of one partition, and its rows."""

    builder: Any
    rows: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Doubtful:
    """What was not acknowledged: the batch that failed, those behind it in its partition, and why."""

    rows: list[Row]
    error: KafkaError


class Packer:
    """Fills batches with rows, in their order, and sends them."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._counts: dict[str, int] = {}
        self._hashes: dict[bytes, int] = {}
        self._batches: dict[Place, list[Packed]] = {}

    async def add(self, row: Row) -> None:
        """Put a row into its partition's batch. Raises what the client does when it knows by itself that it can't."""
        topic: str = row["aggregatetype"]
        if topic not in self._counts:
            self._counts[topic] = len(await self._producer.partitions_for(topic))
        key = key_of(row)
        value = value_of(row, key)
        if value is not None and len(value) > REQUEST_BYTES_MAX:
            raise MessageSizeTooLargeError(f"{len(value)} bytes; a request takes {REQUEST_BYTES_MAX}")
        headers = headers_from_json(row["headers"])
        place = (topic, self._partition(key, row["position"], self._counts[topic]))
        packed = self._batches.get(place)
        if packed is None:
            packed = self._batches[place] = [Packed(self._producer.create_batch())]
        message = {"timestamp": None, "key": key, "value": value, "headers": headers}
        if packed[-1].builder.append(**message) is None:
            packed.append(Packed(self._producer.create_batch()))
            packed[-1].builder.append(**message)  # the first message always fits
        packed[-1].rows.append(row)

    def _partition(self, key: bytes | None, position: int, count: int) -> int:
        """Go by the hash of the key; what has no key is spread."""
        if key is None:
            return position % count
        hashed = self._hashes.get(key)
        if hashed is None:
            hashed = self._hashes[key] = hash_of(key)
        return hashed % count

    async def send(self) -> list[Doubtful]:
        """Send everything, the partitions side by side, and return what was not acknowledged."""
        sending = [self._send_in_order(place, packed) for place, packed in self._batches.items()]
        return [doubtful for doubtful in await asyncio.gather(*sending) if doubtful is not None]

    async def _send_in_order(self, place: Place, batches: Sequence[Packed]) -> Doubtful | None:
        topic, partition = place
        for number, packed in enumerate(batches):
            packed.builder.close()
            try:
                await (await self._producer.send_batch(packed.builder, topic, partition=partition))
            except KafkaError as error:
                return Doubtful([row for each in batches[number:] for row in each.rows], error)
        return None
