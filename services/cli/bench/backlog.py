"""B10: a million records that wait, against ten thousand: the same rate, and no more memory.

One process finds backlogs of 1e4 while its tables are empty; another one of 1e6; and again backlogs of 1e4 in tables of
a million orders. Each fifth of the million is held against the median of all the small backlogs: they lie before and
after it, so that a machine that gets faster or slower meanwhile does not pass for a change of rate.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import asyncpg
import psutil

from services.cli.bench.benchmark import Benchmark, Curves, Findings, Plan, Step, check
from services.cli.bench.draining import (
    EACH_SAID,
    SERVICE,
    SERVICE_TOPICS,
    drain_placed,
    started,
    wait_until_ready,
)
from services.cli.bench.ground import Ground
from services.cli.bench.loading import placed, send
from services.cli.bench.rounds import Figure, Rate
from services.cli.bench.tallied import Tally, count_all
from services.cli.bench.watching import Watch
from services.cli.errors import CommandError, Exit
from services.cli.running.service_process import ServiceProcess
from shared.contracts.topics import Installation
from shared.kit.sql import queries

_SQL = queries("services.cli.bench", "backlog.sql")
_LOOK_SECONDS = 0.2
_SECONDS_MAX = 1800.0
_PARTS = 5
_WINDOWS_MAX = 50
_WINDOW_MIN = 4_000
"""Of the picture: a window is some batches long, or it would show their ends and nothing else."""
_WARM_UP = 2_000
_MB = 1e6


@dataclass(frozen=True, slots=True)
class Size:
    """How many orders wait."""

    large: int
    small: int


FULL = Size(large=1_000_000, small=10_000)
QUICK = Size(large=16_000, small=4_000)


@dataclass(frozen=True, slots=True)
class Mark:
    """How many orders had been worked off at an instant (seconds), and the memory that the process took then."""

    orders: float
    at: float
    bytes: int


def steps(plan: Plan) -> int:
    """The small backlogs before and after, the start, and the large one: sent, worked off, counted."""
    return 2 * plan.rounds + 5


def measure(ground: Ground, plan: Plan, step: Step) -> Findings:
    """Work off small backlogs, the large one, and small ones again."""
    size = QUICK if plan.is_quick else FULL
    step("starting")
    with started(ground) as process:
        asyncio.run(drain_placed(ground, process, "warm", _WARM_UP))
        before = _some_small(ground, process, plan, step, "before", size.small)
    step(f"sending {size.large:,} orders")
    asyncio.run(send(ground.kafka.bootstrap, placed("large", size.large)))
    step(f"{size.large:,} wait")
    marks, process = asyncio.run(_large(ground, size.large))
    try:
        after = _some_small(ground, process, plan, step, "after", size.small)
    finally:
        process.stop()
    step("counting what came of them")
    total = size.large + _WARM_UP + 2 * plan.rounds * size.small
    asyncio.run(_check(ground, size.large, total))
    return _findings(size, marks, before, after)


def _some_small(
    ground: Ground, process: ServiceProcess, plan: Plan, step: Step, when: str, count: int
) -> list[Rate]:
    rates = []
    for number in range(plan.rounds):
        step(f"round {number + 1}: {count:,} wait, {when}")
        rates.append(asyncio.run(drain_placed(ground, process, f"{when}{number}", count)))
    return rates


async def _large(ground: Ground, count: int) -> tuple[Sequence[Mark], ServiceProcess]:
    """Start a process on the backlog; return where it stood when, and the process, which runs on."""
    watch = await Watch.open(ground.kafka.bootstrap, SERVICE_TOPICS, Installation().order_partitions)
    process = ground.service(SERVICE)
    try:
        await asyncio.to_thread(process.start)
        await watch.until(1)
        seen = psutil.Process(process.pid)
        marks: list[Mark] = []
        while not marks or marks[-1].orders < count:
            orders = await watch.count() / len(EACH_SAID)
            marks.append(Mark(orders, time.perf_counter(), seen.memory_info().rss))
            if marks[-1].at - marks[0].at > _SECONDS_MAX:
                raise CommandError(
                    Exit.CHECK_FAILED,
                    what=f"{orders:.0f} of {count} orders were worked off in {_SECONDS_MAX:.0f} s.",
                    why="the service is slower than any target, or it stands still.",
                    remedy="see the logs of the run.",
                )
            await asyncio.sleep(_LOOK_SECONDS)
    finally:
        await watch.close()
    wait_until_ready(process)
    return marks, process


async def _check(ground: Ground, large: int, total: int) -> None:
    tally = Tally("large", large)
    await count_all(ground.kafka.bootstrap, Installation().order_partitions, tally)
    connection = await asyncpg.connect(ground.postgres.admin_dsn)
    try:
        (rows,) = await connection.fetch(_SQL["rows"])
    finally:
        await connection.close()
    wanted = {"orders": total, "unsent": 0, "sent": total * len(EACH_SAID), "applied": total}
    odd = {name: value for name, value in dict(rows).items() if value != wanted[name]}
    check(tally.what_is_wrong(), f"the tables hold {odd}, not what {total} orders lead to" if odd else None)


def rate_between(marks: Sequence[Mark], begin: float, end: float) -> float:
    """Return orders a second from one number of orders to a later one, between the nearest looks."""
    first, last = _at(marks, begin), _at(marks, end)
    return (last.orders - first.orders) / (last.at - first.at)


def _at(marks: Sequence[Mark], orders: float) -> Mark:
    """Return the first look at which so many had been worked off."""
    return next(mark for mark in marks if mark.orders >= orders)


def _findings(size: Size, marks: Sequence[Mark], before: Sequence[Rate], after: Sequence[Rate]) -> Findings:
    small = statistics.median(rate.per_second for rate in (*before, *after))
    bounds = [size.large * number / _PARTS for number in range(_PARTS + 1)]
    parts = [rate_between(marks, begin, end) for begin, end in pairwise(bounds)]
    first = _at(marks, min(size.small, size.large / _PARTS))
    peak = max(mark.bytes for mark in marks if mark.at >= first.at)
    ends = [statistics.median(rate.per_second for rate in rates) for rates in (before, after)]
    drained = {
        f"{size.large:,} wait": _windows(marks, size.large),
        f"{size.small:,} wait": [(0, ends[0]), (size.large, ends[1])],
    }
    memory = {f"{size.large:,} wait": _memory(marks)}
    rates = (
        f"{size.large:,} orders waited when the process started. Each fifth of them was worked off at "
        f"{', '.join(f'{part:,.0f}' for part in parts)} records/s; backlogs of {size.small:,} at {ends[0]:,.0f} in "
        f"empty tables before, and at {ends[1]:,.0f} in full ones after (medians)."
    )
    took = (
        f"The process took {first.bytes / _MB:.0f} MB after its first {first.orders:,.0f} orders, and at most "
        f"{peak / _MB:.0f} MB."
    )
    checked = (
        f"Each order led to {len(EACH_SAID)} records, once each and in their order; the rows of its state and of what "
        "was sent, and the positions on the topic, were counted in the tables."
    )
    return Findings(
        figures={
            "B10": {
                "records/s": Figure([part / small for part in parts]),
                "memory": Figure([(peak - first.bytes) / _MB]),
            }
        },
        pictures=[
            Curves("Orders worked off", "orders worked off before", "records/s", drained),
            Curves("Memory of the process", "orders worked off before", "MB", memory),
        ],
        notes=[rates, took, checked],
    )


def _windows(marks: Sequence[Mark], count: int) -> Sequence[tuple[float, float]]:
    windows = max(1, min(_WINDOWS_MAX, count // _WINDOW_MIN))
    bounds = [count * number / windows for number in range(windows + 1)]
    return [
        (begin, rate_between(marks, begin, end))
        for begin, end in pairwise(bounds)
        if _at(marks, begin).at < _at(marks, end).at
    ]


def _memory(marks: Sequence[Mark]) -> Sequence[tuple[float, float]]:
    every = max(1, len(marks) // _WINDOWS_MAX)
    return [(mark.orders, mark.bytes / _MB) for mark in marks[::every]]


BENCHMARK = Benchmark(steps=steps, measure=measure)
