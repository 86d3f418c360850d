"""The table of timers: set and cancel a batch, take what is due, look for the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg

from services.timer.domain import Change, Timer
from shared.contracts.topics import TIMER_COMMANDS
from shared.kit.db import Connection
from shared.kit.sql import queries

_SQL = queries("services.timer", "store.sql")

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Before every deadline that the contracts can say."""


async def change(connection: Connection, wanted: Change) -> None:
    """Set and cancel, in the caller's transaction."""
    if wanted.set:
        columns = zip(
            *(
                (t.timer_id, t.shard, t.due_at, t.kind, t.owner, t.order_id, t.subject_id, t.cause_id)
                for t in wanted.set
            ),
            strict=True,
        )
        await connection.execute(_SQL["set_timers"], *(list(column) for column in columns))
    if wanted.cancel:
        await connection.execute(_SQL["cancel_timers"], list(wanted.cancel))


async def lock_shards(connection: Connection, shards: Sequence[int]) -> Sequence[int]:
    """Lock the offset rows of these shards and return those that have one."""
    rows = await connection.fetch(_SQL["own_shards"], TIMER_COMMANDS, list(shards))
    return [row["partition"] for row in rows]


async def take_due(
    connection: Connection, shards: Sequence[int], since: datetime, now: datetime, limit: int
) -> Sequence[Timer]:
    """Delete and return the earliest timers due from `since` to `now`, at most `limit`; in no order."""
    return [_timer(row) for row in await connection.fetch(_SQL["take_due"], list(shards), since, now, limit)]


async def next_due(connection: Connection, shards: Sequence[int], since: datetime) -> datetime | None:
    """Return the earliest pending instant from `since` on."""
    due_at: datetime | None = await connection.fetchval(_SQL["next_due"], list(shards), since)
    return due_at


def _timer(row: asyncpg.Record) -> Timer:
    return Timer(**dict(row))
