"""A database with the kit's tables, a service's pool on it, and the toy service's unit over that."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.kit import db
from shared.kit.db import Pool
from tests.support.databases import Databases
from tests.support.workbench import NAME, Workbench, migrate_kit


@pytest.fixture
async def kit_dsn(databases: Databases) -> AsyncIterator[str]:
    """The URL of a database of one's own with the kit's tables."""
    dsn = await databases.fresh("kit", fill=migrate_kit)
    yield dsn
    await databases.drop(dsn)


@pytest.fixture
async def pool(kit_dsn: str) -> AsyncIterator[Pool]:
    """A pool as a service has it."""
    async with await db.connect_pool(kit_dsn, NAME, 4) as pool:
        yield pool


@pytest.fixture
def bench(pool: Pool) -> Workbench:
    """The toy service's unit."""
    return Workbench(pool)
