"""Instants and windows (T4, T5): what counts from a date ends at midnight of the marketplace's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

READ_LATE_AFTER = timedelta(minutes=10)
"""An answer that counts by a date this long before it was read is marked in the explanation."""


LAST = datetime(2999, 12, 31, tzinfo=UTC)
"""The last instant that can be written; who promises a day beyond it promises nothing."""


@lru_cache(maxsize=4096)
def end_of(day: date, zone: str, days_later: int = 0) -> datetime:
    """Return the instant at which `days_later` days after `day` are over: midnight there, as UTC."""
    midnight = datetime.combine(day + timedelta(days=days_later + 1), time.min, tzinfo=ZoneInfo(zone))
    return min(midnight.astimezone(UTC), LAST)


def in_time(happened_at: datetime | None, due_at: datetime) -> bool:
    """Say whether it happened, and not after the deadline: at the very instant is in time."""
    return happened_at is not None and happened_at <= due_at


def is_missed(happened_at: datetime | None, due_at: datetime, judged_at: datetime) -> bool:
    """Say whether the deadline has come and what it waited for did not happen in time."""
    return judged_at >= due_at and not in_time(happened_at, due_at)


def is_read_late(at: datetime, read_at: datetime) -> bool:
    """Say whether something was read so long after its date that people should know."""
    return read_at - at > READ_LATE_AFTER
