"""Fixtures and marks for all rings. A ring is a folder; its name is the mark of every test in it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import quick_disk
from tests.support.databases import Databases
from tests.support.infrastructure import kafka_for_tests, postgres_for_tests, postgres_goes_on

TESTS = Path(__file__).parent
# Seconds that one test of a ring may take; the others have the default of pyproject.toml.
SECONDS_MAX = {"integration": 120, "e2e": 300, "faults": 600, "bench": 600}

# An example takes as long as the machine makes it: how busy that is proves nothing.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_configure() -> None:
    quick_disk.use()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        ring = item.path.relative_to(TESTS).parts[0]
        item.add_marker(ring)
        if ring in SECONDS_MAX and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(SECONDS_MAX[ring]))


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    """The address of a real Kafka, `host:port`. Topics are not made by themselves: name yours uniquely."""
    with kafka_for_tests() as bootstrap:
        yield bootstrap


@pytest.fixture(scope="session")
def postgres_admin_dsn() -> Iterator[str]:
    """A superuser's URL of a real PostgreSQL; for a database of your own take `database`."""
    with postgres_for_tests() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def databases(postgres_admin_dsn: str) -> Iterator[Databases]:
    """Makes fresh databases like a template: `await databases.fresh("orders", fill=migrate)`."""
    made = Databases(postgres_admin_dsn)
    yield made
    if postgres_goes_on():
        with asyncio.Runner() as runner:
            runner.run(made.clear())


@pytest.fixture
async def database(databases: Databases) -> str:
    """The URL of a fresh, empty database (superuser)."""
    return await databases.fresh()
