"""The only place that reads a clock.

In production business time is real time. Where a clock file is bound, all processes of a machine read one small
mapped file (two anchors and a speed), so that thirty days can be shown in seconds. Leases, retries and logs use
`real_now`, whatever the file says.
"""

from __future__ import annotations

import asyncio
import math
import mmap
import os
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A generation (odd while the file is being written), the real anchor, the virtual anchor (both nanoseconds), a speed.
_LAYOUT = struct.Struct("<qqqd")
_MOVE_POLL_SECONDS = 0.02


def _instant(nanoseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def _nanoseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1) * 1000


@dataclass(frozen=True, slots=True)
class Reading:
    """One consistent look at a clock file. `generation` changes whenever somebody moves the clock."""

    generation: int
    real_ns: int
    virtual_ns: int
    speed: float

    def now_ns(self) -> int:
        """Return virtual nanoseconds since 1970; never before the anchor."""
        elapsed_ns = max(0, time.time_ns() - self.real_ns)
        return self.virtual_ns + (elapsed_ns if self.speed == 1 else int(elapsed_ns * self.speed))


class ClockFile:
    """A clock that many processes share: one writer at a time moves it, everybody reads it without a lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        descriptor = os.open(path, os.O_RDWR)
        try:
            self._map = mmap.mmap(descriptor, _LAYOUT.size)
        finally:
            os.close(descriptor)

    @classmethod
    def create(cls, path: Path, start: datetime, speed: float) -> ClockFile:
        """Make the file, showing `start` now and running `speed` times as fast as real time (0 stands still)."""
        beside = path.with_suffix(".new")
        beside.write_bytes(_LAYOUT.pack(0, time.time_ns(), _nanoseconds(start), speed))
        beside.replace(path)
        return cls(path)

    def read(self) -> Reading:
        """Return the anchors, read between two looks at the same even generation."""
        while True:
            reading = Reading(*_LAYOUT.unpack_from(self._map))
            if reading.generation % 2 == 0 and _LAYOUT.unpack_from(self._map)[0] == reading.generation:
                return reading

    def now(self) -> datetime:
        """Return what it shows, UTC."""
        return _instant(self.read().now_ns())

    def set(self, instant: datetime, speed: float | None = None) -> None:
        """Show `instant` from now on. Moving a clock back would un-happen deadlines: it is refused."""
        reading = self.read()
        if _nanoseconds(instant) < reading.now_ns() and reading.speed == 0:
            shown = _instant(reading.now_ns()).isoformat()
            raise ValueError(f"the clock shows {shown}; it can't be set back to {instant.isoformat()}")
        virtual_ns = max(_nanoseconds(instant), reading.now_ns())
        generation = reading.generation
        struct.pack_into("<q", self._map, 0, generation + 1)
        rest = (time.time_ns(), virtual_ns, reading.speed if speed is None else speed)
        struct.pack_into("<qqd", self._map, 8, *rest)
        struct.pack_into("<q", self._map, 0, generation + 2)


class _Bound:
    file: ClockFile | None = None


def bind(path: Path | None) -> None:
    """Read business time from this clock file from now on; None returns to real time."""
    _Bound.file = ClockFile(path) if path is not None else None


def now() -> datetime:
    """Return business time, UTC."""
    if _Bound.file is None:
        return real_now()
    return _Bound.file.now()


def real_now() -> datetime:
    """Return real time, UTC: for leases, retries, tokens and logs."""
    return _instant(time.time_ns())


def speed() -> float:
    """Return how many business seconds pass in a real one."""
    return 1.0 if _Bound.file is None else _Bound.file.read().speed


def real_seconds_until(instant: datetime) -> float:
    """Return the real seconds until business time shows `instant`; infinite when the clock stands still."""
    ahead = (instant - now()).total_seconds()
    if ahead <= 0:
        return 0.0
    return ahead / speed() if speed() > 0 else math.inf


Sleep = Callable[[datetime | None], Awaitable[None]]
"""Sleep until business time shows this instant (None: until woken)."""


async def sleep_until(instant: datetime | None, wake: asyncio.Event) -> None:
    """Return when business time shows `instant`, or earlier when `wake` is set or somebody moves the clock.

    In production this is one timed wait. Only a clock file, which cannot call us, is looked at again and again.
    """
    generation = _Bound.file.read().generation if _Bound.file else 0
    while not wake.is_set():
        ahead = math.inf if instant is None else real_seconds_until(instant)
        if ahead <= 0 or (_Bound.file and _Bound.file.read().generation != generation):
            return
        limit = min(ahead, _MOVE_POLL_SECONDS) if _Bound.file else ahead
        try:
            await asyncio.wait_for(wake.wait(), None if math.isinf(limit) else limit)
        except TimeoutError:
            continue
