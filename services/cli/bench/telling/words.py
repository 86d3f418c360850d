"""Numbers, targets and machines in words, the same on a terminal, on the page and in README."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.cli.bench.rounds import Figure
from services.cli.bench.saved import Run, SavedMachine, SavedTarget
from services.cli.bench.targets import Part, Standing

NOT_FIGURES = "One small round: it shows that all works, not how fast. These numbers are no figures."
HOW = (
    "All sides of a benchmark ran on the same Kafka and PostgreSQL, one after the other, in turns; what came out was "
    "checked after each. A number is the median of its rounds, with their range."
)
RATIOS = "Times are this machine's; only ratios of one run say something about another."
_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
_WHOLE_FROM = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One number of a target, in words; `name` is short, and has the part's."""

    id: str
    name: str
    measured: str
    range: str
    must: str
    aim: str
    standing: Standing
    held_back_by: str | None
    part: Part
    figure: Figure


def rows(run: Run) -> Iterator[Row]:
    """Give a row for each part of each target."""
    for name, target in run.targets.items():
        yield from rows_of(name, target)


def rows_of(target_id: str, target: SavedTarget) -> Iterator[Row]:
    """Give a row for each part of a target."""
    for part, figure in target.parts():
        standing = part.standing(figure.median)
        is_aim_open = standing is Standing.MISSED or (standing is Standing.MET and part.aim is not None)
        yield Row(
            id=target_id,
            name=f"{target.name}: {part.name}" if part.name else target.name,
            measured=with_unit(figure.median, part.unit),
            range=f"{number(figure.low)}–{number(figure.high)}",
            must=limit(part, part.must),
            aim="" if part.aim is None else limit(part, part.aim),
            standing=standing,
            held_back_by=target.held_back_by if is_aim_open else None,
            part=part,
            figure=figure,
        )


def limit(part: Part, value: float) -> str:
    """Write a limit: "12×", "≤ 50 MB"."""
    return f"{'≤ ' if part.is_at_most else ''}{with_unit(value, part.unit)}"


def with_unit(value: float, unit: str) -> str:
    """Write a number with its unit: "12.3×" for a ratio, "50 MB"."""
    return f"{number(value)}×" if unit == "x" else f"{number(value)} {unit}"


def number(value: float) -> str:
    """Write a number with what can be told of it: three digits, or all before the point."""
    if abs(value) >= _WHOLE_FROM or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def short(value: float) -> str:
    """Write a number for an axis: "50", "10k", "2.5M"."""
    for size, prefix in _PREFIXES:
        if abs(value) >= size:
            return f"{value / size:.3g}{prefix}"
    return f"{value:.3g}"


def headline(run: Run) -> str:
    """Say in a few words how many targets are met; of one small round nothing can be said."""
    if run.quick:
        return "One small round"
    if not run.targets:
        return "No target was measured"
    return f"{run.met} of {len(run.targets)} {'target is' if len(run.targets) == 1 else 'targets are'} met"


def standings(run: Run) -> str:
    """Say how the numbers of the targets stand: "19 numbers: 11 as aimed, 7 met, 1 missed"."""
    found = Counter(row.standing for row in rows(run))
    told = ", ".join(f"{found[standing]} {standing}" for standing in Standing if found[standing])
    return f"{found.total()} number{'' if found.total() == 1 else 's'}: {told}"


def machine(found: SavedMachine) -> Mapping[str, str]:
    """Say what it was measured on, by heading."""
    return {
        "Processor": f"{found.cores} cores, {found.processor}",
        "Memory": f"{found.memory_gb:.1f} GB",
        "Disk": f"{found.file_system}; fsync of a page {found.fsync_ms_median:.2f} ms, "
        f"p99 {found.fsync_ms_p99:.2f} ms",
        "Versions": ", ".join(f"{name} {version}" for name, version in found.versions.items()),
    }
