"""`recourse erase`: a person's data goes, in every service."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import addresses, reader, screen
from services.cli.commands.options import JsonOption, SystemOption
from services.cli.errors import Exit
from shared.contracts.topics import RETENTION_DAYS

if TYPE_CHECKING:
    from services.cli.addresses import System
    from services.cli.erasing import Erased, Held

_KAFKA = f"What was written stays in Kafka for its retention, {RETENTION_DAYS} days at most."


def erase(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The id of a buyer or a seller.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it. Without this, only what is held of them is said.")
    ] = False,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", min=0, help="How long to wait until it is done.")
    ] = 120,
    system: SystemOption = None,
    json_: JsonOption = False,
) -> None:
    """Erase a person: names, addresses and texts go, in every service. This can't be undone.

    That something was said, when, and what was decided on it, stays. They stay erased: what comes later under this id
    is erased as it comes. The exit code is 1 when something could not be erased.
    """
    found = addresses.find(system)
    if not yes:
        _print_held(person, asyncio.run(_holdings(found, person)), as_json=json_)
        return
    erased = asyncio.run(_erase(found, person, wait))
    _print_erased(person, erased, as_json=json_)
    if any(each.failed for each in erased):
        raise typer.Exit(Exit.CHECK_FAILED)


async def _holdings(system: System, person: str) -> Sequence[Held]:
    from services.cli.erasing import holdings

    async with reader.database(system) as connection:
        return await holdings(connection, person)


async def _erase(system: System, person: str, seconds_max: float) -> Sequence[Erased]:
    from services.cli.advance import now_of
    from services.cli.erasing import ask, wait

    async with reader.database(system) as connection:
        event_id = await ask(system, person, now_of(system))
        with screen.bar() as progress:
            task = progress.add_task("erasing", total=None)
            return await wait(
                connection,
                person,
                event_id,
                seconds_max,
                lambda done, total: progress.update(task, completed=done, total=total),
            )


def _print_held(person: str, held: Sequence[Held], *, as_json: bool) -> None:
    from rich.table import Table

    if as_json:
        screen.write_json({"person": person, "done": False, "would_erase": [asdict(each) for each in held]})
    else:
        table = Table(
            "service", "rows with their texts", "waiting records", "dead letters", box=None, pad_edge=False
        )
        for each in held:
            table.add_row(
                each.service, *(str(number) for number in (each.rows, each.held, each.dead_letters))
            )
        screen.out().print(table)
    if not any(each.rows or each.held or each.dead_letters for each in held):
        screen.say(f"Nothing of {person} is held: check the id.")
    screen.say("Nothing was done. Say --yes to do it.")


def _print_erased(person: str, erased: Sequence[Erased], *, as_json: bool) -> None:
    from rich.table import Table

    if as_json:
        services = {each.service: {**each.counts, "failed": list(each.failed)} for each in erased}
        screen.write_json({"person": person, "done": True, "erased": services})
    else:
        columns = ("rows", "messages said", "mails", "waiting records", "dead letters")
        table = Table("service", *columns, box=None, pad_edge=False)
        for each in erased:
            table.add_row(each.service, *map(str, each.counts.values()))
        screen.out().print(table)
    for each in erased:
        for what in each.failed:
            screen.say(f"{each.service} could not erase {what}: mend what raised, then erase again.")
    screen.say(_KAFKA)
