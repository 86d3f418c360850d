"""Deadlines as jobs of pgqueuer: each is deferred until it is due, says so on Kafka, and is done when that has it.

As its pages on performance and on drivers have it for short jobs: asyncpg, one connection a worker, large batches,
a worker for each core, the recommended settings for autovacuum, tables that survive a crash.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from services.cli.bench.peers.deadline_expired import producer, say

SCHEMA = "pgqueuer"
ENTRYPOINT = "deadline"
BATCH = 100
PROCESSES = 2
SETTINGS = (
    f"{PROCESSES} processes, {BATCH} jobs a batch, asyncpg and uvloop, durable tables with the autovacuum settings "
    "that it recommends"
)


async def connect(database_url: str) -> asyncpg.Connection:
    """Connect to where its tables are."""
    return await asyncpg.connect(database_url, server_settings={"search_path": SCHEMA})


async def install(database_url: str) -> None:
    """Make its tables, as `pgq install` and `pgq autovac` do."""
    connection = await connect(database_url)
    try:
        await connection.execute(f"CREATE SCHEMA {SCHEMA}")
        queries = Queries(AsyncpgDriver(connection))
        await queries.install()
        await queries.optimize_autovacuum()
    finally:
        await connection.close()


async def run(database_url: str, kafka: str, batch: int) -> None:
    """Work until SIGTERM."""
    manager = PgQueuer.from_asyncpg_connection(await connect(database_url))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, manager.shutdown.set)
    async with producer(kafka) as sending:

        @manager.entrypoint(ENTRYPOINT)
        async def expire(job: Job) -> None:
            await say(sending, json.loads(job.payload or b""))

        await manager.run(batch_size=batch)


def main() -> None:
    """Read the arguments and work."""
    parser = argparse.ArgumentParser()
    for name in ("--database-url", "--kafka"):
        parser.add_argument(name, required=True)
    parser.add_argument("--batch", type=int, default=BATCH)
    given = parser.parse_args()
    uvloop.run(run(given.database_url, given.kafka, given.batch))


if __name__ == "__main__":
    main()
