"""Says which step a run is at: bars on a terminal, a line for each step elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from services.cli import screen

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

STARTING = "starting Kafka and PostgreSQL"


class Progress:
    """One benchmark after the other, each in so many steps. A step has ended when the next begins."""

    def __init__(self, bars: Bars, benchmarks: int) -> None:
        self._bars = bars
        self._overall = bars.add_task("all", total=benchmarks, visible=benchmarks > 1)
        self._current: Any = None
        self._name = ""
        self._steps = self._begun = 0
        self._started = time.monotonic()

    def begin(self, name: str, steps: int) -> None:
        """Begin a benchmark."""
        self._name, self._steps, self._begun = name, steps, 0
        self._current = self._bars.add_task("", total=steps)
        self._say(STARTING)

    def step(self, what: str) -> None:
        """Begin a step of it."""
        self._begun += 1
        self._bars.update(self._current, completed=self._begun - 1)
        self._say(what)

    def end(self) -> None:
        """End it."""
        self._bars.remove_task(self._current)
        self._bars.advance(self._overall)

    def _say(self, what: str) -> None:
        self._bars.update(self._current, description=f"{self._name}: {what}")
        if self._bars.disable:
            elapsed = time.monotonic() - self._started
            place = f"{self._begun}/{self._steps} " if self._begun else ""
            screen.say(f"{elapsed:5.0f} s  {self._name}  {place}{what}")


@contextmanager
def shown(benchmarks: int) -> Iterator[Progress]:
    """Give the progress of so many benchmarks; the bars leave nothing behind."""
    with screen.bar() as bars:
        yield Progress(bars, benchmarks)
