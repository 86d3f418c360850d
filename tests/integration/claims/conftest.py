"""An empty database of claims for each test, a clock that is moved by hand, and a process on both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.kit import clock, db
from tests.integration.claims.desk import Desk, fill
from tests.support.databases import Databases
from tests.unit.claims.builders import PLACED


@pytest.fixture
async def desk(databases: Databases, tmp_path: Path) -> AsyncIterator[Desk]:
    hand = clock.ClockFile.create(tmp_path / "clock", PLACED, 0)
    clock.bind(tmp_path / "clock")
    dsn = await databases.emptied("claims", fill=fill)
    pool = await db.connect_pool(dsn, "claims", 2)
    yield Desk(pool, hand)
    await pool.close()
    clock.bind(None)
