"""One transaction on a connection of the pool: the only way in which a service commits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from shared.kit import faults
from shared.kit.db import Connection, Pool


@asynccontextmanager
async def transaction(pool: Pool, *, is_trial: bool = False) -> AsyncIterator[Connection]:
    """Commit at the end of the block, roll back when it raises; a trial is always rolled back."""
    async with pool.acquire() as connection:
        begun = connection.transaction()
        await begun.start()
        try:
            yield connection
        except BaseException:
            # A connection that broke has nothing to roll back, and its error must not hide the first one.
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await begun.rollback()
            raise
        if is_trial:
            await begun.rollback()
        else:
            await faults.commit(begun.commit)
