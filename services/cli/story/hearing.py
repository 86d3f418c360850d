"""Listening to Kafka beside the services, from where the logs end when it begins."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from services.cli.addresses import System
from services.cli.quiet import partitions_of
from shared.contracts.envelope import Known, read

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer

_POLL_MS = 100


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as Kafka gives it. `at` is business time."""

    topic: str
    id: str
    type: str
    at: datetime
    data: dict[str, Any]

    @property
    def order_id(self) -> str:
        return str(self.data.get("order_id", ""))


class Ear:
    """Hears some topics; at one instant, in their order here. A repeat of an event is told once."""

    def __init__(self, system: System, topics: Sequence[str]) -> None:
        self._system = system
        self._topics = topics
        self._consumer: AIOKafkaConsumer | None = None
        self._heard: set[tuple[str, str]] = set()
        self.repeats = 0

    async def __aenter__(self) -> Self:
        from aiokafka import AIOKafkaConsumer, TopicPartition

        places = [TopicPartition(*place) for place in await partitions_of(self._system, self._topics)]
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._system.kafka,
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
            fetch_max_wait_ms=_POLL_MS,
        )
        self._consumer = consumer
        await consumer.start()
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._consumer:
            await self._consumer.stop()

    async def news(self) -> Sequence[Fact]:
        """Return what was said since the last time, up to where the logs end now, in the order of its time."""
        consumer = self._consumer
        if consumer is None:
            return []
        ends = await consumer.end_offsets(list(consumer.assignment()))
        found: list[Fact] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            batches = await consumer.getmany(timeout_ms=_POLL_MS)
            for record in (record for records in batches.values() for record in records):
                with suppress(ValueError):
                    found += self._fact(record)
        return sorted(found, key=lambda fact: (fact.at, self._topics.index(fact.topic)))

    def _fact(self, record: Any) -> list[Fact]:
        decoded = read(record.topic, record.headers, record.value)
        if not isinstance(decoded, Known):
            return []
        attributes = decoded.attributes
        key = (attributes.source, attributes.id)
        if key in self._heard:
            self.repeats += 1
            return []
        self._heard.add(key)
        at = attributes.time or decoded.data.at  # type: ignore[attr-defined]  # every fact has it
        return [Fact(record.topic, attributes.id, attributes.type, at, json.loads(decoded.data.to_json()))]
