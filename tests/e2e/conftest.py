"""One running system a module: topics have fixed names, so two tests share it with orders of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from services.cli.addresses import System
from tests.support.running import Desk, at_desk, up

START = datetime(2027, 1, 4, 8, tzinfo=UTC)
"""A Monday, at midnight in the marketplace `us`."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system that stands at START."""
    with up(tmp_path_factory.mktemp("system"), START) as running:
        yield running


@pytest.fixture
async def desk(system: System) -> AsyncIterator[Desk]:
    """A desk at it."""
    async with at_desk(system) as found:
        yield found
