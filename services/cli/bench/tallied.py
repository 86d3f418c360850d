"""What a million orders led to, counted while it is read: a few bytes an order, whatever their number."""

from __future__ import annotations

from array import array
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.cli.bench.watching import records_from
from shared.contracts.topics import ORDERS_EVENTS, TIMER_COMMANDS

_KIND = b'"kind":"'
_KINDS = (b"hold_end", b"verification_due")
"""The deadlines of an order, in the order in which they are asked for."""


class Tally:
    """Counts the fact and the two deadlines of each of `count` orders, by key `prefix-number`."""

    def __init__(self, prefix: str, count: int) -> None:
        self._prefix = f"{prefix}-".encode()
        self._facts = bytearray(count)
        self._deadlines = bytearray(count)
        self._first_ids = array("q", bytes(8 * count))
        self._wrong: str | None = None

    def add(self, topic: str, key: bytes, value: bytes, event_id: int) -> None:
        """Count a record of these orders; pass over all others. `event_id` is a hash of its id."""
        if not key.startswith(self._prefix):
            return
        number = int(key[len(self._prefix) :])
        if topic == ORDERS_EVENTS:
            self._facts[number] += 1
            if self._facts[number] > 1:
                self._wrong = f"{key.decode()} said its fact twice"
            return
        place = self._deadlines[number]
        if place >= len(_KINDS) or event_id == self._first_ids[number]:
            self._wrong = f"{key.decode()} asked for a deadline twice"
        elif not value.startswith(_KINDS[place], value.index(_KIND) + len(_KIND)):
            self._wrong = f"{key.decode()} asked for its deadlines in another order"
        self._first_ids[number] = event_id
        self._deadlines[number] = place + 1

    def what_is_wrong(self) -> str | None:
        """Return what came twice, in another order or not at all; None when all is as it must be."""
        if self._wrong is not None:
            return self._wrong
        if silent := self._facts.count(0):
            return f"{silent} orders said nothing"
        if short := len(self._deadlines) - self._deadlines.count(len(_KINDS)):
            return f"{short} orders did not ask for both of their deadlines"
        return None


async def count_all(bootstrap: str, partitions: int, tally: Tally) -> None:
    """Read both topics from their beginnings to their ends, and count."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None, isolation_level="read_committed")
    await consumer.start()
    try:
        begins = {
            TopicPartition(topic, number): 0
            for topic in (ORDERS_EVENTS, TIMER_COMMANDS)
            for number in range(partitions)
        }
        async for records in records_from(consumer, begins):
            for record in records:
                tally.add(record.topic, record.key, record.value, _hash_of_id(record))
    finally:
        await consumer.stop()


def _hash_of_id(record: Any) -> int:
    return next(hash(value) for name, value in record.headers if name == "ce_id")
