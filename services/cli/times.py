"""Instants and durations as people write them on a command line, and how they are shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from services.cli.errors import CommandError, usage

_RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def duration(written: str) -> timedelta:
    """Read `90s`, `30m`, `48h`, `9d` or ISO 8601. Raises CommandError."""
    from shared.policies.durations import parse

    try:
        return parse(written)
    except (ValueError, OverflowError) as error:
        raise usage(
            f"“{written}” is no duration.", str(error), "write 90s, 30m, 48h, 9d or ISO 8601 such as PT48H."
        ) from None


def instant(written: str) -> datetime:
    """Read RFC 3339. Raises CommandError."""
    if not _RFC_3339.fullmatch(written):
        raise _no_instant(written, "it is not written as RFC 3339 says.")
    try:
        found = datetime.fromisoformat(written.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _no_instant(written, str(error)) from None
    if not 1970 <= found.year <= 2999:  # noqa: PLR2004  what the contracts can say
        raise usage(f"“{written}” is too far away.", "years go from 1970 to 2999.", "choose another.")
    return found


def _no_instant(written: str, why: str) -> CommandError:
    return usage(f"“{written}” is no instant.", why, "write it like 2027-03-10T14:05:00Z.")


def written(at: datetime) -> str:
    """Write an instant as RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def shown(at: datetime) -> str:
    """Write an instant for people: weekday, day, minute, zone."""
    return f"{at.astimezone(UTC):%a %d %b %Y %H:%M} UTC"


def length(seconds: float) -> str:
    """Write a real duration for people."""
    return f"{seconds:.1f} s"
