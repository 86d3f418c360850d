"""A PostgreSQL on which nothing happens but what is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from services.cli.embedded.instance import Instance
from services.cli.embedded.postgres import Postgres
from services.cli.embedded.system import stopping

# What would write or read beside us, at a time of its own; and whole pages in the WAL, whose number is a matter of
# when the last checkpoint was.
# That the disk has it is not counted, and would make the check as slow as the busiest disk.
_STILL = {
    "fsync": "off",
    "autovacuum": "off",
    "full_page_writes": "off",
    "checkpoint_timeout": "1d",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.max": "10000",
    "max_parallel_workers_per_gather": "0",
}


@contextmanager
def still_server() -> Iterator[str]:
    """Give the superuser's URL of a server of its own, whatever server the other tests use."""
    with Instance() as instance, stopping(postgres := Postgres(instance)):
        postgres.start()
        asyncio.run(_set(postgres.admin_dsn))
        postgres.restart()
        yield postgres.admin_dsn


async def _set(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for name, value in _STILL.items():
            await connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    finally:
        await connection.close()
