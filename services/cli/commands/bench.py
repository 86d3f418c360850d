"""`recourse bench`: measured side by side with others, on a Kafka and a PostgreSQL of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import screen
from services.cli.bench.catalogue import CATALOGUE, Entry
from services.cli.commands.options import JsonOption
from services.cli.errors import Exit, usage

if TYPE_CHECKING:
    from services.cli.bench.benchmark import Plan
    from services.cli.bench.saved import Run

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
        "--save",
        metavar="FILE.json",
        help="Keep the JSON in this file, and beside it a page with pictures, after each benchmark.",
    ),
]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="NAME", help="Run only this benchmark; may be given more than once."),
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE.json", help="What `--save` kept.")]
_ROUNDS = 5
_QUICK_ROUNDS = 1
_INTERRUPTED = 130
_ENDS = (
    "Rounds take turns on a Kafka and a PostgreSQL of their own, and what came out is checked after each. What is "
    "reported is the median of the rounds with its range. The exit code is 1 when a check fails or, without --quick, "
    "a target is missed."
)


def _command(entry: Entry) -> Callable[..., None]:
    def run(
        quick: QuickOption = False,
        rounds: RoundsOption = None,
        save: SaveOption = None,
        json_: JsonOption = False,
    ) -> None:
        _run([entry], _plan(rounds, is_quick=quick), save, as_json=json_)

    run.__name__ = entry.name.replace("-", "_")
    run.__doc__ = f"{entry.help}\n\n{_ENDS}"
    return run


def every(
    quick: QuickOption = False,
    rounds: RoundsOption = None,
    only: OnlyOption = None,
    save: SaveOption = None,
    json_: JsonOption = False,
) -> None:
    """Run every benchmark; one that fails does not keep the others, and is told at the end.

    Each has a Kafka and a PostgreSQL of its own. With --save, what is finished is kept even if the run is called off.
    The exit code is 1 when a benchmark fails or, without --quick, a target is missed.
    """
    _run(_chosen(only), _plan(rounds, is_quick=quick), save, as_json=json_)


def report(file: FileArgument, json_: JsonOption = False) -> None:
    """Show a run that was kept with --save, and make its page again.

    The page is one HTML file beside the JSON, made of it alone: it loads nothing, and needs no script.
    """
    from services.cli.bench import saved
    from services.cli.bench.telling import page

    run = saved.read(file)
    screen.say(f"The page is {page.write(run, file)}")
    _show(run, as_json=json_)


def _plan(rounds: int | None, *, is_quick: bool) -> Plan:
    from services.cli.bench.benchmark import Plan

    return Plan(is_quick=is_quick, rounds=rounds or (_QUICK_ROUNDS if is_quick else _ROUNDS))


def _chosen(only: Sequence[str] | None) -> Sequence[Entry]:
    unknown = set(only or ()) - {entry.name for entry in CATALOGUE}
    if unknown:
        names = ", ".join(entry.name for entry in CATALOGUE)
        raise usage(f"There is no benchmark {min(unknown)}.", f"there are {names}.", "name one of these.")
    return [entry for entry in CATALOGUE if not only or entry.name in only]


def _run(entries: Sequence[Entry], plan: Plan, save: Path | None, *, as_json: bool) -> None:
    """Run benchmarks one after the other, each on a ground of its own, and tell what came of them."""
    from services.cli.bench import progress, saved
    from services.cli.bench.measured import Outcome
    from services.cli.bench.running import run_all
    from services.cli.bench.telling import page
    from services.cli.running.interrupts import ends_as_interrupts
    from shared.kit import clock

    _check(save)
    day = clock.real_now().date().isoformat()
    finished = 0

    def keep(outcome: Outcome) -> None:
        nonlocal finished
        finished = len(outcome.done)
        if save is not None:
            saved.write(outcome.run(plan, day), save)
            page.write(outcome.run(plan, day), save)

    try:
        with ends_as_interrupts(), progress.shown(len(entries)) as shown:
            run = run_all(entries, plan, shown, keep).run(plan, day)
    except KeyboardInterrupt:
        kept = f", kept in {save}" if finished and save else ""
        screen.say(f"recourse: stopped; {finished} of {len(entries)} finished{kept}")
        raise typer.Exit(_INTERRUPTED) from None
    _show(run, as_json=as_json)
    if run.failed or (not plan.is_quick and run.met < len(run.targets)):
        raise typer.Exit(Exit.CHECK_FAILED)


def _check(save: Path | None) -> None:
    """Refuse a file now that could not be written after an hour's run."""
    if save is not None and save.suffix != ".json":
        raise usage(f"{save} can't be the JSON.", "its name does not end in .json.", "name it FILE.json.")
    if save is not None and not save.parent.is_dir():
        raise usage(f"{save} can't be written.", "its folder does not exist.", "make it, or name another.")


def _show(run: Run, *, as_json: bool) -> None:
    from services.cli.bench.telling import terminal

    if as_json:
        screen.write_json(run.to_json())
    else:
        terminal.tell(run)


for _entry in CATALOGUE:
    app.command(_entry.name)(_command(_entry))
app.command("all")(every)
app.command()(report)
