"""From numbers to places, and the numbers at which an axis has marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

TICKS_MAX = 6
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from `low` at the place `start` to `high` at the place `end`.

    A logarithmic one has no place for zero: with `has_zero`, `start` stands for it.
    """

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False
    has_zero: bool = False

    def at(self, value: float) -> float:
        """Return a number's place; what is off the axis stands at its end."""
        share = self._share(min(max(value, self.low), self.high))
        return self.start + share * (self.end - self.start)

    def _share(self, value: float) -> float:
        if self.is_log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> Sequence[float]:
        """Return at most `TICKS_MAX` round numbers on the axis."""
        if not self.is_log:
            return _round_numbers(self.low, self.high)
        powers = _powers(self.low, self.high)
        return [0.0, *(power for power in powers if power > self.low)] if self.has_zero else powers


def from_zero(values: Sequence[float], start: float, end: float) -> Scale:
    """Make a scale from zero to a round number that holds all values."""
    highest = max(values, default=0) or 1.0
    step = _step(highest)
    return Scale(0.0, math.ceil(highest / step - 1e-9) * step, start, end)


def decades(values: Sequence[float], start: float, end: float) -> Scale:
    """Make a logarithmic scale of whole decades that holds all values above zero."""
    positive = [value for value in values if value > 0] or [1.0]
    low = math.floor(math.log10(min(positive)) + 1e-9)
    has_zero = len(positive) < len(values)
    low -= has_zero
    high = max(math.ceil(math.log10(max(positive)) - 1e-9), low + 1)
    return Scale(10.0**low, 10.0**high, start, end, is_log=True, has_zero=has_zero)


def _powers(low: float, high: float) -> Sequence[float]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    every = math.ceil((last - first + 1) / TICKS_MAX)
    return [10.0**power for power in range(first, last + 1, every)]


def _round_numbers(low: float, high: float) -> Sequence[float]:
    step = _step(high - low)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def _step(span: float) -> float:
    """Return the least round step that needs no more than `TICKS_MAX` marks."""
    least = span / (TICKS_MAX - 1)
    size = 10.0 ** math.floor(math.log10(least))
    return next(step * size for step in _STEPS if step * size >= least * (1 - 1e-9))
