"""`recourse deadletters`: what could not be read, and keys and mails that wait for an operator."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import addresses, reader, screen
from services.cli.commands.options import JsonOption, Language, LanguageOption, SystemOption
from services.cli.errors import Exit

if TYPE_CHECKING:
    from services.cli.addresses import System
    from services.cli.letters import Letter, Record
    from services.cli.operating import Answer
    from shared.contracts.operations import Retry, Skip

app = typer.Typer(
    no_args_is_help=True, help="Dead letters, parked keys and parked mails: list, show, retry, skip."
)

IdArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="A dead letter's id, a parked key such as order/ORDER-ID, or a mail/ID."
    ),
]
ServiceOption = Annotated[
    str | None, typer.Option("--service", metavar="NAME", help="Whose, where several have one of this id.")
]
_ERROR_CHARACTERS_MAX = 100


@app.command("list")
def list_(
    settled: Annotated[bool, typer.Option("--all", help="Also those that were retried or skipped.")] = False,
    system: SystemOption = None,
    json_: JsonOption = False,
) -> None:
    """List what waits for an operator, the latest first: what could not be read, parked keys, and parked mails."""
    found = asyncio.run(_letters(addresses.find(system), settled=settled))
    if json_:
        screen.write_json([asdict(letter) for letter in found])
        return
    _print(found)


@app.command()
def show(
    letter_id: IdArgument,
    service: ServiceOption = None,
    system: SystemOption = None,
    json_: JsonOption = False,
) -> None:
    """Show one as it was found: place, key, headers and value. It may hold what a person wrote, or an address."""
    letter, found = asyncio.run(_records(addresses.find(system), letter_id, service))
    if json_:
        screen.write_json(asdict(letter) | {"records": [asdict(record) for record in found]})
        return
    screen.write_line(f"{letter.what} of {letter.service}, {letter.status}, since {letter.since.isoformat()}")
    screen.write_line(f"{letter.rule}: {letter.message}")
    for record in found:
        screen.write_line("")
        screen.write_line(f"{record.place}, key {record.key}, {record.bytes} bytes")
        for name, value in record.headers:
            screen.write_line(f"  {name}: {value}")
        screen.write_line(record.value if record.value is not None else "(no value)")


@app.command()
def retry(
    letter_id: IdArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")] = "retried by an operator",
    service: ServiceOption = None,
    language: LanguageOption = Language.EN,
    system: SystemOption = None,
    json_: JsonOption = False,
) -> None:
    """Have the service read it again, or send it: after a release that can, or when what was wrong is mended."""
    from shared.contracts.operations import Retry

    _settle(addresses.find(system), letter_id, service, Retry, reason, language, as_json=json_)


@app.command()
def skip(
    letter_id: IdArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it. Without this, only what would be done is said.")
    ] = False,
    service: ServiceOption = None,
    language: LanguageOption = Language.EN,
    system: SystemOption = None,
    json_: JsonOption = False,
) -> None:
    """Leave it out for good, and let its key go on without it. This can't be undone."""
    from shared.contracts.operations import Skip

    found = addresses.find(system)
    if yes:
        _settle(found, letter_id, service, Skip, reason, language, as_json=json_)
        return
    letter, _ = asyncio.run(_records(found, letter_id, service))
    if json_:
        screen.write_json({"done": False, "would_skip": asdict(letter)})
    screen.say(f"would be left out for good: {letter.what} {letter.id} of {letter.service} ({letter.place})")
    screen.say("Nothing was done. Say --yes to do it.")


def _settle(
    system: System,
    letter_id: str,
    service: str | None,
    action: type[Retry | Skip],
    reason: str,
    language: Language,
    *,
    as_json: bool,
) -> None:
    answer = asyncio.run(_ask(system, letter_id, service, action, reason))
    if as_json:
        screen.write_json({"done": answer.is_done, "type": answer.type, **answer.data})
    elif answer.is_done:
        screen.write_line(f"{answer.type}: {letter_id}")
    else:
        screen.write_line(f"{answer.type}: {answer.data['reason']}: {answer.data['message'][language.value]}")
    if not answer.is_done:
        raise typer.Exit(Exit.CHECK_FAILED)


async def _letters(system: System, *, settled: bool) -> Sequence[Letter]:
    from services.cli.letters import letters

    async with reader.database(system) as connection:
        return await letters(connection, settled=settled)


async def _records(system: System, letter_id: str, service: str | None) -> tuple[Letter, Sequence[Record]]:
    from services.cli.letters import find, records

    async with reader.database(system) as connection:
        letter = await find(connection, letter_id, service)
        return letter, await records(connection, letter)


async def _ask(
    system: System, letter_id: str, service: str | None, action: type[Retry | Skip], reason: str
) -> Answer:
    from services.cli.advance import now_of
    from services.cli.letters import find
    from services.cli.operating import settle

    async with reader.database(system) as connection:
        letter = await find(connection, letter_id, service)
    return await settle(system, letter, action, reason, now_of(system))


def _print(found: Sequence[Letter]) -> None:
    from rich.table import Table

    if not found:
        screen.say("Nothing waits for an operator.")
        return
    table = Table(
        "service", "what", "id", "where", "since (real time)", "why", "status", box=None, pad_edge=False
    )
    for letter in found:
        why = f"{letter.rule}: {letter.message.strip().splitlines()[-1] if letter.message.strip() else ''}"
        table.add_row(
            letter.service,
            letter.what,
            letter.id,
            letter.place,
            f"{letter.since:%Y-%m-%d %H:%M:%S}",
            why[:_ERROR_CHARACTERS_MAX],
            letter.status,
        )
    screen.out().print(table)
