"""Delivers every event up to three times: sends what it reads again, later, with the same id, at a new offset."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.contracts import topics
from tests.faults.poison import MARK

TOPICS = (
    topics.CHECKOUT_EVENTS,
    topics.ACCOUNTS_EVENTS,
    topics.CARRIERS_EVENTS,
    topics.ORDERS_COMMANDS,
    topics.MESSAGING_COMMANDS,
    topics.CLAIMS_COMMANDS,
    topics.ORDERS_EVENTS,
    topics.MESSAGING_EVENTS,
    topics.CLAIMS_EVENTS,
    topics.TIMER_COMMANDS,
    topics.TIMER_EVENTS,
)


class Duplicator:
    """Reads all that services read, and sends each first sight of an event none, one or two times more."""

    def __init__(self, bootstrap: str, seed: int) -> None:
        self._bootstrap = bootstrap
        self._rng = random.Random(seed)
        self._seen: set[tuple[bytes, bytes]] = set()
        self.copies = 0
        self._idle = asyncio.Event()

    async def run(self) -> None:
        """Copy until cancelled. Kafka may go away meanwhile."""
        consumer = AIOKafkaConsumer(
            *TOPICS, bootstrap_servers=self._bootstrap, group_id=None, auto_offset_reset="earliest"
        )
        producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap, acks="all", enable_idempotence=True)
        await consumer.start()
        await producer.start()
        try:
            while True:
                try:
                    await self._some(consumer, producer)
                except KafkaError:
                    continue
        finally:
            await consumer.stop()
            await producer.stop()

    async def _some(self, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer) -> None:
        batches = await consumer.getmany(timeout_ms=200)
        records = [record for batch in batches.values() for record in batch]
        self._idle.set() if not records else self._idle.clear()
        futures = []
        for record in records:
            headers = dict(record.headers)
            event = (headers.get("ce_source", b""), headers.get("ce_id", b""))
            if MARK[0] in headers or not event[1] or event in self._seen:
                continue
            self._seen.add(event)
            again = {"value": record.value, "key": record.key, "headers": list(record.headers)}
            futures += [await producer.send(record.topic, **again) for _ in self._copies()]
        await asyncio.gather(*futures)
        self.copies += len(futures)

    def _copies(self) -> Sequence[int]:
        return range(self._rng.choices((0, 1, 2), weights=(60, 30, 10))[0])

    async def caught_up(self) -> None:
        """Wait until it has read, and copied, everything."""
        self._idle.clear()
        await self._idle.wait()
