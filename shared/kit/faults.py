"""Named points at which a process can be made to die, so that tests prove what survives.

`RECOURSE_CRASH_AT=<point>:<n>` kills this process with SIGKILL at the n-th time that the point is reached. Unset, as
everywhere but in fault tests, a point costs one look at a dictionary.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from enum import StrEnum


class Point(StrEnum):
    """Where a crash hurts most."""

    BEFORE_COMMIT = "before_commit"
    IN_COMMIT = "in_commit"
    AFTER_COMMIT = "after_commit"
    AFTER_SEND = "after_send"


def _armed() -> dict[Point, int]:
    point, _, count = os.environ.get("RECOURSE_CRASH_AT", "").partition(":")
    return {Point(point): int(count or 1)} if point else {}


_left = _armed()


def is_due(point: Point) -> bool:
    """Count one visit to the point and tell whether this is the fatal one."""
    if point not in _left:
        return False
    _left[point] -= 1
    return _left[point] == 0


def reach(point: Point) -> None:
    """Die here, if this is the point and the time."""
    if is_due(point):
        die()


def die() -> None:
    """End the process as a power cut would: no handler runs, nothing is flushed."""
    os.kill(os.getpid(), signal.SIGKILL)


async def commit(send: Callable[[], Awaitable[None]]) -> None:
    """Commit; at `in_commit`, die after COMMIT has left for the server and before its answer is read."""
    reach(Point.BEFORE_COMMIT)
    if is_due(Point.IN_COMMIT):
        task = asyncio.ensure_future(send())
        for _ in range(3):
            await asyncio.sleep(0)
        die()
        await task
    await send()
    reach(Point.AFTER_COMMIT)
