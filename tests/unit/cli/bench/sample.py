"""A run that never was: its numbers are made up, so that every kind of target, picture and end is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.cli.bench.benchmark import Curves, Dots, Findings, Plan
from services.cli.bench.catalogue import Entry
from services.cli.bench.machine import Machine
from services.cli.bench.measured import Done, Failed, Outcome
from services.cli.bench.rounds import Figure
from services.cli.bench.saved import Run
from services.cli.bench.targets import TARGETS, Part

DAY = "2027-01-12"
FULL = Plan(is_quick=False, rounds=5)
QUICK = Plan(is_quick=True, rounds=1)
MACHINE = Machine(
    cores=2,
    processor="Sample <& Co> 3000",
    memory_gb=8.0,
    fsync_ms_median=1.5,
    fsync_ms_p99=4.0,
    file_system="ext4",
    versions={"Python": "3.11.9", "PostgreSQL": "18.6", "Kafka": "4.4.0", "Java": "25", "aiokafka": "0.14.0"},
)
PENDING = (1e4, 1e5, 1e6, 1e7)
SPREAD = (0.96, 0.99, 1.0, 1.02, 1.07)
OURS, PLAIN = "recourse", "plain <handler>"


def around(middle: float) -> Figure:
    return Figure([middle * each for each in SPREAD])


def reaching(part: Part) -> Figure:
    """Return what is as aimed, for most parts."""
    goal = part.must if part.aim is None else part.aim
    return around(goal * (0.8 if part.is_at_most else 1.3))


def figures(names: Sequence[str]) -> Mapping[str, Mapping[str, Figure]]:
    return {name: {part.name: reaching(part) for part in TARGETS[name].parts} for name in names}


def dots(*, is_log: bool = True) -> Dots:
    sides = {OURS: list(around(12_000).rounds), PLAIN: list(around(190).rounds)}
    sides["plain, tuned"] = list(around(550).rounds)
    return Dots("Orders placed & decided", "records/s", sides, is_log=is_log)


def curves() -> Curves:
    sides: Mapping[str, Sequence[tuple[float, float]]] = {
        OURS: [(x, 40_000 - 500 * n) for n, x in enumerate(PENDING)],
        "pgqueuer": [(x, 4_000 / (n + 1) ** 2) for n, x in enumerate(PENDING[:3])],
        "procrastinate": [(x, 300 / (n + 1) ** 4) for n, x in enumerate(PENDING[:3])],
    }
    return Curves("Timers fired", "deadlines pending", "timers/s", sides, is_x_log=True, is_y_log=True)


def done(name: str, targets: Sequence[str], pictures: Sequence[Dots | Curves], **instead: Figure) -> Done:
    entry = Entry(name, f"Measure {name} <b>.\n\nBoth sides do the same.", targets)
    found = {**figures(targets), **{key: {"": figure} for key, figure in instead.items()}}
    return Done(entry, Findings(found, pictures, ["Nothing came twice & <nothing> was lost."]), 61.25)


def outcome() -> Outcome:
    return Outcome(
        MACHINE,
        done=[
            done("timers", ("B5", "B6", "B7", "B8", "B9"), [curves()]),
            done("pipeline", ("B1", "B2", "B3"), [dots()], B2=around(9.0), B3=around(0.75)),
            done("rest", ("B4", "B10", "B11", "B12", "B13"), [dots(is_log=False)]),
        ],
    )


def whole() -> Run:
    """Return a run of all targets: B2 is missed, B3 is met but not as aimed."""
    return outcome().run(FULL, DAY)


def failed() -> Run:
    """Return a run of which one benchmark broke off."""
    entry = Entry("poison", "Measure poison.", ("B12",))
    why = "2 records came <twice>."
    broken = Failed(entry, "A side did not do its work.", why, "kept/recourse-bench-1")
    return Outcome(MACHINE, [done("pipeline", ("B1",), [dots()])], [broken]).run(FULL, DAY)


def quick() -> Run:
    """Return a run of one small round."""
    return Outcome(MACHINE, [done("pipeline", ("B1",), [dots()], B1=Figure([3.0]))]).run(QUICK, DAY)
