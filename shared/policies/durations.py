"""Durations as people write them: `90s`, `30m`, `48h`, `9d`, or ISO 8601 (`PT48H`, `P1DT12H`)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

DURATION_DAYS_MAX = 3650
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


Duration = Annotated[timedelta, BeforeValidator(parse)]
