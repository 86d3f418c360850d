"""The clock of a system: a file in its folder, and what it last showed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.cli.errors import usage
from shared.kit import clock
from shared.kit.clock import ClockFile

REAL_SPEED = 1.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked of the clock; None is left to the default: as it was, or real time."""

    start: datetime | None = None
    speed: float | None = None


class KeptClock:
    """The file that all processes of a system read.

    In a folder that is kept, a clock at the speed of real time has gone on meanwhile, one at another speed stood still.
    Until `let_run`, a clock that was given a start stands there.
    """

    def __init__(self, folder: Path, wanted: Wanted) -> None:
        self._last = folder / "clock-last"
        path = folder / "clock"
        shown = self._last_shown()
        before = ClockFile(path).read() if path.exists() and shown else None
        # It may have been moved after the last note, just before all was killed.
        if shown and before and before.speed == 0:
            shown = max(shown, ClockFile(path).now())
        if shown and wanted.start and wanted.start < shown:
            raise usage(
                f"The clock can't start at {wanted.start.isoformat()}.",
                f"the system in {folder} has been at {shown.isoformat()}, and what happened stays happened.",
                "start it later than that, or in another folder.",
            )
        self._speed = wanted.speed if wanted.speed is not None else before.speed if before else REAL_SPEED
        self._start = wanted.start or self._resumed(
            path, shown, has_run_on=bool(before and before.speed == 1)
        )
        self._stands = wanted.start is not None or self._speed != REAL_SPEED
        self.file = ClockFile.create(path, self._start, 0.0 if self._stands else self._speed)
        self.note()

    def _resumed(self, path: Path, shown: datetime | None, *, has_run_on: bool) -> datetime:
        if shown is None:
            return clock.real_now()
        return max(shown, ClockFile(path).now()) if has_run_on else shown

    def let_run(self) -> None:
        """Show the start now, and run."""
        if self._stands:
            self.file.set(self._start, self._speed)

    def note(self) -> None:
        """Write down what it shows, for the next start in this folder."""
        beside = self._last.with_suffix(".new")
        beside.write_text(f"{self.file.now().isoformat()}\n")
        beside.replace(self._last)

    def _last_shown(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self._last.read_text().strip())
        except (FileNotFoundError, ValueError):
            return None
