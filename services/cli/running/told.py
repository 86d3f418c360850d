"""What a person is told while a system starts, runs and stops: on stderr, each line with the time that it took."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from services.cli import screen, times

if TYPE_CHECKING:
    from rich.status import Status

    from services.cli.running.timed import Took


class Teller:
    """Tells of steps and of the supervisor's doings; the latter also in a log. A closed terminal stops nobody."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._log: Path | None = None
        self._status: Status | None = None

    def log_to(self, path: Path) -> None:
        """Write what the supervisor does here, too."""
        self._log = path

    def busy(self, what: str) -> None:
        """Show that something goes on, on a terminal."""
        self.idle()
        if screen.err().is_terminal:
            self._status = screen.err().status(what)
            self._status.start()

    def idle(self) -> None:
        """Nothing goes on any more."""
        if self._status:
            self._status.stop()
            self._status = None

    def begin(self) -> None:
        """Measure from now on."""
        self._began = time.monotonic()

    def took(self, took: Took) -> None:
        """Tell of a step of the start: from when to when."""
        self._print(f"  {took.began:>5.1f} – {times.length(took.ended):>6}  {took.what}")

    def step(self, what: str) -> None:
        """Tell of a part that has stopped."""
        self._print(f"  {times.length(time.monotonic() - self._began):>7}  {what}")

    def say(self, text: str) -> None:
        """Tell what the supervisor does."""
        if self._log:
            with suppress(OSError), self._log.open("a", encoding="utf-8") as log:
                log.write(f"{_real_time():%Y-%m-%dT%H:%M:%S.%fZ} {text}\n")
        self._print(f"recourse: {text}")

    def _print(self, text: str) -> None:
        with suppress(OSError):
            screen.say(text)


def _real_time() -> datetime:
    from shared.kit import clock

    return clock.real_now()
