"""A run on a terminal, in colours; plain text in a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from services.cli import screen
from services.cli.bench.rounds import Figure
from services.cli.bench.saved import Run, SavedCurves, SavedDots, SavedFailure
from services.cli.bench.targets import Standing
from services.cli.bench.telling import words

_POINTS_MAX = 5
"""Of a curve, on a line."""
_STYLES = {Standing.AS_AIMED: "bold green", Standing.MET: "green", Standing.MISSED: "bold red"}


def tell(run: Run, console: Console | None = None) -> None:
    """Print the targets, what each side did in each round, the notes, the machine, and what failed."""
    (console or screen.out()).print(Group(*_parts(run)))


def _parts(run: Run) -> Iterator[RenderableType]:
    if run.targets:
        yield _targets(run)
        yield from _held_back(run)
    for name, benchmark in run.benchmarks.items():
        yield _heading(f"{name}, in {benchmark.seconds:.0f} s")
        for picture in benchmark.pictures:
            yield _indented(_rounds(picture) if isinstance(picture, SavedDots) else _points(picture))
        for note in benchmark.notes:
            yield _indented(_note(note))
    yield _heading("measured on")
    yield _indented(_facts(words.machine(run.machine)))
    yield Text()
    for name, failure in run.failed.items():
        yield from _failed(name, failure)
    if run.quick:
        yield Text(words.NOT_FIGURES, style="yellow")
    else:
        told = f"{words.headline(run)} ({words.standings(run)})" if run.targets else words.headline(run)
        yield Text(told, style="bold" if run.met == len(run.targets) else "bold red")


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in headings:
        table.add_column(heading)
    return table


def _targets(run: Run) -> Table:
    table = _table("", "", "measured", "range", "must", "aim", "measure")
    for column in table.columns[:-1]:
        column.no_wrap = True
    for column in table.columns[2:6]:
        column.justify = "right"
    for row in words.rows(run):
        standing = Text() if run.quick else Text(row.standing, style=_STYLES[row.standing])
        measured = Text(row.measured, style="bold")
        table.add_row(standing, row.id, measured, row.range, row.must, row.aim, Text(row.name))
    return table


def _held_back(run: Run) -> Iterator[Text]:
    """Say where it is written what keeps a target from its aim."""
    told = {row.id: row.held_back_by for row in words.rows(run) if row.held_back_by and not run.quick}
    for name, path in told.items():
        yield Text(f"what holds {name} back: {path}", style="dim")


def _heading(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _indented(what: RenderableType) -> Padding:
    return Padding(what, (0, 0, 0, 2), expand=False)


def _note(note: str) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_row(Text("·"), Text(note))
    return table


def _rounds(picture: SavedDots) -> Group:
    """Write a line for each side: its median, and its rounds."""
    rounds = max((len(each) for each in picture.sides.values()), default=0)
    table = _numbers(["median", *(f"round {each + 1}" for each in range(rounds))])
    for side, each in picture.sides.items():
        median = words.number(Figure(each).median) if each else ""
        _add(table, side, [Text(median, style="bold"), *(words.number(value) for value in each)])
    return Group(Text(f"{picture.title}, {picture.unit}"), _indented(table))


def _points(picture: SavedCurves) -> Group:
    """Write a line for each side, with a column for each x, or with some of its points where there are many."""
    title = Text(f"{picture.title}: {picture.y} by {picture.x}")
    xs = sorted({x for points in picture.sides.values() for x, _ in points})
    if len(xs) > _POINTS_MAX:
        return Group(title, _indented(_some_points(picture)))
    table = _numbers([words.short(x) for x in xs])
    for side, points in picture.sides.items():
        at = dict(points)
        _add(table, side, [words.number(at[x]) if x in at else "" for x in xs])
    return Group(title, _indented(table))


def _some_points(picture: SavedCurves) -> Table:
    table = _numbers([""] * _POINTS_MAX)
    table.show_header = False
    for side, points in picture.sides.items():
        last = len(points) - 1
        places = (
            sorted({round(last * number / (_POINTS_MAX - 1)) for number in range(_POINTS_MAX)})
            if points
            else []
        )
        _add(table, side, [f"{words.number(points[at][1])} ({words.short(points[at][0])})" for at in places])
    return table


def _numbers(headings: Sequence[str]) -> Table:
    table = _table("", *headings)
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _add(table: Table, side: str, cells: Sequence[Any]) -> None:
    table.add_row(Text(side), *cells)


def _facts(facts: Mapping[str, str]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for heading, fact in facts.items():
        table.add_row(Text(heading, style="dim"), Text(fact))
    return table


def _failed(name: str, failure: SavedFailure) -> Iterator[Text]:
    yield Text(f"{name} failed: {failure.what}", style="bold red")
    yield Text(f"  why: {failure.why}")
    if failure.logs:
        yield Text(f"  logs: {failure.logs}")
    yield Text()
