"""`recourse policy`: whether policies are right, in what two differ, and what another would have done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli import screen
from services.cli.commands.backtest import backtest
from services.cli.commands.options import JsonOption
from services.cli.errors import Exit

if TYPE_CHECKING:
    from shared.policies import Catalogue, PolicyError
    from shared.policies.model import Term
    from shared.policies.numbers import Difference

app = typer.Typer(no_args_is_help=True, help="See what policies say, and what another would have done.")
app.command()(backtest)


@app.command()
def check(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]",
            help="Of carriers.yaml, marketplaces.yaml and policies/. By default what RECOURSE_POLICIES names.",
        ),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Check a folder of policies as every service does when it starts. The exit code is 1 when it can't be used."""
    from services.cli.policies import folder_of
    from shared.policies import PolicyError, load

    where = folder or folder_of()
    try:
        found = load(where)
    except PolicyError as error:
        _say_wrong(where, error, as_json=json_)
        raise typer.Exit(Exit.CHECK_FAILED) from error
    if json_:
        screen.write_json(_found_json(where, found))
    else:
        _say_found(where, found)


def _say_wrong(where: Path, error: PolicyError, *, as_json: bool) -> None:
    if as_json:
        wrong = {"file": error.file, "line": error.line, "key": error.key, "why": error.why}
        screen.write_json({"ok": False, "folder": str(where), "error": wrong})
    else:
        screen.write_line(f"{where}/{error}")


def _found_json(where: Path, found: Catalogue) -> dict[str, Any]:
    return {
        "ok": True,
        "folder": str(where),
        "policies": list(found.policies),
        "marketplaces": {
            each.id: [term.model_dump(mode="json", by_alias=True) for term in each.policies]
            for each in found.marketplaces.values()
        },
        "carriers": list(found.carriers),
    }


def _say_found(where: Path, found: Catalogue) -> None:
    from rich.table import Table

    table = Table("marketplace", "time zone", "policies", box=None, pad_edge=False)
    for marketplace in found.marketplaces.values():
        table.add_row(marketplace.id, marketplace.time_zone, ", ".join(map(_term, marketplace.policies)))
    screen.out().print(table)
    counts = (
        f"{len(found.policies)} policies ({', '.join(found.policies)}) and {len(found.carriers)} carriers"
    )
    screen.write_line(f"ok: {counts} in {where}")


def _term(term: Term) -> str:
    days = (f" from {term.from_}" if term.from_ else "") + (f" to {term.to}" if term.to else "")
    return f"{term.policy}{days}"


@app.command()
def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="A policy's id, or a file.")],
    second: Annotated[str, typer.Argument(metavar="B", help="A policy's id, or a file.")],
    json_: JsonOption = False,
) -> None:
    """Say in which numbers B differs from A.

    With what each of them means, and the rules that go by it.
    """
    from services.cli.policies import catalogue, policy_named
    from shared.policies.numbers import differences

    known = catalogue()
    one, other = policy_named(first, known), policy_named(second, known)
    found = differences(one, other)
    if json_:
        screen.write_json({"a": one.id, "b": other.id, "differences": [_difference(each) for each in found]})
    elif found:
        _say_differences(one.id, other.id, found)
    else:
        screen.write_line(f"{one.id} and {other.id} say the same.")


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "key": found.number.key,
        "a": found.first,
        "b": found.second,
        "rules": list(found.number.rules),
        "meaning": found.number.meaning,
    }


def _say_differences(one: str, other: str, found: Sequence[Difference]) -> None:
    from rich.table import Table

    table = Table("number", one, other, "rules", "what it says", box=None, pad_edge=False)
    for each in found:
        table.add_row(
            each.number.key, each.first, each.second, ", ".join(each.number.rules), each.number.meaning
        )
    screen.out().print(table)
