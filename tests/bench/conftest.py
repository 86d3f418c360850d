"""One still server, and one measurement on it, for all tests of the ring."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench import baseline
from tests.bench.measuring import Measured
from tests.bench.server import still_server


@pytest.fixture(scope="session")
def still_dsn() -> Iterator[str]:
    """The superuser's URL of a server on which nothing happens but what is counted."""
    with still_server() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def measured(still_dsn: str) -> Measured:
    """What each batch of each service costs."""
    return baseline.measured(still_dsn)
