"""An empty database of notifications for each test, processes on it, and a mail server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from shared.kit import db
from tests.integration.notifications.desk import Desk, fill
from tests.integration.notifications.mailbox import Mailbox, serving
from tests.support.databases import Databases


@pytest.fixture
async def notifications_database(databases: Databases) -> str:
    return await databases.emptied("notifications", fill=fill)


@pytest.fixture
async def desk(notifications_database: str) -> AsyncIterator[Desk]:
    pool = await db.connect_pool(notifications_database, "notifications", 4)
    yield Desk(notifications_database, pool)
    await pool.close()


@pytest.fixture
async def other_desk(desk: Desk) -> Desk:
    """Another process, which owns the other partitions."""
    return Desk(desk.dsn, desk.pool, partition=1)


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with serving(Mailbox()) as box:
        yield box
