"""What a benchmark is: it measures on a ground, says which step it is at, and returns what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.cli.bench.rounds import Figure, Rate
from services.cli.errors import CommandError, Exit

if TYPE_CHECKING:
    from services.cli.bench.ground import Ground

Step = Callable[[str], None]
"""Say what begins now: one call for each step that the benchmark announced."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of it: `is_quick` is one small round, which shows that all works but not how fast."""

    is_quick: bool
    rounds: int


@dataclass(frozen=True, slots=True)
class Dots:
    """A picture of rounds: for each side, one number a round. `is_log` where sides are far apart."""

    title: str
    unit: str
    sides: Mapping[str, Sequence[float]]
    is_log: bool = False

    @classmethod
    def of_rates(
        cls, title: str, unit: str, rates: Mapping[str, Sequence[Rate]], *, is_log: bool = False
    ) -> Dots:
        """Picture how many a second each side did in each round."""
        sides = {side: [rate.per_second for rate in rounds] for side, rounds in rates.items()}
        return cls(title, unit, sides, is_log=is_log)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "kind": "dots",
            "title": self.title,
            "unit": self.unit,
            "log": self.is_log,
            "sides": {side: list(rounds) for side, rounds in self.sides.items()},
        }


@dataclass(frozen=True, slots=True)
class Curves:
    """A picture of how one thing changes with another: for each side, points (x, y) in the order of x."""

    title: str
    x: str
    y: str
    sides: Mapping[str, Sequence[tuple[float, float]]]
    is_x_log: bool = False
    is_y_log: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "kind": "curves",
            "title": self.title,
            "x": self.x,
            "y": self.y,
            "x_log": self.is_x_log,
            "y_log": self.is_y_log,
            "sides": {side: [list(point) for point in points] for side, points in self.sides.items()},
        }


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of a benchmark.

    `figures` are by target and part (see `targets.py`), `pictures` what the report draws, `notes` sentences with what
    else was seen: absolute times, memory, what was checked, the settings of each peer.
    """

    figures: Mapping[str, Mapping[str, Figure]]
    pictures: Sequence[Dots | Curves] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark. `steps` says how many steps it will name for a plan."""

    steps: Callable[[Plan], int]
    measure: Callable[[Ground, Plan, Step], Findings]
    peers: Sequence[str] = field(default=())
    """The distributions of the peers, whose versions are told; they come with the extra `bench`."""


def check(*problems: str | None) -> None:
    """Raise CommandError for the first problem there is: the speed of a side that did not do its work says nothing."""
    for problem in problems:
        if problem is not None:
            raise CommandError(
                Exit.CHECK_FAILED,
                what="A side did not do its work.",
                why=f"{problem}.",
                remedy="its speed says nothing until it does: see the logs of the run.",
            )
