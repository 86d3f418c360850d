"""What outsiders said about an order: no outbox has it, so it is read from Kafka itself, as far as it still has it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.cli.addresses import System
from services.cli.quiet import Partition, partitions_of
from services.cli.reader import kafka_away
from shared.contracts.data import Command
from shared.contracts.envelope import Known, read
from shared.contracts.topics import CARRIERS_EVENTS, TOPICS
from shared.kit.clock import real_now

READ_SECONDS_MAX = 5.0
ADDRESS = "ship_to"
"""Not shown: an address is for the seller who ships, and for nobody else (O14)."""
_BATCH_RECORDS = 2000
_POLL_MS = 200


@dataclass(frozen=True, slots=True)
class Heard:
    """One event or command from outside, without the address. `at` is business time."""

    id: str
    type: str
    topic: str
    at: datetime
    data: dict[str, Any]


async def said_outside(
    system: System, order_id: str, tracking_numbers: Sequence[str]
) -> Sequence[Heard] | None:
    """Return what outsiders said about an order and its parcels; None when there is too much to read in time."""
    wanted = {
        name: {order_id} for name, topic in TOPICS.items() if topic.outsiders_write and topic.order_keyed
    }
    if tracking_numbers:
        wanted[CARRIERS_EVENTS] = set(tracking_numbers)
    try:
        async with asyncio.timeout(READ_SECONDS_MAX):
            return await _read(system, wanted)
    except TimeoutError:
        return None


async def _read(system: System, wanted: dict[str, set[str]]) -> Sequence[Heard]:
    from aiokafka import AIOKafkaConsumer
    from aiokafka.errors import KafkaError

    places = await partitions_of(system, list(wanted))
    consumer = AIOKafkaConsumer(
        bootstrap_servers=system.kafka,
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    try:
        await consumer.start()
        return await _scan(consumer, places, lambda topic, key: key in wanted[topic])
    except KafkaError as error:
        raise kafka_away(system, error) from error
    finally:
        await consumer.stop()


async def _scan(
    consumer: Any, places: Sequence[Partition], is_wanted: Callable[[str, str], bool]
) -> Sequence[Heard]:
    from aiokafka import TopicPartition

    partitions = [TopicPartition(*place) for place in places]
    consumer.assign(partitions)
    await consumer.seek_to_beginning(*partitions)
    ends = await consumer.end_offsets(partitions)
    found: dict[str, Heard] = {}
    while any([await consumer.position(place) < end for place, end in ends.items()]):
        batch = await consumer.getmany(timeout_ms=_POLL_MS, max_records=_BATCH_RECORDS)
        for record in (each for records in batch.values() for each in records):
            key = (record.key or b"").decode(errors="replace")
            heard = _heard(record) if is_wanted(record.topic, key) else None
            if heard:
                found.setdefault(heard.id, heard)
    return sorted(found.values(), key=lambda heard: heard.at)


def _heard(record: Any) -> Heard | None:
    decoded = read(record.topic, record.headers, record.value)
    if not isinstance(decoded, Known):
        return None
    data, attributes = decoded.data, decoded.attributes
    at = data.at if isinstance(data, Command) else attributes.time or _said_at(data)
    told = {name: value for name, value in json.loads(data.to_json()).items() if name != ADDRESS}
    return Heard(attributes.id, attributes.type, record.topic, at, told)


def _said_at(data: Any) -> datetime:
    """Return when it happened, by its own fields: `time` is not required of outsiders."""
    for name in ("placed_at", "at", "occurred_at", "requested_at"):
        with suppress(AttributeError):
            return getattr(data, name)  # type: ignore[no-any-return]  # these are instants
    return real_now()
