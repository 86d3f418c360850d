"""A database with the kit's tables, a service's pool on it, and the toy service's unit over that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog

from services.cli.embedded.instance import Instance
from services.cli.embedded.kafka import Kafka
from services.cli.embedded.system import stopping
from shared.contracts import topics
from shared.contracts.topics import Installation
from shared.kit import db
from shared.kit.db import Pool
from shared.kit.provision import make_topics
from tests.support.databases import Databases, empty
from tests.support.streaming import truncate
from tests.support.toy import READS
from tests.support.workbench import NAME, Workbench, migrate_kit

WRITES = (topics.MESSAGING_EVENTS, topics.OPERATIONS_EVENTS, topics.dead_letters(NAME))

# Plain lines: structlog's own default draws a picture of every exception, which takes seconds.
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
    ]
)


@pytest.fixture(scope="session")
def kit_database(databases: Databases) -> str:
    """The URL of a database with the kit's tables, for tests that leave the tables as they are."""
    with asyncio.Runner() as runner:
        return runner.run(databases.fresh("kit", fill=migrate_kit))


@pytest.fixture
async def kit_dsn(kit_database: str) -> str:
    """That database with nothing in it."""
    await empty(kit_database)
    return kit_database


@pytest.fixture
async def own_pool(databases: Databases) -> AsyncIterator[Pool]:
    """A pool on a database of one's own, for tests that change the tables."""
    dsn = await databases.fresh("kit", fill=migrate_kit)
    async with await db.connect_pool(dsn, NAME, 4) as pool:
        yield pool  # the database goes with the session: to drop it now is to wait for a checkpoint


@pytest.fixture
async def pool(kit_dsn: str) -> AsyncIterator[Pool]:
    """A pool as a service has it."""
    async with await db.connect_pool(kit_dsn, NAME, 4) as pool:
        yield pool


@pytest.fixture
def bench(pool: Pool) -> Workbench:
    """The toy service's unit."""
    return Workbench(pool)


@pytest.fixture(scope="session")
def kit_kafka() -> Iterator[Kafka]:
    """A Kafka of these tests' own: the topics' names are fixed, so a log of one's own is a Kafka of one's own."""
    with Instance() as instance, stopping(kafka := Kafka(instance)):
        kafka.start()
        with asyncio.Runner() as runner:
            runner.run(make_topics(kafka.bootstrap, Installation(order_partitions=2, party_partitions=2)))
        yield kafka


@pytest.fixture
async def bootstrap(kit_kafka: Kafka) -> str:
    """The address of that Kafka, with nothing left in the topics that the toy service reads and writes."""
    await truncate(kit_kafka.bootstrap, *(topic.name for topic in READS), *WRITES)
    return kit_kafka.bootstrap
