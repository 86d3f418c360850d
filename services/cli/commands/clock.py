"""`recourse clock`: what time it is for the system, and moving it on."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import addresses, screen, times
from services.cli.commands.options import JsonOption, SystemOption
from services.cli.errors import CommandError, usage

if TYPE_CHECKING:
    from services.cli.addresses import System
    from services.cli.advance import Advanced
    from shared.kit.clock import ClockFile

app = typer.Typer(no_args_is_help=True, help="Show the system's clock, or move it on.")

JUMP_QUIET_SECONDS_MAX = 10.0


@app.command()
def show(system: SystemOption = None, json_: JsonOption = False) -> None:
    """Show what time it is for the system, and how fast that runs."""
    _show(addresses.find(system), as_json=json_)


@app.command()
def advance(
    duration: Annotated[
        str | None, typer.Argument(metavar="DURATION", help="How far: 90s, 30m, 48h, 9d or ISO 8601.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="RFC3339", help="Until when, instead.")] = None,
    jump: Annotated[
        bool, typer.Option("--jump", help="Go there in one step, past every deadline at once.")
    ] = False,
    system: SystemOption = None,
    json_: JsonOption = False,
) -> None:
    """Move the clock on, from deadline to deadline, and return when all is quiet.

    At each deadline on the way it waits until every service has read and done what follows. With --jump it goes there
    in one step, as after a long outage; it then waits for quiet for 10 s at most.
    """
    from services.cli.advance import check_target, movable_clock

    if (duration is None) == (to is None):
        raise usage(
            "It is not said how far to go.",
            "either a duration or --to is needed, and not both.",
            "write `recourse clock advance 48h`.",
        )
    found = addresses.find(system)
    clock = movable_clock(found)
    target = times.instant(to) if to else clock.now() + times.duration(duration or "")
    check_target(clock, target)
    asyncio.run(_jump(found, clock, target) if jump else _advance(found, clock, target))
    _show(found, as_json=json_)


async def _advance(system: System, clock: ClockFile, target: datetime) -> Advanced:
    from services.cli.advance import advance
    from services.cli.quiet import looking

    start = clock.now()
    seconds = max((target - start).total_seconds(), 1)
    with screen.bar(counted=False) as progress:
        task = progress.add_task(times.shown(start), total=seconds)

        def passing(at: datetime) -> None:
            progress.update(task, completed=(at - start).total_seconds(), description=times.shown(at))

        async with looking(system, clock.now) as quiet:
            return await advance(quiet, clock, target, passing)


async def _jump(system: System, clock: ClockFile, target: datetime) -> None:
    from services.cli.quiet import looking

    clock.set(target)
    try:
        async with asyncio.timeout(JUMP_QUIET_SECONDS_MAX), looking(system, clock.now) as quiet:
            await quiet.wait()
    except (TimeoutError, CommandError):
        screen.say("recourse: not all is quiet yet; the clock has jumped all the same")


def _show(system: System, *, as_json: bool) -> None:
    from services.cli.advance import clock_of
    from services.cli.running.kept_clock import REAL_SPEED
    from shared.kit.clock import real_now

    clock = clock_of(system)
    now, speed = (clock.now(), clock.read().speed) if clock else (real_now(), REAL_SPEED)
    if as_json:
        screen.write_json({"now": times.written(now), "speed": int(speed) if speed == int(speed) else speed})
        return
    runs = {0.0: "stands still", REAL_SPEED: "runs as fast as real time"}
    screen.write_line(
        f"{times.written(now)}  {runs.get(speed, f'runs {speed:g} times as fast as real time')}"
    )
