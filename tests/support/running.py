"""A whole system as `recourse up` starts it, for tests that look at it from outside, as its users do."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.cli import addresses
from services.cli.addresses import System
from services.cli.advance import advance, movable_clock
from services.cli.quiet import Quiet, looking
from shared.contracts import topics
from shared.kit.clock import ClockFile
from tests.support.events import Event, Header
from tests.support.processes import CHECKOUT

_READY_SECONDS_MAX = 120
_STOP_SECONDS_MAX = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """One record that the system said: its type, its envelope and its body."""

    type: str
    cause: str | None
    headers: dict[str, str]
    body: dict[str, Any]


@contextmanager
def up(folder: Path, start: datetime, *options: str) -> Iterator[System]:
    """Run `recourse up` with a clock that stands still at `start` until it is moved."""
    ready = folder / "ready.json"
    clock = ["--clock-start", start.isoformat(), "--clock-speed", "0"]
    argv = [sys.executable, "-m", "services.cli", "up", "--ready-file", str(ready), *clock, *options]
    with (folder / "up.log").open("wb") as log:
        process = subprocess.Popen(argv, cwd=CHECKOUT, stdout=log, stderr=log)
    try:
        give_up = time.monotonic() + _READY_SECONDS_MAX
        while not ready.exists():
            assert process.poll() is None, (folder / "up.log").read_text()
            assert time.monotonic() < give_up, (folder / "up.log").read_text()
            time.sleep(0.05)
        yield addresses.read(ready)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_STOP_SECONDS_MAX)


class Desk:
    """Sends to a running system, moves its clock, and reads what it said."""

    def __init__(self, system: System, quiet: Quiet, clock: ClockFile, producer: AIOKafkaProducer) -> None:
        self.system = system
        self._quiet = quiet
        self._clock = clock
        self._producer = producer

    @property
    def now(self) -> datetime:
        """Business time."""
        return self._clock.now()

    async def send(self, *events: Event) -> None:
        """Send, and wait until all that follows has happened."""
        for each in events:
            await self.send_raw(each.topic, each.key.encode(), each.value, each.headers)
        await self.settle()

    async def send_raw(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[Header]
    ) -> tuple[str, int, int]:
        """Send bytes as they are; return their place."""
        place = await self._producer.send_and_wait(topic, value, key=key, headers=list(headers))
        return place.topic, place.partition, place.offset

    async def settle(self) -> None:
        """Wait until all is quiet."""
        await self._quiet.wait()

    async def go_to(self, instant: datetime) -> list[datetime]:
        """Move the clock, from deadline to deadline; return those on the way."""
        passed: list[datetime] = []
        await advance(self._quiet, self._clock, instant, passed.append)
        return passed

    async def said(self, topic: str, order_id: str | None = None) -> list[Answer]:
        """Read a topic from its start: all of it, or what is about one order."""
        records = await read_all(self.system.kafka, topic)
        answers = [_answer(record) for record in records]
        return [a for a in answers if order_id is None or a.body.get("order_id") == order_id]

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Ask the database as the read-only role."""
        connection = await asyncpg.connect(self.system.database_url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()


@asynccontextmanager
async def at_desk(system: System) -> AsyncIterator[Desk]:
    """Give a desk at a running system."""
    clock = movable_clock(system)
    producer = AIOKafkaProducer(
        bootstrap_servers=system.kafka,
        acks="all",
        enable_idempotence=True,
        max_request_size=2 * topics.RECORD_BYTES_MAX,
    )
    await producer.start()
    try:
        async with looking(system, clock.now) as quiet:
            yield Desk(system, quiet, clock, producer)
    finally:
        await producer.stop()


async def read_all(bootstrap: str, topic: str) -> list[Any]:
    """Read a topic from its start to its end."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=None,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    await consumer.start()
    try:
        places = list(consumer.assignment())
        ends = await consumer.end_offsets(places)
        records: list[Any] = []
        while [place for place in places if await consumer.position(place) < ends[place]]:
            batches = await consumer.getmany(timeout_ms=500)
            records += [record for batch in batches.values() for record in batch]
        return records
    finally:
        await consumer.stop()


async def run_command(system_file: Path, *arguments: str) -> tuple[int, str, str]:
    """Run a command of the command line on a system; return its exit code, data and words."""
    argv = [sys.executable, "-m", "services.cli", *arguments, "--system", str(system_file)]
    process = await asyncio.create_subprocess_exec(
        *argv, cwd=CHECKOUT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    data, words = await process.communicate()
    return process.returncode or 0, data.decode(), words.decode()


def _answer(record: Any) -> Answer:
    headers = {name: value.decode("utf-8", "replace") for name, value in record.headers}
    body = {} if "dl_id" in headers else json.loads(record.value)
    return Answer(headers.get("ce_type", ""), headers.get("ce_causationid"), headers, body)
