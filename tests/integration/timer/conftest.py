"""The timer over a real PostgreSQL, at a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.timer.handlers import NAME, Firing, service
from shared.contracts import topics
from shared.contracts.timer import Cancel, Schedule
from shared.kit import clock, db
from shared.kit.clock import ClockFile
from shared.kit.db import Pool
from shared.kit.decode import decoder
from shared.kit.limits import Limits
from shared.kit.runtime import Parts
from shared.kit.unit import Unit
from tests.support.databases import Databases, empty
from tests.support.toy import Say, Tape, say
from tests.support.workbench import migrate_kit

NOON = datetime(2021, 3, 10, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """Return so many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def schedule(timer_id: str, due_at: datetime, order_id: str = "o") -> Say:
    """Ask for a deadline; each asking is another event."""
    data = Schedule(
        timer_id=timer_id, kind="hold_end", owner="orders", order_id=order_id, subject_id="s", due_at=due_at
    )
    return say(data, order_id, f"set-{timer_id}-{due_at.isoformat()}", source="/recourse/orders")


def cancel(timer_id: str, order_id: str = "o") -> Say:
    """Call a deadline off."""
    return say(
        Cancel(timer_id=timer_id, order_id=order_id),
        order_id,
        f"cancel-{timer_id}",
        source="/recourse/orders",
    )


@dataclass
class Process:
    """One process of the timer: its unit, its firing loop, and the shards that it owns."""

    pool: Pool
    tape: Tape
    shards: frozenset[int] = frozenset({0})
    firing: Firing = field(default_factory=Firing)
    committed: int = 0
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def parts(self) -> Parts:
        return Parts(self.pool, Limits(), self._committed, lambda _topic: self.shards, self.stopping)

    def _committed(self) -> None:
        self.committed += 1

    def own(self, *shards: int) -> None:
        """Be assigned these shards, as the consumer tells it."""
        self.shards = frozenset(shards)
        self.firing.look_anew()

    async def hear(self, *said: Say, shard: int = 0) -> None:
        """Apply a batch of commands."""
        records = self.tape(*said, partition=shard)
        described = service(self.firing)
        place = (topics.TIMER_COMMANDS, shard)
        first = records[0].place.offset
        await Unit(self.pool, described, decoder(described.check)).apply(records, {place: first})

    async def fire(self) -> datetime | None:
        """Look once."""
        self.firing._own(self.shards)
        return await self.firing.fire(self.parts)

    async def fired(self) -> list[str]:
        """Return the timers that fired, in the order in which they are sent."""
        return [row["id"] for row in await self.pool.fetch("SELECT id FROM outbox ORDER BY position")]

    async def pending(self) -> set[str]:
        """Return the timers that have not fired."""
        return {row["timer_id"] for row in await self.pool.fetch("SELECT timer_id FROM timers")}


@pytest.fixture(scope="session")
def timer_database(databases: Databases) -> str:
    """The URL of a database with the timer's tables."""
    with asyncio.Runner() as runner:
        return runner.run(databases.fresh("timer", fill=lambda dsn: migrate_kit(dsn, "services.timer")))


@pytest.fixture
async def pool(timer_database: str) -> AsyncIterator[Pool]:
    """A pool of the timer's own, on empty tables."""
    await empty(timer_database)
    async with await db.connect_pool(timer_database, NAME, 4) as pool:
        yield pool


@pytest.fixture
def by_hand(tmp_path: Path) -> Iterator[ClockFile]:
    """Business time that stands still at noon until it is moved."""
    file = ClockFile.create(tmp_path / "clock", NOON, speed=0)
    clock.bind(file.path)
    yield file
    clock.bind(None)


@pytest.fixture
def process(pool: Pool, by_hand: ClockFile) -> Process:
    """A process that owns shard 0, at noon."""
    return Process(pool, Tape())


@dataclass
class Sleeper:
    """Sleeps by moving the clock; remembers what it was asked. Stops the process when nothing is pending.

    With `stop_when` it stops the process when it is asked to sleep until then.
    """

    clock_file: ClockFile
    stop: Callable[[], None]
    asked: list[datetime | None] = field(default_factory=list)
    stop_when: datetime | None = None

    async def __call__(self, until: datetime | None) -> None:
        self.asked.append(until)
        if until is None or until == self.stop_when:
            self.stop()
        else:
            self.clock_file.set(until)


def sleeping(process: Process, clock_file: ClockFile) -> Sleeper:
    """Give a process a loop that sleeps so."""
    sleeper = Sleeper(clock_file, process.stopping.set)
    process.firing = Firing(sleep=sleeper)
    return sleeper


__all__: Sequence[str] = ("NOON", "Process", "Sleeper", "at", "cancel", "schedule", "sleeping")
