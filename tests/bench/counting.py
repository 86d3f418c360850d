"""What something costs PostgreSQL, in counts: statements, rows, buffers, WAL. None depends on the machine's mood."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields

import asyncpg

from shared.kit.db import Pool

_FLUSH = "SELECT pg_stat_force_next_flush()"
# Counted by the server, as each statement ends. Not in it: planning, which is done once, and the commit's own record.
_STATEMENTS = """
SELECT coalesce(sum(calls), 0)::bigint AS statements,
       coalesce(sum(shared_blks_hit + shared_blks_read), 0)::bigint AS buffers,
       coalesce(sum(wal_records), 0)::bigint AS wal_records, coalesce(sum(wal_bytes), 0)::bigint AS wal_bytes
FROM pg_stat_statements(showtext := false)
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
# Counted by each session, which tells it when it is asked to.
_ROWS = """
SELECT coalesce(sum(n_tup_ins), 0)::bigint AS inserted, coalesce(sum(n_tup_upd), 0)::bigint AS updated,
       coalesce(sum(n_tup_hot_upd), 0)::bigint AS hot, coalesce(sum(n_tup_del), 0)::bigint AS deleted
FROM pg_stat_user_tables
"""


@dataclass(slots=True)
class Counts:
    """What was counted between two looks, over a whole database.

    `buffers`: pages looked at, in memory or not. `hot`: those of the updated rows that changed no index.
    """

    statements: int = 0
    buffers: int = 0
    wal_records: int = 0
    wal_bytes: int = 0
    inserted: int = 0
    updated: int = 0
    hot: int = 0
    deleted: int = 0

    @property
    def rows(self) -> int:
        """Rows written."""
        return self.inserted + self.updated + self.deleted

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Counts)))


class Meter:
    """Counts what the single connection of a pool does, looking on from a connection of its own."""

    def __init__(self, pool: Pool, onlooker: asyncpg.Connection[asyncpg.Record]) -> None:
        self._pool = pool
        self._onlooker = onlooker

    @classmethod
    @asynccontextmanager
    async def of(cls, pool: Pool, dsn: str) -> AsyncIterator[Meter]:
        """Open one for this pool, whose database is at `dsn`."""
        onlooker = await asyncpg.connect(dsn, server_settings={"pg_stat_statements.track": "none"})
        try:
            await onlooker.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            yield cls(pool, onlooker)
        finally:
            await onlooker.close()

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[Counts]:
        """Count what happens in the block; the counts are there when it has ended."""
        counts = Counts()
        # In this order, so that the looks do not count themselves.
        before = {**await self._rows(), **await self._spent()}
        yield counts
        after = {**await self._spent(), **await self._rows()}
        for each in fields(Counts):
            setattr(counts, each.name, after[each.name] - before[each.name])

    async def _spent(self) -> dict[str, int]:
        return await self._read(_STATEMENTS)

    async def _rows(self) -> dict[str, int]:
        await self._pool.execute(_FLUSH)
        return await self._read(_ROWS)

    async def _read(self, query: str) -> dict[str, int]:
        row = await self._onlooker.fetchrow(query)
        assert row is not None
        return dict(row)
