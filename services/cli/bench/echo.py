"""The echo: a record produced and read with no work between, which every latency is judged against.

It goes through the same Kafka, under the same load, in the same round and in the same process as what is compared with
it: whatever the machine does to one it does to the other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

TOPIC = "bench.echo"
PARTITIONS = 4
"""The ground makes the topic."""
_PADDING = b" " * 480
"""About as large as a command."""
_POLL_MS = 100
_BACK_SECONDS_MAX = 30.0


class Took(NamedTuple):
    """How many seconds something took, and when it was over, in seconds of `time.perf_counter`."""

    seconds: float
    at: float


@asynccontextmanager
async def echoing(bootstrap: str, per_second: float) -> AsyncIterator[Sequence[Took]]:
    """Send so many records a second within the block. Gives what each took, as they come back.

    After the block all are back. Raises TimeoutError when one is lost.
    """
    echo = await _Echo.open(bootstrap)
    tasks = [asyncio.ensure_future(echo.send(per_second)), asyncio.ensure_future(echo.read())]
    try:
        yield echo.took
        tasks[0].cancel()
        async with asyncio.timeout(_BACK_SECONDS_MAX):
            await echo.until_all_are_back()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await echo.close()


class _Echo:
    def __init__(self, producer: AIOKafkaProducer, consumer: AIOKafkaConsumer) -> None:
        self._producer = producer
        self._consumer = consumer
        self._sent = 0
        self._came = asyncio.Event()
        self.took: list[Took] = []

    @classmethod
    async def open(cls, bootstrap: str) -> _Echo:
        producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, group_id=None, isolation_level="read_committed"
        )
        await producer.start()
        await consumer.start()
        places = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_end(*places)
        return cls(producer, consumer)

    async def close(self) -> None:
        await self._producer.stop()
        await self._consumer.stop()

    async def send(self, per_second: float) -> None:
        """Send at a steady pace; one that is late is sent at once."""
        began = time.perf_counter()
        while True:
            await asyncio.sleep(began + self._sent / per_second - time.perf_counter())
            value = b"%d" % time.perf_counter_ns() + _PADDING
            # Not to be cancelled in the middle: what is counted is on its way.
            sending = self._producer.send(TOPIC, value=value, partition=self._sent % PARTITIONS)
            self._sent += 1
            await asyncio.shield(asyncio.ensure_future(sending))

    async def read(self) -> None:
        while True:
            found = await self._consumer.getmany(timeout_ms=_POLL_MS)
            now_ns = time.perf_counter_ns()
            for records in found.values():
                self.took += [Took((now_ns - int(record.value)) / 1e9, now_ns / 1e9) for record in records]
            self._came.set()

    async def until_all_are_back(self) -> None:
        while len(self.took) < self._sent:
            self._came.clear()
            await self._came.wait()


def percentile(seconds: Sequence[float], share: float) -> float:
    """Return what so large a share of them did not exceed (nearest rank). Raises ValueError when there are none."""
    if not seconds:
        raise ValueError("a percentile of nothing")
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def curve(seconds: Sequence[float], points: int = 200) -> Sequence[tuple[float, float]]:
    """Return a curve of percentiles: (percent, milliseconds), finer towards the end."""
    shares = [1 - (1 - number / points) ** 2 for number in range(points)]
    return [(share * 100, percentile(seconds, share) * 1000) for share in shares]
