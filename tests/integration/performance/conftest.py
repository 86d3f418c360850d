"""An empty database of performance for each test, and a process on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.kit import db
from tests.integration.performance.desk import Desk, fill
from tests.support.databases import Databases


@pytest.fixture
async def desk(databases: Databases) -> AsyncIterator[Desk]:
    dsn = await databases.emptied("performance", fill=fill)
    pool = await db.connect_pool(dsn, "performance", 2)
    yield Desk(pool)
    await pool.close()
