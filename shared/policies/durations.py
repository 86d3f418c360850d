"""Durations as people write them: `90s`, `30m`, `48h`, `9d`, or ISO 8601 (`PT48H`, `P1DT12H`)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

DURATION_DAYS_MAX = 3650
_LENGTHS = (("d", 86_400, 4 * 86_400), ("h", 3_600, 3_600), ("m", 60, 60))
"""A unit, its seconds, and from how many on it is used: people say 48 and 72 hours, and 7 days."""
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SHORT = re.compile(r"(?P<number>[0-9]{1,9})(?P<unit>[smhd])")
_ISO_8601 = re.compile(
    r"P(?=.)(?:(?P<days>[0-9]{1,9})D)?"
    r"(?:T(?=.)(?:(?P<hours>[0-9]{1,9})H)?(?:(?P<minutes>[0-9]{1,9})M)?(?:(?P<seconds>[0-9]{1,9})S)?)?"
)


def parse(written: object) -> timedelta:
    """Read a duration. Raises ValueError for anything else, a negative one, or one of more than ten years."""
    if isinstance(written, timedelta):
        return written
    if not isinstance(written, str):
        raise ValueError("is not a duration: write it as 30m, 48h, 9d or ISO 8601")  # noqa: TRY004
    if written.startswith("-"):
        raise ValueError("is negative, which a duration cannot be")
    if short := _SHORT.fullmatch(written):
        duration = timedelta(**{_UNITS[short["unit"]]: int(short["number"])})
    elif long := _ISO_8601.fullmatch(written):
        duration = timedelta(**{unit: int(number) for unit, number in long.groupdict().items() if number})
    else:
        raise ValueError("is not a duration: write it as 30m, 48h, 9d or ISO 8601")
    if duration > timedelta(days=DURATION_DAYS_MAX):
        raise ValueError(f"is longer than {DURATION_DAYS_MAX} days")
    return duration


def write(duration: timedelta) -> str:
    """Write a duration that `parse` can have read (whole seconds), in the largest unit that fits."""
    seconds = int(duration.total_seconds())
    for unit, length, from_seconds in _LENGTHS:
        if seconds >= from_seconds and seconds % length == 0:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


_WRITTEN = (
    r"^(?:[0-9]{1,9}[smhd]"
    r"|P(?=.)(?:[0-9]{1,9}D)?(?:T(?=.)(?:[0-9]{1,9}H)?(?:[0-9]{1,9}M)?(?:[0-9]{1,9}S)?)?)$"
)
Duration = Annotated[
    timedelta,
    BeforeValidator(parse),
    WithJsonSchema({"type": "string", "pattern": _WRITTEN, "examples": ["30m", "48h", "9d", "PT48H"]}),
]
