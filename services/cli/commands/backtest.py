"""`recourse policy backtest`: what another policy would have done to the claims that there were."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from services.cli import addresses, reader, screen
from services.cli.commands.options import JsonOption, SystemOption
from services.cli.errors import usage

if TYPE_CHECKING:
    from rich.table import Table

    from services.cli.addresses import System
    from services.cli.backtest import Report
    from services.cli.backtest.outcome import Money
    from shared.policies import Catalogue, Policy

CLAIMS_SHOWN_MAX = 30
STDIN = "-"


def backtest(
    candidate: Annotated[
        str, typer.Argument(metavar="CANDIDATE", help="The policy to try: a file, or a policy's id.")
    ],
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]",
            help="A history as CloudEvents, one JSON object a line; - for stdin. By default the running system's.",
        ),
    ] = None,
    marketplace: Annotated[
        list[str] | None,
        typer.Option("--marketplace", metavar="ID", help="Only its orders. May be given several times."),
    ] = None,
    system: SystemOption = None,
    json_: JsonOption = False,
) -> None:
    """Say what another policy would have decided.

    Recorded claims are replayed as if CANDIDATE had been in force, and what would have come out differently is told.
    Contacts, information requests, deadlines to answer and windows to file are timed anew, and every fact, command and
    deadline is decided on again, by the rules that the services run. What people decided is kept. Nothing is written.

    FILE holds what our services said, or what outsiders said (orders, scans, commands, as `recourse publish` takes
    them); then the comparison is with the policies in force.
    """
    report = (
        _of_file(candidate, file, marketplace or []) if file else _of_system(candidate, system, marketplace)
    )
    if json_:
        screen.write_json(report.to_json())
    else:
        _show(report)


def _candidate(name: str, known: Catalogue, marketplaces: Sequence[str]) -> Policy:
    from services.cli.policies import policy_named

    if unknown := [each for each in marketplaces if not known.knows_marketplace(each)]:
        raise usage(
            f"There is no marketplace {unknown[0]}.",
            f"those that are known are {', '.join(known.marketplaces)}.",
            "name one of them.",
        )
    return policy_named(name, known)


# ---------------------------------------------------------------------------------------------- from a file


def _of_file(candidate: str, file: str, marketplaces: Sequence[str]) -> Report:
    from services.cli.backtest.compare import Backtest
    from services.cli.backtest.file import read
    from services.cli.policies import catalogue

    known = catalogue()
    policy = _candidate(candidate, known, marketplaces)
    with _opened(file) as lines:
        found = read(lines, known)
    for bad in found.bad:
        screen.say(f"recourse: line {bad.number} is left out: {bad.why}")
    test = Backtest(known, policy, found.until, marketplaces)
    with screen.bar() as progress:
        task = progress.add_task("replaying", total=len(found.histories))
        for history in found.histories:
            test.look(history)
            progress.advance(task)
    return test.report


@contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    if file == STDIN:
        yield sys.stdin.buffer
        return
    try:
        opened = Path(file).open("rb")  # noqa: SIM115  it is closed below
    except OSError as error:
        raise usage(
            f"{file} can't be read.", str(error), "name a file of CloudEvents, or - for stdin."
        ) from error
    with opened:
        yield opened


# ------------------------------------------------------------------------------------- from a running system


def _of_system(candidate: str, system: Path | None, marketplaces: Sequence[str] | None) -> Report:
    found = addresses.find(system)
    return asyncio.run(_read(candidate, found, marketplaces or ()))


async def _read(candidate: str, system: System, marketplaces: Sequence[str]) -> Report:
    from services.cli.advance import now_of
    from services.cli.backtest.compare import Backtest
    from services.cli.backtest.database import count, recorded
    from services.cli.policies import catalogue

    known = catalogue(system)
    policy = _candidate(candidate, known, marketplaces)
    async with reader.database(system) as connection:
        services = await reader.built(connection)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            test = Backtest(known, policy, now_of(system), marketplaces)
            with screen.bar() as progress:
                task = progress.add_task("replaying", total=await count(connection))
                async for history in recorded(connection, services):
                    test.look(history)
                    progress.advance(task)
    return test.report


# ------------------------------------------------------------------------------------------------ the report


def _show(report: Report) -> None:
    judged_by = ", ".join(sorted(report.judged_by)) or "no policy"
    screen.write_line(
        f"{report.claims:,} claims on {report.orders:,} orders, decided under {judged_by}, as if under "
        f"{report.candidate}: {report.same:,} come to the same, {len(report.differences):,} to something else."
    )
    if report.differences:
        for title, table in (
            ("By rule", _by_rule(report)),
            ("By money: what each would have more, or less", _by_money(report)),
            ("Claim by claim", _by_claim(report)),
        ):
            screen.write_line("")
            screen.write_line(title)
            screen.out().print(table)
        if len(report.differences) > CLAIMS_SHOWN_MAX:
            more = len(report.differences) - CLAIMS_SHOWN_MAX
            screen.write_line(f"and {more:,} more: --json has them all")
        screen.write_line("")
        screen.write_line(f"Claims that count against sellers: {report.defects:+,}")
    screen.write_line("")
    for note in report.notes:
        screen.write_line(f"- {note}")


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left")
    return table


_SIDES = ("buyers", "sellers", "marketplace")


def _by_rule(report: Report) -> Table:
    table = _table("decided by", "would be decided by", "claims", *_SIDES, right=("claims", *_SIDES))
    for change in report.changes:
        table.add_row(change.recorded, change.candidate, f"{change.claims:,}", *_sums(change.money))
    return table


def _by_money(report: Report) -> Table:
    table = _table("currency", *_SIDES, right=_SIDES)
    for currency, money in report.money.items():
        table.add_row(currency or "-", *_sums({currency: money}))
    return table


def _by_claim(report: Report) -> Table:
    from services.cli.backtest.compare import decider

    table = _table("claim", "order", "came to", "by", "would come to", "by", *_SIDES, right=_SIDES)
    for each in report.differences[:CLAIMS_SHOWN_MAX]:
        table.add_row(
            each.recorded.claim_id,
            each.order_id,
            _state(each.recorded.status, each.recorded.appeal),
            decider(each.recorded),
            _state(each.candidate.status, each.candidate.appeal),
            decider(each.candidate),
            *_sums({each.currency: each.money}),
        )
    return table


def _state(status: str, appeal: str | None) -> str:
    return f"{status}, {appeal}" if appeal else status


def _sums(money: Mapping[str, Money]) -> tuple[str, ...]:
    return tuple(
        ", ".join(_amount(amounts[side], currency) for currency, amounts in _by_side(money).items()) or "0"
        for side in range(len(_SIDES))
    )


def _by_side(money: Mapping[str, Money]) -> Mapping[str, tuple[int, int, int]]:
    return {currency: (each.buyer, each.seller, each.marketplace) for currency, each in money.items()}


def _amount(minor: int, currency: str) -> str:
    from services.cli.claim_story import amount_told

    if not minor or not currency:
        return "0"
    return f"{'+' if minor > 0 else '-'}{amount_told(abs(minor), currency, 'en')}"
