"""Sending lines to Kafka, in their order, each acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from services.cli.addresses import System
from services.cli.reader import kafka_away
from services.cli.routing import STRUCTURED, Bad, Routed, route
from shared.contracts.topics import RECORD_BYTES_MAX

if TYPE_CHECKING:
    from aiokafka import AIOKafkaProducer

UNACKNOWLEDGED_MAX = 2000
_READ_BYTES = 256 * 1024
_REQUEST_BYTES_MAX = RECORD_BYTES_MAX + 256 * 1024
_LINE_BYTES_MAX = 2 * RECORD_BYTES_MAX
"""A longer line is cut: it is too large whatever follows."""


@dataclass(slots=True)
class Published:
    """What became of the lines."""

    sent: int = 0
    passed_over: dict[str, int] = field(default_factory=dict)
    bad: list[tuple[int, Bad]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        bad = [{"line": number, "rule": bad.rule, "message": bad.message} for number, bad in self.bad]
        return {"sent": self.sent, "bad": bad, "passed_over": self.passed_over}


@asynccontextmanager
async def producer(system: System) -> AsyncIterator[AIOKafkaProducer]:
    """Give a producer that loses and doubles nothing, and keeps the order. Raises CommandError."""
    from aiokafka import AIOKafkaProducer
    from aiokafka.errors import KafkaError

    sending = AIOKafkaProducer(
        bootstrap_servers=system.kafka,
        enable_idempotence=True,
        acks="all",
        max_batch_size=256 * 1024,
        max_request_size=_REQUEST_BYTES_MAX,
    )
    try:
        await sending.start()
    except (KafkaError, OSError) as error:
        await sending.stop()
        raise kafka_away(system, error) from error
    try:
        yield sending
    finally:
        await sending.stop()


class Publisher:
    """Sends routed records and keeps count."""

    def __init__(self, sending: AIOKafkaProducer) -> None:
        self._sending = sending
        self._unacknowledged: list[asyncio.Future[Any]] = []
        self.published = Published()

    async def send(self, routed: Routed) -> None:
        """Send one record after all those before it."""
        future = await self._sending.send(
            routed.topic, value=routed.value, key=routed.key, headers=[STRUCTURED]
        )
        self._unacknowledged.append(future)
        if not routed.is_read:
            self.published.passed_over[routed.type] = self.published.passed_over.get(routed.type, 0) + 1
        if len(self._unacknowledged) >= UNACKNOWLEDGED_MAX:
            await self.flush()

    async def flush(self) -> None:
        """Wait until Kafka has acknowledged all that was sent."""
        await asyncio.gather(*self._unacknowledged)
        self.published.sent += len(self._unacknowledged)
        self._unacknowledged.clear()


async def publish(
    system: System,
    source: IO[bytes],
    bad_line: Callable[[int, Bad], None],
    read: Callable[[int], None] = lambda _bytes: None,
) -> Published:
    """Send every line that can be sent. `bad_line` is told of each other, `read` of the bytes read so far."""
    from aiokafka.errors import KafkaError

    async with producer(system) as sending:
        publisher = Publisher(sending)
        try:
            async for number, line in lines(source, read):
                routed = route(line)
                if isinstance(routed, Bad):
                    publisher.published.bad.append((number, routed))
                    bad_line(number, routed)
                else:
                    await publisher.send(routed)
            await publisher.flush()
        except KafkaError as error:
            raise kafka_away(system, error) from error
        return publisher.published


async def lines(source: IO[bytes], read: Callable[[int], None]) -> AsyncIterator[tuple[int, bytes]]:
    """Number the lines that are not empty, as they come: from a pipe, each as soon as it is there."""
    number, rest, total = 0, b"", 0
    take = getattr(source, "read1", source.read)
    while chunk := await asyncio.to_thread(take, _READ_BYTES):
        total += len(chunk)
        *whole, rest = (rest + chunk).split(b"\n")
        rest = rest[:_LINE_BYTES_MAX]
        for line in whole:
            number += 1
            if line.strip():
                yield number, line.strip()
        read(total)
    if rest.strip():
        yield number + 1, rest.strip()
