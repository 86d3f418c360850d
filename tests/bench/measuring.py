"""Measures what each batch of each service costs, at several sizes, on databases that have a past."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path

from services.notifications.mailer import Mailer, Terms
from shared.kit import clock, ids
from shared.kit.clock import ClockFile
from shared.kit.erasure import Erasing
from shared.kit.limits import Limits
from shared.kit.sql import queries
from tests.bench.counting import Counts
from tests.bench.journeys import Journey, answered, granted
from tests.bench.town import IDLE_LOOK, PASSED_OVER, SERVICES, Batch, Town, fill
from tests.support.databases import Databases

BEGINNING = datetime(2027, 1, 4, 8, tzinfo=UTC)
SIZES = (10, 100, 1000)
USUAL = 100
"""The size of which the baseline is."""
_KIT = queries("shared.kit", "kit.sql")
_NO_SERVER = Terms(
    smtp_url="smtp://127.0.0.1:1",
    from_name="",
    from_address="nobody@example.org",
    smtp_seconds_max=1,
    connections_max=1,
    tries_max=1,
    wait_seconds=1,
    wait_seconds_max=1,
)


@dataclass(frozen=True, slots=True)
class Step:
    """What all batches of one kind cost together, and the statements of the longest."""

    records: int
    counts: Counts
    statements: int

    def numbers(self) -> Mapping[str, float]:
        """Return what the baseline keeps of it: statements a batch, all else a record."""
        found = {
            "statements": float(self.statements),
            "rows": self.counts.rows / self.records,
            "buffers": self.counts.buffers / self.records,
            "WAL records": self.counts.wal_records / self.records,
            "WAL bytes": self.counts.wal_bytes / self.records,
        }
        if self.counts.updated:
            found["HOT %"] = 100 * self.counts.hot / self.counts.updated
        return found


def steps(batches: Iterable[Batch]) -> Mapping[str, Step]:
    """Add up the batches of each kind, but for what a service only passed over."""
    found: dict[str, Step] = {}
    for batch in batches:
        if batch.what in {PASSED_OVER, IDLE_LOOK}:
            continue
        name = f"{batch.who}: {batch.what}"
        before = found.get(name, Step(0, Counts(), 0))
        found[name] = Step(
            before.records + batch.records,
            before.counts + batch.counts,
            max(before.statements, batch.counts.statements),
        )
    return found


@contextmanager
def numbered_ids() -> Iterator[None]:
    """Make fresh ids the same in every run, rising as they do: how well a long row packs hangs on what is in it."""
    numbers = count()

    def fresh() -> str:
        number = next(numbers)
        return f"{number:08x}-0000-7{ids.derived('bench', str(number))[15:]}"

    real, ids.fresh = ids.fresh, fresh
    try:
        yield
    finally:
        ids.fresh = real


@contextmanager
def clock_by_hand(folder: Path) -> Iterator[ClockFile]:
    """Let business time stand still until it is moved, and number what else differs from run to run."""
    hand = ClockFile.create(folder / "clock", BEGINNING, 0)
    clock.bind(hand.path)
    try:
        with numbered_ids():
            yield hand
    finally:
        clock.bind(None)


@contextmanager
def uncollected() -> Iterator[None]:
    """Do without the garbage collector, which would take half of the time."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@asynccontextmanager
async def open_town(admin_dsn: str, hand: ClockFile) -> AsyncIterator[Town]:
    """Open a town on fresh databases, which go with it."""
    databases = Databases(admin_dsn)
    try:
        dsns = {name: await databases.fresh(name, partial(fill, name=name)) for name in SERVICES}
        async with Town.open(dsns, hand) as town:
            yield town
    finally:
        await databases.clear()


@dataclass(frozen=True, slots=True)
class Measured:
    """The steps of the baseline, those of granted claims by size, and each look that finds nothing to do."""

    usual: Mapping[str, Step]
    by_size: Mapping[int, Mapping[str, Step]]
    idle: Mapping[str, Counts]


async def measure(town: Town) -> Measured:
    """Measure all. The largest batches are of granted claims alone: that they cost no more is all they show."""
    await granted(town, "past", USUAL)
    await answered(town, "past-answered", SIZES[0])
    by_size: dict[int, Mapping[str, Step]] = {}
    usual: list[Batch] = []
    for size in SIZES:
        by_size[size] = steps(found := await _batches(town, granted, size))
        usual += found if size == USUAL else []
    usual += await _batches(town, answered, USUAL)
    return Measured(steps(usual), by_size, await idle_looks(town))


async def idle_looks(town: Town) -> Mapping[str, Counts]:
    """Let every loop of every service look once, with a past behind it and nothing to do."""
    mails = town.seats["notifications"].pool
    await mails.execute("UPDATE mails SET status = 'sent', facts = NULL")
    await town.vacuum()
    found = {}
    for name, seat in town.seats.items():
        erasing = Erasing(seat.pool, seat.service, Limits())
        await erasing.work()
        async with seat.meter.counting() as found[f"{name}: erasures"]:
            await erasing.work()
        await seat.sent()
        found[f"{name}: relay"] = (await seat.sent())[1].counts
        for _ in range(2):
            async with seat.meter.counting() as found[f"{name}: commands that waited too long"]:
                await seat.pool.fetch(_KIT["overdue_commands"], clock.real_now())
    for _ in range(2):
        async with town.seats["timer"].meter.counting() as found["timer: what is due"]:
            await town.look()
    mailer = Mailer("", _NO_SERVER)
    for _ in range(2):
        meter = town.seats["notifications"].meter
        async with meter.counting() as found["notifications: mails"], mails.acquire() as connection:
            await mailer.work(connection, town.parts)
    return found


async def _batches(town: Town, journey: Journey, size: int) -> list[Batch]:
    await town.vacuum()
    town.batches.clear()
    await journey(town, f"{journey.__name__}-{size:05}", size)
    return list(town.batches)
