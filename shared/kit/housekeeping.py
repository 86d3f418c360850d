"""What tables need from time to time: tomorrow's partition, and an end to what is kept too long."""

from __future__ import annotations

import re
from datetime import date, timedelta

from shared.kit import clock
from shared.kit.db import Pool
from shared.kit.limits import Limits
from shared.kit.sql import queries
from shared.kit.transactions import transaction

_SQL = queries("shared.kit", "kit.sql")
_DAY = re.compile(r"outbox_sent_(\d{4})(\d{2})(\d{2})$")
_DAYS_AHEAD = 3
HOURLY_SECONDS = 3600


async def keep_house(pool: Pool, limits: Limits) -> None:
    """Make the next days' partitions of what was sent, drop the oldest, forget old ids."""
    today = clock.real_now().date()
    async with transaction(pool) as connection:
        await connection.execute(_SQL["house_lock"])
        for ahead in range(_DAYS_AHEAD):
            await connection.execute(_make_day(today + timedelta(days=ahead)))
        for row in await connection.fetch(_SQL["sent_days"]):
            day = _DAY.search(row["name"])
            if day and date(*(int(part) for part in day.groups())) < today - timedelta(days=limits.sent_days):
                await connection.execute(f'DROP TABLE "{day.group(0)}"')
    oldest = today - timedelta(days=limits.seen_days)
    while (await pool.execute(_SQL["forget_seen"], oldest)) != "DELETE 0":
        pass


def _make_day(day: date) -> str:
    """Name the day in the statement: DDL takes no parameters, and a date is safe."""
    return (
        f"CREATE TABLE IF NOT EXISTS outbox_sent_{day:%Y%m%d} PARTITION OF outbox_sent "
        f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
    )
