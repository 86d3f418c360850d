"""The outbox is read from its low-water mark: nothing that comes late is passed over, and little is read twice."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest

from shared.kit.db import Pool
from shared.kit.low_water import LowWaterMark
from shared.kit.sql import queries

_SQL = queries("shared.kit", "kit.sql")
_APPEND = """
INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, headers)
SELECT $1 || '-' || n, 'topic', $1, 'type', 'x', '[]' FROM generate_series(1, $2::int) AS n
"""
_MOST = 100


class Reader:
    """Reads and moves, as the relay does, asking for the mark every time."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.mark = LowWaterMark(look_every_rows=0)
        self.found: list[str] = []

    async def read(self) -> list[str]:
        """Move the lowest rows, and return their ids."""
        await self.mark.look(self._session)
        rows = await self._session.fetch(_SQL["read_outbox"], _MOST, 10**9, self.mark.position)
        self.mark.rise(rows)
        await self._session.execute(_SQL["move_outbox"], [row["position"] for row in rows], date(2021, 3, 10))
        ids = [row["id"] for row in rows]
        self.found += ids
        return ids


@pytest.fixture
async def reader(pool: Pool) -> AsyncIterator[Reader]:
    """A reader with a session of its own."""
    async with pool.acquire() as session:
        yield Reader(session)


@asynccontextmanager
async def appending(pool: Pool, key: str, count: int = 1) -> AsyncIterator[Any]:
    """Append rows in a transaction that commits at the end of the block."""
    async with pool.acquire() as session, session.transaction():
        await session.execute(_APPEND, key, count)
        yield session


async def append(pool: Pool, key: str, count: int = 1) -> None:
    """Append rows and commit."""
    async with appending(pool, key, count):
        pass


async def test_the_mark_rises_behind_what_was_moved(pool: Pool, reader: Reader) -> None:
    for batch in range(3):
        await append(pool, f"b{batch}", 10)
        assert len(await reader.read()) == 10
    assert await reader.read() == []
    assert reader.mark.position == await pool.fetchval("SELECT max(position) FROM outbox_sent") + 1


async def test_a_lower_position_that_commits_late_is_read(pool: Pool, reader: Reader) -> None:
    await append(pool, "before")
    async with appending(pool, "late"):
        for batch in range(3):
            await append(pool, f"early{batch}")
            await reader.read()
        assert await reader.read() == []
    assert await reader.read() == ["late-1"]


async def test_a_position_that_is_drawn_and_never_comes_holds_nothing_up(pool: Pool, reader: Reader) -> None:
    async with pool.acquire() as session:
        never = session.transaction()
        await never.start()
        await session.execute(_APPEND, "never", 1)
        await append(pool, "there")
        assert await reader.read() == ["there-1"]
        await never.rollback()
    await append(pool, "later")
    assert await reader.read() == ["later-1"]
    assert await reader.read() == []
    assert reader.mark.position == await pool.fetchval("SELECT max(position) FROM outbox_sent") + 1


async def test_what_is_left_unread_stays_above_the_mark(pool: Pool, reader: Reader) -> None:
    await append(pool, "many", 3 * _MOST)
    for _ in range(3):
        assert len(await reader.read()) == _MOST
    assert await reader.read() == []


async def test_a_table_that_nobody_has_written_to_loses_no_first_row(own_pool: Pool) -> None:
    """A sequence of which nothing was drawn yet says 1, as one of which 1 was drawn."""
    async with own_pool.acquire() as session:
        reader = Reader(session)
        assert await reader.read() == []
        await append(own_pool, "first")
        assert await reader.read() == ["first-1"]


@pytest.mark.parametrize("seed", range(5))
async def test_nothing_is_lost_however_the_writers_overlap(pool: Pool, reader: Reader, seed: int) -> None:
    chance = random.Random(seed)
    committed: list[str] = []

    async def write(number: int) -> None:
        await asyncio.sleep(chance.random() / 10)
        async with pool.acquire() as session:
            transaction = session.transaction()
            await transaction.start()
            for part in range(chance.randint(1, 4)):
                await session.execute(_APPEND, f"w{number}.{part}", chance.randint(1, 3))
                await asyncio.sleep(chance.random() / 50)
            if chance.random() < 0.2:
                await transaction.rollback()
                return
            rows = await session.fetch("SELECT id FROM outbox WHERE xmin = pg_current_xact_id()::xid")
            committed.extend(row["id"] for row in rows)
            await transaction.commit()

    writing = asyncio.gather(*(write(number) for number in range(60)))
    while not writing.done():
        await reader.read()
    await writing
    while await reader.read():
        pass
    assert committed
    assert sorted(reader.found) == sorted(committed)


async def test_beside_an_old_snapshot_a_look_passes_little(own_pool: Pool) -> None:
    """What was moved stays in the index; from the beginning, each look would pass all of it."""
    async with own_pool.acquire() as report, report.transaction(isolation="repeatable_read"):
        await report.fetchval("SELECT count(*) FROM outbox")
        async with own_pool.acquire() as session:
            reader = Reader(session)
            for batch in range(100):
                await append(own_pool, f"b{batch}", _MOST)
                await reader.read()
            await reader.read()
            assert len(reader.found) == 100 * _MOST
            assert await _buffers_of_a_look(session, reader.mark.position) <= 10
            assert await _buffers_of_a_look(session, 0) > 100


async def _buffers_of_a_look(session: Any, position: int) -> int:
    plan = await session.fetchval(
        f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {_SQL['read_outbox']}", _MOST, 10**9, position
    )
    found: int = json.loads(plan)[0]["Plan"]["Shared Hit Blocks"]
    return found
