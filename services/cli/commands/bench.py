"""`recourse bench`: measured side by side with others, on a Kafka and a PostgreSQL of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import screen
from services.cli.bench.catalogue import CATALOGUE, Entry
from services.cli.commands.options import JsonOption
from services.cli.errors import Exit

if TYPE_CHECKING:
    from services.cli.bench.benchmark import Plan

app = typer.Typer(
    no_args_is_help=True,
    help="Measure how fast it is, side by side with others that do the same work.",
)
QuickOption = Annotated[
    bool, typer.Option("--quick", help="One small round: it shows that all works, not how fast.")
]
RoundsOption = Annotated[
    int | None, typer.Option("--rounds", metavar="N", min=1, help="How many rounds. By default five.")
]
SaveOption = Annotated[
    Path | None,
    typer.Option(
        "--save", metavar="FILE", help="Keep the JSON in this file, and a page with pictures beside it."
    ),
]
_ROUNDS = 5
_QUICK_ROUNDS = 1
_ENDS = (
    "Rounds take turns on a Kafka and a PostgreSQL of their own, and what came out is checked after each. What is "
    "reported is the median of the rounds with its range. The exit code is 1 when a target is missed (with --quick "
    "only when a check fails)."
)


def _command(name: str, entries: Sequence[Entry], told: str) -> Callable[..., None]:
    def run(
        quick: QuickOption = False,
        rounds: RoundsOption = None,
        save: SaveOption = None,
        json_: JsonOption = False,
    ) -> None:
        from services.cli.bench.benchmark import Plan

        plan = Plan(is_quick=quick, rounds=rounds or (_QUICK_ROUNDS if quick else _ROUNDS))
        _run(entries, plan, save, as_json=json_)

    run.__name__ = name.replace("-", "_")
    run.__doc__ = f"{told}\n\n{_ENDS}"
    return run


def _run(entries: Sequence[Entry], plan: Plan, save: Path | None, *, as_json: bool) -> None:
    """Run benchmarks one after the other, each on a ground of its own, and tell what came of them."""
    from services.cli.bench import measured, report
    from services.cli.bench.running import run_all
    from shared.kit import clock

    with screen.bar() as progress:
        done, machine = run_all(entries, plan, progress)
    found = measured.to_json(done, plan, machine, clock.real_now().date().isoformat())
    if save is not None:
        report.save(found, save)
    if as_json:
        screen.write_json(found)
    else:
        report.tell(found)
    if not plan.is_quick and not all(result.ok for each in done for result in each.results()):
        raise typer.Exit(Exit.CHECK_FAILED)


for _entry in CATALOGUE:
    app.command(_entry.name)(_command(_entry.name, [_entry], _entry.help))
app.command("all")(_command("all", CATALOGUE, "Run every benchmark."))
