"""`recourse publish`: events from a file to Kafka."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from services.cli import addresses, screen
from services.cli.commands.options import JsonOption, SystemOption
from services.cli.errors import Exit, usage

if TYPE_CHECKING:
    from services.cli.addresses import System
    from services.cli.publishing import Published
    from services.cli.routing import Bad


def publish(
    file: Annotated[Path, typer.Argument(metavar="FILE|-", help="JSON lines; - is standard input.")],
    system: SystemOption = None,
    json_: JsonOption = False,
) -> None:
    """Send events to the system, as checkout, carriers or a front end would.

    Each line is one CloudEvent in structured mode. It goes to the topic that carries its type, by the key that its data
    has. A line that nobody could read is reported with its number and stops nothing; the exit code is then 1.
    """
    found = addresses.find(system)
    with _opened(file) as (source, size):
        published = asyncio.run(_publish(found, source, size))
    for type_, count in published.passed_over.items():
        screen.say(f"recourse: {count} × {type_}: no service reads this type today, it will be passed over")
    screen.say(f"recourse: {published.sent} sent, {len(published.bad)} bad")
    if json_:
        screen.write_json(published.to_json())
    if published.bad:
        raise typer.Exit(Exit.CHECK_FAILED)


@contextmanager
def _opened(file: Path) -> Iterator[tuple[IO[bytes], int | None]]:
    """Give the bytes of a file and how many there are, if that is known."""
    if str(file) == "-":
        yield sys.stdin.buffer, None
        return
    try:
        with file.open("rb") as source:
            yield source, file.stat().st_size or None
    except OSError as error:
        raise usage(f"{file} can't be read.", str(error.strerror), "name a file of JSON lines.") from error


async def _publish(system: System, source: IO[bytes], size: int | None) -> Published:
    from services.cli.publishing import publish

    with screen.bar(counted=False) as progress:
        task = progress.add_task("publishing", total=size)

        def bad_line(number: int, bad: Bad) -> None:
            screen.say(f"line {number}: {bad.rule}: {bad.message}")

        return await publish(system, source, bad_line, lambda done: progress.update(task, completed=done))
