"""B5 to B9: how many deadlines fire in a second, how late, and what many pending ones, or an old snapshot, do to that.

Deadlines are put into the tables of all sides in growing numbers. At each number, the sides take turns in firing what
is due; ours is asked for deadlines in the usual way, one a millisecond; and PostgreSQL says what taking them costs.
At the most that are pending, lateness takes turns with that at the fewest, in two tables that change places.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg

from services.cli.bench import firing, looks
from services.cli.bench.benchmark import Benchmark, Curves, Dots, Findings, Plan, Step
from services.cli.bench.deadlines import RECOURSE, Deadlines
from services.cli.bench.draining import wait_until_ready
from services.cli.bench.echo import percentile
from services.cli.bench.firing import OURS, PGQUEUER_SIDE, PROCRASTINATE_SIDE, Side
from services.cli.bench.ground import Ground
from services.cli.bench.lateness import PER_SECOND, Lateness, late
from services.cli.bench.looks import Cost
from services.cli.bench.peers import pgqueuer_timers, procrastinate_timers
from services.cli.bench.rounds import Figure, Rate, ratio

SHARE = 0.99
_PENDING = (
    "Pending are deadlines of 48 h and of 30 d, 1 to 15, as after a month at one rate; due are as many of each. They "
    "lie in each side's own tables, vacuumed and analysed; from 500,000 new ones on, the indexes are made after them."
)


@dataclass(frozen=True, slots=True)
class Size:
    """How many are pending, and how many are due at once in a round.

    `few` and `many` stand for the 1e4 and the 1e6 at which sides are compared; `late_at` are the numbers at which
    lateness is measured, the first and the last of which are also those between which it and costs are compared. `due`
    is for ours and for pgqueuer, whose rate hangs on it: with `due_little`, unless it is 0, it is measured once more.
    """

    few: int
    many: int
    late_at: Sequence[int]
    due: int
    due_little: int
    snapshot: int
    procrastinate_none: int
    procrastinate_many: int
    late: int
    lead_seconds: float
    is_warmed_up: bool


FULL = Size(
    few=10_000,
    many=1_000_000,
    late_at=(10_000, 100_000, 1_000_000, 10_000_000),
    due=12_000,
    due_little=1_000,
    snapshot=90_000,
    procrastinate_none=600,
    procrastinate_many=20,
    late=5 * PER_SECOND,
    lead_seconds=2,
    is_warmed_up=True,
)
QUICK = Size(
    few=1_000,
    many=10_000,
    late_at=(1_000, 10_000),
    due=4_000,
    due_little=0,
    snapshot=4_000,
    procrastinate_none=60,
    procrastinate_many=20,
    late=PER_SECOND,
    lead_seconds=1,
    is_warmed_up=False,
)


@dataclass(slots=True)
class Seen:
    """What was measured: rates by side and by how many were pending, and the rest by how many."""

    rates: dict[tuple[str, int], list[Rate]] = field(default_factory=dict)
    with_little_due: list[Rate] = field(default_factory=list)
    beside_snapshot: list[Rate] = field(default_factory=list)
    alone: list[Rate] = field(default_factory=list)
    lateness: dict[int, list[Lateness]] = field(default_factory=dict)
    costs: dict[int, list[Cost]] = field(default_factory=dict)


def steps(plan: Plan) -> int:
    """The start; two sides with none pending; and for each number of pending ones what is done there."""
    size = _size(plan)
    compared = sum(2 * plan.rounds for pending in _numbers(size) if pending in (size.few, size.many))
    snapshots = plan.rounds * (1 if size.snapshot == size.due else 2)
    late = (plan.rounds + size.is_warmed_up) * len(size.late_at)
    return 1 + 2 + len(_numbers(size)) + compared + bool(size.due_little) + 1 + snapshots + 2 + late


def measure(ground: Ground, plan: Plan, step: Step) -> Findings:
    """Go from none to the most that are pending."""
    return asyncio.run(_measure(ground, plan, step))


async def _measure(ground: Ground, plan: Plan, step: Step) -> Findings:
    size, seen = _size(plan), Seen()
    connection = await asyncpg.connect(ground.postgres.admin_dsn)
    try:
        step("making the tables of all sides")
        deadlines = await firing.prepare(ground, connection)
        run = _Run(ground, plan, step, size, seen, deadlines)
        await run.fire(PROCRASTINATE_SIDE, 0, size.procrastinate_none)
        await run.fire(OURS, 0, size.due)
        for pending in _numbers(size):
            await run.at(pending)
    finally:
        await connection.close()
    return _findings(size, seen)


@dataclass(slots=True)
class _Run:
    ground: Ground
    plan: Plan
    step: Step
    size: Size
    seen: Seen
    deadlines: Deadlines
    number: int = 0

    async def at(self, pending: int) -> None:
        """Do what is done with so many pending."""
        size = self.size
        self.step(f"{pending:,} pending: writing them")
        await self.deadlines.pend(RECOURSE, pending)
        if pending in (size.few, size.many):
            await self.deadlines.pend(PGQUEUER_SIDE.tables, pending)
            for _ in range(self.plan.rounds):
                await self.fire(OURS, pending, size.due)
                await self.fire(PGQUEUER_SIDE, pending, size.due)
        if pending == size.many:
            await self._with_many()
        if pending in (size.late_at[0], size.late_at[-1]):
            self.step(f"{pending:,} pending: what taking them costs")
            self.seen.costs[pending] = [
                await looks.cost(self.ground, self.deadlines, f"cost{pending}-{number}")
                for number in range(self.plan.rounds)
            ]
        if pending in size.late_at[1:]:
            await self._late(pending)

    async def _with_many(self) -> None:
        size, pending = self.size, f"{self.size.many:,} pending"
        if size.due_little:
            rate = await self._fire(PGQUEUER_SIDE, size.due_little, f"{pending}: pgqueuer, few due")
            self.seen.with_little_due.append(rate)
        await self.deadlines.pend(PROCRASTINATE_SIDE.tables, size.many)
        await self.fire(PROCRASTINATE_SIDE, size.many, size.procrastinate_many)
        for number in range(self.plan.rounds):
            if size.snapshot == size.due:
                alone = self.seen.rates[OURS.name, size.many][number]
            else:
                alone = await self._fire(OURS, size.snapshot, f"{pending}: recourse")
            async with _old_snapshot(self.ground):
                beside = await self._fire(OURS, size.snapshot, f"{pending}: beside an old snapshot")
            self.seen.alone.append(alone)
            self.seen.beside_snapshot.append(beside)

    async def fire(self, side: Side, pending: int, count: int) -> None:
        """Let a side fire so many once, and keep its rate."""
        rate = await self._fire(side, count, f"{pending:,} pending: {side.name}")
        self.seen.rates.setdefault((side.name, pending), []).append(rate)

    async def _fire(self, side: Side, count: int, what: str) -> Rate:
        self.step(what)
        self.number += 1
        return await firing.fire(self.ground, self.deadlines, side, f"fire{self.number}", count)

    async def _late(self, pending: int) -> None:
        process = self.ground.service(firing.SERVICE)
        process.start()
        try:
            await asyncio.to_thread(wait_until_ready, process)
            if pending == self.size.late_at[-1]:
                await self._late_at_both_ends(self.size.late_at[0], pending)
            else:
                await self._warm_up(pending)
                for number in range(self.plan.rounds):
                    await self._late_once(pending, number)
        finally:
            await asyncio.to_thread(process.stop)

    async def _late_at_both_ends(self, few: int, many: int) -> None:
        """Let the two take turns: minutes apart, the machine may be another."""
        await self._warm_up(many)
        await self.deadlines.exchange(RECOURSE)
        await self.deadlines.pend(RECOURSE, few)
        await self._warm_up(few)
        for number in range(self.plan.rounds):
            await self._late_once(few, number)
            await self.deadlines.exchange(RECOURSE)
            await self._late_once(many, number)
            await self.deadlines.exchange(RECOURSE)

    async def _warm_up(self, pending: int) -> None:
        if self.size.is_warmed_up:
            self.step(f"{pending:,} pending: {PER_SECOND:,} due a second, to warm up")
            await late(self.ground, f"warm{pending}", PER_SECOND, self.size.lead_seconds)

    async def _late_once(self, pending: int, number: int) -> None:
        self.step(f"{pending:,} pending: {PER_SECOND:,} due a second, round {number + 1}")
        prefix = f"late{pending}-{number}"
        seconds = await late(self.ground, prefix, self.size.late, self.size.lead_seconds)
        self.seen.lateness.setdefault(pending, []).append(seconds)


@asynccontextmanager
async def _old_snapshot(ground: Ground) -> AsyncIterator[None]:
    """Hold a snapshot open, as a report or a backup does: what is deleted meanwhile can't be removed."""
    connection = await asyncpg.connect(ground.postgres.admin_dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.fetchval("SELECT count(*) FROM timer.offsets")
            yield
    finally:
        await connection.close()


def _size(plan: Plan) -> Size:
    return QUICK if plan.is_quick else FULL


def _numbers(size: Size) -> Sequence[int]:
    return sorted({size.few, size.many, *size.late_at})


def _findings(size: Size, seen: Seen) -> Findings:
    few, many = size.few, size.many
    ours, pgqueuer, procrastinate = (
        {pending: rates for (name, pending), rates in seen.rates.items() if name == side.name}
        for side in (OURS, PGQUEUER_SIDE, PROCRASTINATE_SIDE)
    )
    p99 = {
        pending: [percentile(each.deadlines, SHARE) for each in rounds]
        for pending, rounds in seen.lateness.items()
    }
    to_echo = {
        pending: Figure(
            [mine / percentile(each.echo, SHARE) for mine, each in zip(p99[pending], rounds, strict=True)]
        )
        for pending, rounds in seen.lateness.items()
    }
    first, last = size.late_at[0], size.late_at[-1]
    grown = [mine / other for mine, other in zip(p99[last], p99[first], strict=True)]
    dearer = [_dearer(*pair) for pair in zip(seen.costs[last], seen.costs[first], strict=True)]
    return Findings(
        figures={
            "B5": {"1e4": ratio(ours[few], pgqueuer[few]), "1e6": ratio(ours[many], pgqueuer[many])},
            "B6": {
                "0": ratio(ours[0], procrastinate[0]),
                "1e6": ratio(ours[many][:1], procrastinate[many]),
            },
            "B7": {
                "to the echo": max(to_echo.values(), key=lambda figure: figure.median),
                "1e7 to 1e4": Figure(grown),
            },
            "B8": {
                "a row": Figure(dearer),
                "idle look": Figure([float(cost.idle_buffers) for cost in seen.costs[last]]),
            },
            "B9": {"": ratio(seen.beside_snapshot, seen.alone)},
        },
        pictures=_pictures(size, seen, p99),
        notes=_notes(size, seen, p99, to_echo),
    )


def _dearer(many: Cost, few: Cost) -> float:
    """Return how much dearer a deadline is: by buffers or by time, whichever is worse."""
    return max(many.buffers / few.buffers, many.microseconds / few.microseconds)


def _pictures(size: Size, seen: Seen, p99: dict[int, list[float]]) -> Sequence[Dots | Curves]:
    return [
        Dots.of_rates(
            "Deadlines fired, due to acknowledged in Kafka",
            "deadlines/s",
            {
                f"{name}, {pending:,} pending": rates
                for (name, pending), rates in sorted(
                    seen.rates.items(), key=lambda each: (each[0][1], each[0][0])
                )
            },
            is_log=True,
        ),
        Curves(
            f"How late, p99, {PER_SECOND:,} due a second",
            "pending",
            "ms",
            {
                "recourse": [(pending, Figure(p99[pending]).median * 1000) for pending in size.late_at],
                "echo": [
                    (
                        pending,
                        Figure([percentile(each.echo, SHARE) for each in seen.lateness[pending]]).median
                        * 1000,
                    )
                    for pending in size.late_at
                ],
            },
            is_x_log=True,
        ),
    ]


def _notes(size: Size, seen: Seen, p99: dict[int, list[float]], to_echo: dict[int, Figure]) -> Sequence[str]:
    rates = "; ".join(
        f"{name} {Figure([rate.per_second for rate in found]).median:,.0f} ({pending:,} pending)"
        for (name, pending), found in seen.rates.items()
    )
    lateness = "; ".join(
        f"{Figure(p99[pending]).median * 1000:.1f} ms, {to_echo[pending].median:.1f}x the echo's ({pending:,} pending)"
        for pending in size.late_at
    )
    costs = "; ".join(
        f"{found[0].buffers:.2f} buffers and {Figure([each.microseconds for each in found]).median:.1f} µs each, an "
        f"idle look {found[0].idle_buffers} buffers ({pending:,} pending)"
        for pending, found in seen.costs.items()
    )
    few_due = "".join(
        f" With {size.due_little:,} at {size.many:,} pending it did {rate.per_second:,.0f}/s."
        for rate in seen.with_little_due
    )
    return [
        f"Deadlines/s, medians: {rates}.",
        f"How late, p99: {lateness}.",
        f"To take what is due and write what it says: {costs}.",
        "Each deadline came once, none early, and none that was due was left, on every side after every round.",
        _PENDING,
        f"pgqueuer: {pgqueuer_timers.SETTINGS}.",
        f"{size.due:,} are due at once, for pgqueuer as for ours.{few_due}",
        f"procrastinate: {procrastinate_timers.SETTINGS}.",
        "Both peers publish each job's record with acks=all, idempotent, and complete it when it is acknowledged.",
    ]


BENCHMARK = Benchmark(steps=steps, measure=measure, peers=("pgqueuer", "procrastinate", "psycopg"))
