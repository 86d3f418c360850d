"""What a start is made of: which step took from when to when. Steps whose times overlap ran side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Took:
    """One step, in seconds since the start began."""

    what: str
    began: float
    ended: float

    def to_json(self) -> Mapping[str, Any]:
        """Return it as JSON has it."""
        return {name: value if name == "what" else round(value, 2) for name, value in asdict(self).items()}


class Timing:
    """Collects steps from any thread, and tells of each as it ends."""

    def __init__(self, tell: Callable[[Took], None]) -> None:
        self._tell = tell
        self._origin = time.monotonic()
        self._telling = threading.Lock()
        self.steps: list[Took] = []

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._origin

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Time what happens within; a step that fails is not told."""
        began = self.seconds
        yield
        self.ended(what, began)

    def ended(self, what: str, began: float) -> None:
        """A step that began at `began` has ended now."""
        with self._telling:
            self.steps.append(Took(what, began, self.seconds))
            self._tell(self.steps[-1])
