"""Two tables of deadlines that change places, so that few and many pending are measured in turns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import asyncpg
import pytest

from services.cli.bench.deadlines import RECOURSE, Deadlines
from shared.kit import migrate
from tests.support.databases import Databases

_OWNER = "pg_monitor"
"""A role that every server has, and that is not the one which makes the tables."""
_COUNT = "SELECT count(*) FROM timer.timers"
_INDEXES = """
SELECT array_agg(regexp_replace(pg_get_indexdef(indexrelid), 'INDEX \\S+', '') ORDER BY 1) FROM pg_index
WHERE indrelid = 'timer.timers'::regclass
"""
_ABOUT = "SELECT relowner::regrole::text, reloptions FROM pg_class WHERE oid = 'timer.timers'::regclass"

Connection: TypeAlias = "asyncpg.Connection[Any]"


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Connection]:
    """A database with the timer's tables."""
    connection = await asyncpg.connect(await databases.fresh())
    try:
        await connection.execute("CREATE SCHEMA timer; SET search_path = timer")
        await migrate.migrate(connection, ["shared.kit", "services.timer"])
        await connection.execute(f"RESET search_path; ALTER TABLE timer.timers OWNER TO {_OWNER}")
        yield connection
    finally:
        await connection.close()


async def test_the_two_take_turns_and_each_keeps_what_is_in_it(database: Connection) -> None:
    deadlines = Deadlines(database)
    await deadlines.prepare()
    await deadlines.pend(RECOURSE, 1000)
    await deadlines.exchange(RECOURSE)
    assert await database.fetchval(_COUNT) == 0
    await deadlines.pend(RECOURSE, 10)
    found = []
    for _ in range(4):
        await deadlines.exchange(RECOURSE)
        found.append(await database.fetchval(_COUNT))
    assert found == [1000, 10, 1000, 10]
    await deadlines.exchange(RECOURSE)
    await deadlines.pend(RECOURSE, 1500)
    assert await database.fetchval(_COUNT) == 1500


async def test_the_other_table_is_like_the_first(database: Connection) -> None:
    deadlines = Deadlines(database)
    await deadlines.prepare()
    before = await database.fetchval(_INDEXES), await database.fetchrow(_ABOUT)
    await deadlines.exchange(RECOURSE)
    assert (await database.fetchval(_INDEXES), await database.fetchrow(_ABOUT)) == before
    assert len(before[0]) == 2


async def test_who_reads_the_table_meets_the_one_that_is_in_its_place(database: Connection) -> None:
    deadlines = Deadlines(database)
    await deadlines.prepare()
    await deadlines.pend(RECOURSE, 100)
    prepared = await database.prepare(_COUNT)
    found = []
    for _ in range(8):
        found.append(await prepared.fetchval())
        await deadlines.exchange(RECOURSE)
    assert found == [100, 0] * 4
