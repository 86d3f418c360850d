"""How late deadlines come: real ones, asked for on Kafka, one a millisecond, against an echo as often.

A deadline's lateness ends when its record is in the hands of a reader, as an echo's time does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.cli.bench import loading, mix
from services.cli.bench.benchmark import check
from services.cli.bench.echo import echoing
from services.cli.bench.ground import Ground
from services.cli.story.events import Event
from shared.contracts.timer import DeadlineExpired, Schedule
from shared.contracts.topics import TIMER_EVENTS, Installation
from shared.kit import clock

PER_SECOND = 1000
_POLL_MS = 100
_LATE_SECONDS_MAX = 30.0
_LIVES = (timedelta(hours=48), timedelta(days=30))


@dataclass(frozen=True, slots=True)
class Lateness:
    """Seconds, one for each: of the deadlines, and of the echo at the same time."""

    deadlines: Sequence[float]
    echo: Sequence[float]


async def late(ground: Ground, prefix: str, count: int, lead_seconds: float) -> Lateness:
    """Ask for so many deadlines, the first of them after the lead, and see when each comes."""
    reader = await _Reader.open(ground.kafka.bootstrap)
    reading = asyncio.ensure_future(reader.read())
    try:
        began = clock.real_now() + timedelta(seconds=lead_seconds)
        await loading.send(ground.kafka.bootstrap, _asked(prefix, count, began))
        await asyncio.sleep((began - clock.real_now()).total_seconds())
        async with echoing(ground.kafka.bootstrap, PER_SECOND) as echo:
            await reader.until(count, count / PER_SECOND + _LATE_SECONDS_MAX)
        check(reader.what_is_wrong([f"{prefix}-{number}" for number in range(count)]))
        return Lateness(reader.seconds(), [each.seconds for each in echo])
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await reader.close()


def _asked(prefix: str, count: int, began: datetime) -> Iterator[loading.Sent]:
    for number in range(count):
        due_at = began + timedelta(seconds=number / PER_SECOND)
        data = Schedule(
            timer_id=f"timer-{prefix}-{number}",
            kind="hold_end",
            owner="orders",
            order_id=f"{prefix}-{number}",
            subject_id=f"{prefix}-{number}",
            due_at=due_at,
        )
        # As if it had been asked for in its time.
        yield mix.sent(Event(data, due_at - _LIVES[number % len(_LIVES)]))


class _Reader:
    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._came: list[tuple[float, bytes]] = []
        self._more = asyncio.Event()

    @classmethod
    async def open(cls, bootstrap: str) -> _Reader:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, group_id=None, isolation_level="read_committed"
        )
        await consumer.start()
        places = [TopicPartition(TIMER_EVENTS, number) for number in range(Installation().order_partitions)]
        consumer.assign(places)
        await consumer.seek_to_end(*places)
        return cls(consumer)

    async def close(self) -> None:
        await self._consumer.stop()

    async def read(self) -> None:
        """Only note what comes, and when: to look into it takes time, which the next one would have to wait."""
        while True:
            found = await self._consumer.getmany(timeout_ms=_POLL_MS)
            now = clock.real_now().timestamp()
            for records in found.values():
                self._came += [(now, record.value) for record in records]
            self._more.set()

    async def until(self, count: int, seconds_max: float) -> None:
        """Wait until so many have come, or the time is over."""
        give_up = time.monotonic() + seconds_max
        while len(self._came) < count and time.monotonic() < give_up:
            self._more.clear()
            await self._more.wait()

    def seconds(self) -> Sequence[float]:
        """Return how late each came."""
        return [
            at - DeadlineExpired.model_validate_json(value).due_at.timestamp() for at, value in self._came
        ]

    def what_is_wrong(self, orders: Sequence[str]) -> str | None:
        """Each came once, none before its time, those of an order in their order (of one there is none)."""
        found = [DeadlineExpired.model_validate_json(value) for _, value in self._came]
        if sorted(each.order_id for each in found) != sorted(orders):
            return f"{len(found)} deadlines came, not each of {len(orders)} once"
        early = [each.order_id for each in found if each.fired_at < each.due_at]
        return f"{len(early)} deadlines came early" if early else None
