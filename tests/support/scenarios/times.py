"""Instants as scenarios write them: `day 3 09:00` at the marketplace, `+48h` after the step before, or a date.

Day 0 is the date of the order. Any of them may be followed by what is added or taken: `day 9 00:00 -1us`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "us": "microseconds"}
_SPAN = re.compile(r"([+-])(\d+)(d|h|m|s|us)")
_DAY = re.compile(r"day (-?\d+)")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})")
_CLOCK = re.compile(r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of one order: its date, and the marketplace's time zone."""

    day_zero: date
    zone: ZoneInfo

    def instant(self, written: str, before: datetime | None = None) -> datetime:
        """Read an instant; `before` is what a `+48h` counts from. Raises ValueError."""
        rest, found = written.strip(), before
        if day := (_DAY.match(rest) or _DATE.match(rest)):
            rest = rest[day.end() :].strip()
            clock = _CLOCK.match(rest)
            if clock is None:
                raise ValueError(f"{written!r} names a day without a time, such as 09:00")
            rest = rest[clock.end() :].strip()
            found = self._on(day.group(1), clock)
        if found is None:
            raise ValueError(f"{written!r} counts from nothing: the first step needs a day")
        return found + span(rest) if rest else found

    def day(self, written: str) -> date:
        """Read a date: `day 3`, or `2028-02-29`. Raises ValueError."""
        if found := _DAY.fullmatch(written.strip()):
            return self.day_zero + timedelta(days=int(found.group(1)))
        return date.fromisoformat(written.strip())

    def _on(self, day: str, clock: re.Match[str]) -> datetime:
        on = date.fromisoformat(day) if "-" in day[1:] else self.day_zero + timedelta(days=int(day))
        hour, minute, second, fraction = (part or "0" for part in clock.groups())
        at = time(int(hour), int(minute), int(second), int(fraction.ljust(6, "0")), tzinfo=self.zone)
        return datetime.combine(on, at).astimezone(UTC)

    def shown(self, instant: datetime) -> str:
        """Write an instant: the day counted from the order's, and the time at the marketplace."""
        local = instant.astimezone(self.zone)
        clock = f"{local:%H:%M}"
        if local.second or local.microsecond:
            clock = f"{local:%H:%M:%S}" + (f".{local:%f}" if local.microsecond else "")
        return f"{self.shown_day(local.date())} {clock}"

    def shown_day(self, day: date) -> str:
        """Write a date, counted from the order's."""
        return f"day {(day - self.day_zero).days}"


def span(written: str) -> timedelta:
    """Read `+2d -1us`. Raises ValueError."""
    total, place = timedelta(), 0
    text = written.replace(" ", "")
    while place < len(text):
        part = _SPAN.match(text, place)
        if part is None:
            raise ValueError(f"{written!r} is no span of time, such as +48h or +2d -1us")
        sign, number, unit = part.groups()
        total += timedelta(**{_UNITS[unit]: int(sign + number)})
        place = part.end()
    return total
