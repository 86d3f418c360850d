"""What goes in: orders as checkout places them, the same bytes for every side."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaProducer

from services.cli.story.events import Event
from shared.contracts import examples
from shared.contracts.checkout import OrderPlaced
from shared.contracts.data import Command
from shared.contracts.envelope import Attributes, write_headers
from shared.contracts.topics import CHECKOUT_EVENTS
from shared.kit import clock
from shared.kit.packing import hash_of

SELLERS = 500
_BATCH_BYTES_MAX = 256 * 1024
_UNACKNOWLEDGED_MAX = 40
"""Batches: enough to keep Kafka busy, few enough to hold in memory."""
_BETWEEN_RECORDS_WAIT = 200
"""So often the event loop has its turn: the sender's requests live in it."""
_ORDER, _SELLER = "{order}", "{seller}"


@dataclass(frozen=True, slots=True)
class Sent:
    """One record to be sent."""

    topic: str
    key: str
    value: bytes
    headers: Sequence[tuple[str, bytes]]


def placed(prefix: str, count: int) -> Iterator[Sent]:
    """Make orders of one line, of an untracked sku, spread over sellers. The bytes are cut out of one order."""
    data = {**examples.event(OrderPlaced.TYPE)["data"], "order_id": _ORDER, "seller_id": _SELLER}
    before, _, rest = json.dumps(data).encode().partition(_ORDER.encode())
    between, _, after = rest.partition(_SELLER.encode())
    fixed = [
        ("ce_specversion", b"1.0"),
        ("ce_source", b"/checkout"),
        ("ce_type", OrderPlaced.TYPE.encode()),
        ("content-type", b"application/json"),
    ]
    for number, order_id in enumerate(order_ids(prefix, count)):
        value = b"%b%b%bseller-%d%b" % (before, order_id.encode(), between, number % SELLERS, after)
        yield Sent(CHECKOUT_EVENTS, order_id, value, [*fixed, ("ce_id", f"placed-{order_id}".encode())])


def order_ids(prefix: str, count: int) -> Sequence[str]:
    """Name the orders that `placed` makes, in its order."""
    return [f"{prefix}-{number}" for number in range(count)]


def outside(event: Event, key: str, event_id: str) -> Sent:
    """Write an event as its sender outside would. A command's id is its own, any other event's is `event_id`."""
    data = event.data
    attributes = Attributes(
        id=data.command_id if isinstance(data, Command) else event_id,
        source="/bench",
        type=data.TYPE,
        time=event.at,
    )
    return Sent(data.TOPIC, key, data.to_json(), write_headers(attributes))


async def send(bootstrap: str, records: Iterable[Sent], prefix: str = "") -> None:
    """Send all, those of a key in order, each acknowledged. Whole batches at once: a million takes seconds."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,
        acks="all",
        max_batch_size=_BATCH_BYTES_MAX,
    )
    await producer.start()
    try:
        sending = _Sending(producer, prefix)
        for number, record in enumerate(records):
            await sending.add(record)
            if number % _BETWEEN_RECORDS_WAIT == 0:
                await asyncio.sleep(0)
        await sending.finish()
    finally:
        await producer.stop()


class _Sending:
    """Fills one batch for each partition, by the key as every client does it."""

    def __init__(self, producer: AIOKafkaProducer, prefix: str) -> None:
        self._producer = producer
        self._prefix = prefix
        self._partitions: dict[str, int] = {}
        self._filling: dict[tuple[str, int], Any] = {}
        self._unacknowledged: list[asyncio.Future[Any]] = []

    async def add(self, record: Sent) -> None:
        """Put a record into the batch of its partition; send that batch when it is full."""
        topic, key = self._prefix + record.topic, record.key.encode()
        place = (topic, hash_of(key) % await self._count(topic))
        batch = self._filling.get(place) or self._filling.setdefault(place, self._producer.create_batch())
        if self._append(batch, key, record):
            return
        await self._send(place)
        self._filling[place] = self._producer.create_batch()
        self._append(self._filling[place], key, record)

    async def finish(self) -> None:
        """Send what is left, and wait until all is acknowledged."""
        for place in list(self._filling):
            await self._send(place)
        await self._wait()

    async def _count(self, topic: str) -> int:
        if topic not in self._partitions:
            self._partitions[topic] = len(await self._producer.partitions_for(topic))
        return self._partitions[topic]

    def _append(self, batch: Any, key: bytes, record: Sent) -> bool:
        added = batch.append(
            key=key,
            value=record.value,
            timestamp=int(clock.real_now().timestamp() * 1000),
            headers=list(record.headers),
        )
        return added is not None

    async def _send(self, place: tuple[str, int]) -> None:
        topic, partition = place
        batch = self._filling.pop(place)
        batch.close()
        self._unacknowledged.append(await self._producer.send_batch(batch, topic, partition=partition))
        if len(self._unacknowledged) >= _UNACKNOWLEDGED_MAX:
            await self._wait()

    async def _wait(self) -> None:
        for future in self._unacknowledged:
            await future
        self._unacknowledged.clear()
