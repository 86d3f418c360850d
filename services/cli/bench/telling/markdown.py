"""README's section: what was measured of each target, in a table, and how to read it."""

from __future__ import annotations

from collections.abc import Iterator

from services.cli.bench.saved import Run
from services.cli.bench.targets import TARGETS
from services.cli.bench.telling import words
from services.cli.errors import usage

BEGIN = "<!-- How fast: made by `python -m services.cli.bench.readme`, from docs/benchmark/measured.json -->"
END = "<!-- How fast: end -->"
_BEFORE = "## How to plug it in\n"
"""Where the section goes when it is not there yet."""
_TEXT = """\
## How fast

Measured side by side with others, in one run of `./deploy/run bench all` on {day}, {rounds} rounds. Every side does the
same work on the same Kafka and PostgreSQL, as durably (`synchronous_commit=on`, `acks=all`, idempotent producers), and
takes turns with the others; rows, copies and the order of each key are checked on both sides after every round. The
plain handler is FastStream's as its own pages write it, one message a transaction; pgqueuer and procrastinate run as
they are installed, in their best documented setting; COPY is what PostgreSQL can do at all; an echo is a record that is
sent and read with no work between. A number is the median of the rounds with its range. Times would hold on that
machine only; these are ratios.

{table}

{standings} On {machine}.
[What each benchmark does, and what it does not show](docs/benchmark/README.md); all rounds, with pictures, are in
[the page of this run](docs/benchmark/report.html), and `./deploy/run bench all --save FILE.json` makes one of yours.
"""


def inserted(readme: str, run: Run) -> str:
    """Return README with the section of a run in its place. Raises CommandError for a run that README can't show."""
    made = f"{BEGIN}\n{section(run)}{END}\n"
    if BEGIN in readme:
        before, _, rest = readme.partition(BEGIN)
        return before + made + rest.partition(f"{END}\n")[2]
    before, heading, rest = readme.partition(_BEFORE)
    return f"{before}{made}\n{heading}{rest}"


def section(run: Run) -> str:
    """Write the section. Raises CommandError unless every target was measured, and not in a hurry."""
    _check(run)
    machine = words.machine(run.machine)
    return _TEXT.format(
        day=run.day,
        rounds=run.rounds,
        table="\n".join(_table(run)),
        standings=f"{words.headline(run)} ({words.standings(run)}).",
        machine=f"{machine['Processor']}; {machine['Disk']}",
    )


def _check(run: Run) -> None:
    missing = [name for name in TARGETS if name not in run.targets]
    why = (
        "it was made with --quick"
        if run.quick
        else f"{', '.join(run.failed)} failed in it"
        if run.failed
        else f"it lacks {', '.join(missing)}"
        if missing
        else ""
    )
    if why:
        raise usage(
            "README can't show this run.", f"{why}.", "make a whole one: recourse bench all --save FILE.json."
        )


def _table(run: Run) -> Iterator[str]:
    yield "| | ratio | measured | must | aim | |"
    yield "|---|---|---|---|---|---|"
    for name, target in run.targets.items():
        for number, row in enumerate(words.rows_of(name, target)):
            measure = target.measure if number == 0 else "…"
            part = f"; **{row.part.name}**" if row.part.name else ""
            cells = (
                "" if number else name,
                f"{measure}{part}",
                f"**{row.measured}** ({row.range})",
                row.must,
                row.aim,
                str(row.standing),
            )
            yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |".replace("  ", " ")
