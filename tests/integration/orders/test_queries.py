"""The service's own query: it is understood, and it reads by key alone."""

from __future__ import annotations

from shared.kit.sql import queries
from tests.integration.orders.desk import Desk

QUERIES = queries("services.orders", "store.sql")


async def test_every_named_query_is_understood(desk: Desk) -> None:
    async with desk.pool.acquire() as connection:
        for text in QUERIES.values():
            await connection.prepare(text)


async def test_related_rows_are_found_by_key_however_many_there_are(desk: Desk) -> None:
    async with desk.pool.acquire() as connection:
        plan = await connection.fetch(f"EXPLAIN {QUERIES['related']}", ["UPS/1"], ["order-1"])
    lines = "\n".join(row[0] for row in plan)
    assert lines.count("state_pkey") == 2
    assert "Seq Scan" not in lines
