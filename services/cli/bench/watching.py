"""Watching what comes out: when it began, when it was all there, and that it is what it must be."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.cli.bench.rounds import Rate
from services.cli.errors import CommandError, Exit
from shared.contracts.timer import DeadlineExpired, Schedule

_LOOK_SECONDS, _LOOK_SECONDS_MAX = 0.01, 0.05
_LOOK_EVERY = 0.02
"""Of the time since the first came: each look costs a millisecond of CPU, which the sides need themselves."""
_POLL_MS = 1000
_SECONDS_MAX = 900.0
_OF_DEADLINES = {Schedule.TYPE, DeadlineExpired.TYPE}


@dataclass(frozen=True, slots=True)
class Came:
    """One record that came out: by which key, of which type, with which id, of which order, and for what a deadline.

    `kind` is empty for all but deadlines that are set and that have come.
    """

    topic: str
    key: str
    type: str
    id: str
    order_id: str
    kind: str

    @property
    def said(self) -> str:
        """What it says: its type, and for what a deadline is."""
        return f"{self.type} {self.kind}".rstrip()


class Watch:
    """Counts what arrives on some topics from the moment that it is opened."""

    def __init__(self, consumer: AIOKafkaConsumer, begins: dict[TopicPartition, int]) -> None:
        self._consumer = consumer
        self._begins = begins

    @classmethod
    async def open(cls, bootstrap: str, topics: Sequence[str], partitions: int) -> Watch:
        """Note where the topics, of so many partitions each, end now."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=None,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
        )
        await consumer.start()
        places = []
        for topic in topics:
            places += [TopicPartition(topic, number) for number in range(partitions)]
        return cls(consumer, dict(await consumer.end_offsets(places)))

    async def close(self) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def count(self) -> int:
        """Return how many records have come."""
        ends = await self._consumer.end_offsets(list(self._begins))
        return sum(ends[place] - begin for place, begin in self._begins.items())

    async def rate(self, expected: int, per_unit: float) -> Rate:
        """Wait until `expected` have come, and say how fast: units between the first that was seen and the last."""
        await self.until(1)
        first, at = await self.count(), time.perf_counter()
        return Rate(round((expected - first) / per_unit), await self.until(expected) - at)

    async def until(self, expected: int) -> float:
        """Wait until so many have come, and return when that was seen, in seconds of `time.perf_counter`."""
        began = time.monotonic()
        give_up = began + _SECONDS_MAX
        while (count := await self.count()) < expected:
            now = time.monotonic()
            if now > give_up:
                raise CommandError(
                    Exit.CHECK_FAILED,
                    what=f"{count} of {expected} records came out in {_SECONDS_MAX:.0f} s.",
                    why="one side is slower than any target, or it stands still.",
                    remedy="see the logs of the run.",
                )
            if not count:
                began = now
            await asyncio.sleep(min(max(_LOOK_EVERY * (now - began), _LOOK_SECONDS), _LOOK_SECONDS_MAX))
        return time.perf_counter()

    async def all(self) -> list[Came]:
        """Read everything that has come."""
        return [
            _came(record)
            async for records in records_from(self._consumer, self._begins)
            for record in records
        ]


async def records_from(
    consumer: AIOKafkaConsumer, begins: Mapping[TopicPartition, int]
) -> AsyncIterator[Sequence[Any]]:
    """Read partitions from these offsets to where they end now, and give the records as they are fetched."""
    ends = await consumer.end_offsets(list(begins))
    left = {place for place, begin in begins.items() if ends[place] > begin}
    consumer.assign(list(begins))
    for place, begin in begins.items():
        consumer.seek(place, begin)
    while left:
        for place, records in (await consumer.getmany(timeout_ms=_POLL_MS)).items():
            yield records
            if records and records[-1].offset >= ends[place] - 1:
                left.discard(place)


def _came(record: Any) -> Came:
    headers = {name: value.decode() for name, value in record.headers}
    key, type_ = (record.key or b"").decode(), headers.get("ce_type", "")
    return Came(
        record.topic,
        key,
        type_,
        headers.get("ce_id", ""),
        headers.get("ce_correlationid", key),
        str(json.loads(record.value)["kind"]) if type_ in _OF_DEADLINES else "",
    )


def what_is_wrong(came: Sequence[Came], expected: Sequence[str], keys: Sequence[str]) -> str | None:
    """Compare with what each key must have said, in that order on each topic; None when it is so."""
    by_key: defaultdict[str, list[Came]] = defaultdict(list)
    for each in came:
        by_key[each.key].append(each)
    if twice := what_came_twice(came):
        return twice
    odd = [key for key in keys if not _is_as_expected(by_key[key], expected)]
    if odd:
        said = [each.said for each in by_key[odd[0]]]
        return f"{len(odd)} of {len(keys)} keys said something else, as {odd[0]}: {said}"
    if len(by_key) != len(keys):
        return f"{len(by_key) - len(keys)} keys said something that nobody asked them"
    return None


def what_came_twice(came: Sequence[Came]) -> str | None:
    """Say how many records came more than once, by their ids; None when none did."""
    twice = [event_id for event_id, times in Counter(each.id for each in came).items() if times > 1]
    return f"{len(twice)} records came twice" if twice else None


def _is_as_expected(came: Sequence[Came], expected: Sequence[str]) -> bool:
    """Say whether a key said all of it, once each, and what is on one topic in that order."""
    if sorted(each.said for each in came) != sorted(expected):
        return False
    places: defaultdict[str, list[int]] = defaultdict(list)
    for each in came:
        places[each.topic].append(expected.index(each.said))
    return all(found == sorted(found) for found in places.values())
