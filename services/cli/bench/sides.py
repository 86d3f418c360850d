"""All services at once, ours or the plain ones, on a clock that can be moved: started, stopped, and seen to be done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.cli.addresses import System
from services.cli.bench.draining import READY_SECONDS_MAX, wait_until_ready
from services.cli.bench.ground import PARTITIONS, Ground
from services.cli.bench.peers.plain import PREFIX, group_of, topic_of
from services.cli.embedded.ports import LOOPBACK, free_port
from services.cli.embedded.process import Child
from services.cli.errors import CommandError, Exit
from services.cli.quiet import looking
from services.cli.running.service_process import SERVICES, ServiceProcess
from shared.contracts.topics import read_by
from shared.kit.clock import ClockFile

_DONE_SECONDS_MAX = 300.0
_STOP_SECONDS_MAX = 20.0
_LOOK_SECONDS = 0.1
"""Each look asks for the offsets of every group, which costs those who are measured."""

Left = Callable[[], Any]


class Side(Protocol):
    """One of those that are measured."""

    name: str
    topics: str
    """What its topics' names begin with."""

    def start(self, clock: ClockFile) -> None:
        """Start every service, and return when each reads all its topics."""

    def stop(self) -> None:
        """Stop them."""

    def looking(self) -> Any:
        """Give, for a block, a function that awaits how much is left to do."""


class Ours:
    """Recourse: one process of each service, or as many as `processes` says."""

    name = "recourse"
    topics = ""

    def __init__(self, ground: Ground, processes: Mapping[str, int] = MappingProxyType({})) -> None:
        self._ground = ground
        self._processes = processes
        self._clock: ClockFile | None = None
        self.running: list[ServiceProcess] = []

    def start(self, clock: ClockFile) -> None:
        """Start them all at once."""
        self._clock = clock
        self.running = [
            self._ground.service(name, self._environment(name, number, clock.path))
            for name in SERVICES
            for number in range(1, self._processes.get(name, 1) + 1)
        ]
        for process in self.running:
            process.start()
        for process in self.running:
            wait_until_ready(process)

    def _environment(self, name: str, number: int, clock: Path) -> dict[str, str]:
        found = {"CLOCK_FILE": str(clock), "INSTANCE_ID": f"{name}-{number}"}
        # Nobody's address is known, so no mail is sent: nobody listens there.
        return found | ({"SMTP_URL": f"smtp://{LOOPBACK}:{free_port()}"} if name == "notifications" else {})

    def stop(self) -> None:
        """Let them end in order, all at once."""
        with ThreadPoolExecutor(len(self.running)) as pool:
            for stopped in [pool.submit(process.stop) for process in self.running]:
                stopped.result()

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Left]:
        """Look at what was applied, what is to be sent, and what is due."""
        if self._clock is None:
            raise RuntimeError("it was not started")
        system = System(self._ground.kafka.bootstrap, self._ground.postgres.admin_dsn)
        async with looking(system, self._clock.now) as quiet:
            yield quiet.look


class PlainSide:
    """The plain handlers, each service once."""

    name = "plain"
    topics = PREFIX

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._clock: ClockFile | None = None
        self._running: list[Child] = []

    def start(self, clock: ClockFile) -> None:
        """Start them all at once."""
        self._clock = clock
        told = {name: clock.path.with_name(f"{clock.path.name}-{name}-ready") for name in SERVICES}
        self._running = [
            self._ground.plain(name, 1, "--clock", str(clock.path), "--ready", str(file))
            for name, file in told.items()
        ]
        for name, file in told.items():
            _wait_for(file, f"the plain {name}")

    def stop(self) -> None:
        """Let them end, all at once."""
        with ThreadPoolExecutor(len(self._running)) as pool:
            for stopped in [
                pool.submit(child.stop, seconds_max=_STOP_SECONDS_MAX) for child in self._running
            ]:
                stopped.result()

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Left]:
        """Look at what was acknowledged, and what is due."""
        bootstrap = self._ground.kafka.bootstrap
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None)
        connection = await asyncpg.connect(self._ground.postgres.admin_dsn)
        await admin.start()
        await consumer.start()
        try:
            yield lambda: self._left(admin, consumer, connection)
        finally:
            await consumer.stop()
            await admin.close()
            await connection.close()

    async def _left(
        self, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, connection: asyncpg.Connection[Any]
    ) -> int:
        if self._clock is None:
            raise RuntimeError("it was not started")
        left: int = await connection.fetchval(
            "SELECT count(*) FROM plain_timer.timers WHERE due_at <= $1", self._clock.now()
        )
        groups = [(service, topic.name) for service in SERVICES for topic in read_by(service)]
        # A handler publishes before it is acknowledged: what was acknowledged is looked at before what there is.
        read = await asyncio.gather(
            *(admin.list_consumer_group_offsets(group_of(*group)) for group in groups)
        )
        for (_, topic), offsets in zip(groups, read, strict=True):
            places = [TopicPartition(topic_of(topic), n) for n in range(PARTITIONS[topic])]
            ends = await consumer.end_offsets(places)
            left += sum(
                end - (offsets[place].offset if place in offsets else 0) for place, end in ends.items()
            )
        return left


async def until_done(left: Left) -> float:
    """Wait until nothing is left to do, and return when that was seen, in seconds of `time.perf_counter`."""
    give_up = time.monotonic() + _DONE_SECONDS_MAX
    while found := await left():
        if time.monotonic() > give_up:
            raise _late("All", f"done after {_DONE_SECONDS_MAX:.0f} s", f"left is {found}")
        await asyncio.sleep(_LOOK_SECONDS)
    return time.perf_counter()


def _wait_for(file: Path, who: str) -> None:
    give_up = time.monotonic() + READY_SECONDS_MAX
    while not file.exists():
        if time.monotonic() > give_up:
            raise _late(who, f"ready after {READY_SECONDS_MAX:.0f} s", "it did not start, or can't work")
        time.sleep(_LOOK_SECONDS)


def _late(who: str, what: str, why: str) -> CommandError:
    return CommandError(
        Exit.CHECK_FAILED, what=f"{who} is not {what}.", why=f"{why}.", remedy="see the logs of the run."
    )
