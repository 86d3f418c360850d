"""State rows on a real PostgreSQL: loaded with their locks, in an order that is everybody's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from shared.kit.db import Connection, Pool
from shared.kit.service import Key, Kind
from shared.kit.states import StateRows
from tests.support.until import until

ROWS = StateRows([Kind("order", str), Kind("stock", str)])
_WAITS = """SELECT EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
)"""
STORED = [Key("order", "a"), Key("order", "b"), Key("order", "c"), Key("stock", "a"), Key("stock", "b")]


@pytest.fixture(autouse=True)
async def stored(pool: Pool) -> None:
    await pool.executemany(
        "INSERT INTO state (kind, key, version, sequence, schema_version, heard, body)"
        " VALUES ($1, $2, 1, 0, 1, '{}', to_json($1 || ' ' || $2))",
        STORED,
    )


async def test_each_key_has_its_row_and_one_that_is_not_there_a_new_one(pool: Pool) -> None:
    missing = [Key("order", "aa"), Key("stock", "c")]
    async with pool.acquire() as connection, connection.transaction():
        rows = await ROWS.load(connection, [*reversed(STORED), *missing])
    assert {key: row.state for key, row in rows.items() if row.version} == {
        key: " ".join(key) for key in STORED
    }
    assert [key for key, row in rows.items() if not row.version] == missing
    assert list(rows) == sorted([*STORED, *missing])


@pytest.mark.parametrize("taken", STORED, ids="/".join)
async def test_rows_are_locked_by_kind_and_then_by_key(pool: Pool, taken: Key) -> None:
    """Whoever waits for one holds those before it and none behind it: no two processes wait for each other."""
    async with pool.acquire() as other, pool.acquire() as ours, pool.acquire() as onlooker:
        async with other.transaction():
            await other.execute("SELECT FROM state WHERE kind = $1 AND key = $2 FOR UPDATE", *taken)
            loading = asyncio.ensure_future(_load(ours, list(reversed(STORED))))
            await until(lambda: onlooker.fetchval(_WAITS), "the load waits for a row")
            free = await onlooker.fetch("SELECT kind, key FROM state FOR UPDATE SKIP LOCKED")
            assert sorted(Key(*row) for row in free) == STORED[STORED.index(taken) + 1 :]
            assert not loading.done()
        await loading


async def _load(connection: Connection, keys: Sequence[Key]) -> None:
    async with connection.transaction():
        await ROWS.load(connection, keys)
