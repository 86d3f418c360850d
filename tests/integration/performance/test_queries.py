"""The service's own queries: they are understood, and the one that is asked for every batch reads by key alone."""

from __future__ import annotations

from services.performance.store import QUERIES
from tests.integration.performance.desk import Desk


async def test_every_named_query_is_understood(desk: Desk) -> None:
    async with desk.pool.acquire() as connection:
        for text in QUERIES.values():
            await connection.prepare(text)


async def test_sellers_are_found_by_their_orders_keys_however_many_there_are(desk: Desk) -> None:
    async with desk.pool.acquire() as connection:
        plan = await connection.fetch(f"EXPLAIN {QUERIES['sellers_of']}", ["order-1"])
    lines = "\n".join(row[0] for row in plan)
    assert "state_pkey" in lines
    assert "Seq Scan" not in lines
