"""An empty database of orders for each test, and processes on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.kit import db
from tests.integration.orders.desk import Desk, fill
from tests.support.databases import Databases


@pytest.fixture
async def orders_database(databases: Databases) -> str:
    return await databases.emptied("orders", fill=fill)


@pytest.fixture
async def desk(orders_database: str) -> AsyncIterator[Desk]:
    pool = await db.connect_pool(orders_database, "orders", 4)
    yield Desk(pool)
    await pool.close()


@pytest.fixture
async def other_desk(desk: Desk) -> Desk:
    """Another process, which owns the other partitions."""
    return Desk(desk.pool, partition=1)
