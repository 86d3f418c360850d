"""`recourse verify`: whether everything holds."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import addresses, screen
from services.cli.commands.options import JsonOption, SystemOption
from services.cli.errors import Exit

if TYPE_CHECKING:
    from services.cli.addresses import System
    from services.cli.checks import Check, Finding

OFFENDERS_SHOWN_MAX = 10


def verify(
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", min=0, help="How long to wait until all is quiet.")
    ] = 20,
    system: SystemOption = None,
    json_: JsonOption = False,
) -> None:
    """Check the invariants: money, deadlines, facts and histories, in one snapshot of all services.

    Some hold only once all is quiet: if it does not get so in time, they are not judged, which is said. The exit code
    is 4 when one is broken.
    """
    findings = asyncio.run(_verify(addresses.find(system), wait))
    broken = [finding for finding in findings if finding.status == "broken"]
    if json_:
        screen.write_json({"ok": not broken, "checks": [finding.to_json() for finding in findings]})
    else:
        print_table(findings)
    if broken:
        raise typer.Exit(Exit.BROKEN)


async def _verify(system: System, wait: float) -> Sequence[Finding]:
    from services.cli.checks import CHECKS, verify

    with screen.bar() as progress:
        task = progress.add_task("looking", total=len(CHECKS))

        def began(check: Check) -> None:
            progress.update(task, description=check.name, advance=1)

        return await verify(system, wait, began)


def print_table(findings: Sequence[Finding]) -> None:
    """Print what came of each check, and the offenders of those that are broken."""
    from rich.table import Table

    table = Table("", "invariant", "promise", "looked at", "seconds", box=None, pad_edge=False)
    marks = {"ok": "[green]ok[/]", "broken": "[bold red]BROKEN[/]", "not judged": "[yellow]not judged[/]"}
    for finding in findings:
        counts = (f"{finding.look.looked_at:,}", f"{finding.seconds:.2f}")
        table.add_row(marks[finding.status], finding.check.sentence, finding.check.promises, *counts)
    screen.out().print(table)
    for finding in findings:
        if finding.not_judged:
            screen.write_line(f"{finding.check.name} is not judged: {finding.not_judged}")
        for offender in finding.look.offenders[:OFFENDERS_SHOWN_MAX]:
            screen.write_line(f"{finding.check.name}: {offender}")
        if finding.look.wrong > OFFENDERS_SHOWN_MAX:
            screen.write_line(f"{finding.check.name}: and {finding.look.wrong - OFFENDERS_SHOWN_MAX} more")
