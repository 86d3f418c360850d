"""Sides that take turns, round after round: what is reported is the median of the rounds, with its range."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """What one side did in one round: so many of a thing in so many seconds, of the whole machine's time."""

    count: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Return how many a second."""
        return self.count / self.seconds


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, one number a round: most often a ratio of two sides in the same round."""

    rounds: Sequence[float]

    @property
    def median(self) -> float:
        """The number that is reported."""
        return statistics.median(self.rounds)

    @property
    def low(self) -> float:
        """The least of the rounds."""
        return min(self.rounds)

    @property
    def high(self) -> float:
        """The most of the rounds."""
        return max(self.rounds)


def ratio(ours: Sequence[Rate], theirs: Sequence[Rate]) -> Figure:
    """Divide the rates round by round."""
    return Figure([mine.per_second / other.per_second for mine, other in zip(ours, theirs, strict=True)])
