"""Moving the clock: from pending deadline to pending deadline, in their order, waiting at each until all is quiet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from services.cli.addresses import System
from services.cli.errors import usage
from services.cli.times import shown
from shared.kit.clock import ClockFile, real_now

if TYPE_CHECKING:
    from services.cli.quiet import Quiet


@dataclass(frozen=True, slots=True)
class Advanced:
    """Where the clock is now, and at how many deadlines it stopped on the way."""

    now: datetime
    stops: int


def clock_of(system: System) -> ClockFile | None:
    """Return the clock of a system; None where time is real."""
    if system.clock is None:
        return None
    try:
        return ClockFile(Path(system.clock))
    except (OSError, ValueError) as error:
        raise usage(
            f"The clock's file {system.clock} can't be used.",
            str(error),
            "the clock can be moved only on the machine that the system runs on, by its user.",
        ) from error


def now_of(system: System) -> datetime:
    """Return what time it is for a system."""
    clock = clock_of(system)
    return clock.now() if clock else real_now()


def movable_clock(system: System) -> ClockFile:
    """Return the clock of a system. Raises CommandError where time is real."""
    clock = clock_of(system)
    if clock is None:
        raise usage(
            "The clock of this system can't be moved.",
            "it has none of its own: its time is real.",
            "use a system that `recourse up` started.",
        )
    return clock


def check_target(clock: ClockFile, target: datetime) -> None:
    """Refuse to go back: what happened stays happened. Raises CommandError."""
    if target < clock.now():
        raise usage(
            f"The clock can't be set back to {shown(target)}.",
            f"it shows {shown(clock.now())}, and what happened stays happened.",
            "choose a later instant, or start a new system.",
        )


async def advance(
    quiet: Quiet, clock: ClockFile, target: datetime, passing: Callable[[datetime], None] = lambda _at: None
) -> Advanced:
    """Go to `target` and return when all is quiet there. `passing` is called after each stop on the way."""
    stops = 0
    await quiet.wait()
    while (due_at := await quiet.next_deadline()) is not None and due_at <= max(target, clock.now()):
        clock.set(due_at)
        await quiet.wait()
        stops += 1
        passing(due_at)
    clock.set(target)
    await quiet.wait()
    return Advanced(clock.now(), stops)
