"""The table of timers: set and cancel a batch, fire what is due, look for the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.timer.domain import Change
from shared.contracts.envelope import rfc_3339
from shared.contracts.topics import TIMER_COMMANDS
from shared.kit.db import Connection
from shared.kit.sql import queries

_SQL = queries("services.timer", "store.sql")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the order in which timers fire: by instant, then by id."""

    due_at: datetime
    timer_id: str = ""


BEGINNING = Place(datetime(1970, 1, 1, tzinfo=UTC))
"""Before every deadline that the contracts can say."""


@dataclass(frozen=True, slots=True)
class Fired:
    """What one firing came to: how many, up to where, and when the next one is due if none is left that is due now."""

    count: int
    up_to: Place | None
    next_due_at: datetime | None


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


async def fire_due(
    connection: Connection,
    shards: Sequence[int],
    since: Place,
    now: datetime,
    limit: int,
    channel: str | None,
) -> Fired:
    """Move the earliest timers due from `since` to `now`, at most `limit`, to the outbox.

    `channel` is where a relay in another process hears of it; None when there is none.
    """
    fired_at = rfc_3339(now)
    row: Any = await connection.fetchrow(
        _SQL["fire_due"], list(shards), since.due_at, since.timer_id, now, fired_at, limit, channel
    )
    up_to = Place(row["last_due_at"], row["last_id"]) if row["count"] else None
    return Fired(row["count"], up_to, row["next_due_at"])


async def next_due(connection: Connection, shards: Sequence[int], since: Place) -> datetime | None:
    """Return the earliest pending instant from `since` on."""
    due_at: datetime | None = await connection.fetchval(
        _SQL["next_due"], list(shards), since.due_at, since.timer_id
    )
    return due_at
