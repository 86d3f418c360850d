"""Deadlines as jobs of procrastinate: each is scheduled for when it is due, says so on Kafka, and is done then.

As its pages on production have it: an asynchronous task, many at once, several processes, finished jobs deleted
on completion.
"""

from __future__ import annotations

import argparse
from typing import Any

import asyncpg
import uvloop
from procrastinate import App, PsycopgConnector

from services.cli.bench.peers.deadline_expired import producer, say

SCHEMA = "procrastinate"
TASK = "deadline"
QUEUE = "deadlines"
CONCURRENCY = 30
PROCESSES = 2
SETTINGS = (
    f"{PROCESSES} processes, {CONCURRENCY} jobs at once in each, psycopg and uvloop, finished jobs deleted"
)


def application(database_url: str) -> App:
    """Return its application, in a schema of its own, with as many connections as its connector opens by itself."""
    return App(
        connector=PsycopgConnector(
            conninfo=database_url,
            kwargs={"options": f"-c search_path={SCHEMA}"},
        )
    )


async def install(database_url: str) -> None:
    """Make its tables, as `procrastinate schema --apply` does."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(f"CREATE SCHEMA {SCHEMA}")
    await connection.close()
    async with application(database_url).open_async() as app:
        await app.schema_manager.apply_schema_async()


async def run(database_url: str, kafka: str, concurrency: int) -> None:
    """Work until SIGTERM."""
    async with producer(kafka) as sending, application(database_url).open_async() as app:

        @app.task(name=TASK, queue=QUEUE)
        async def expire(**deadline: Any) -> None:
            await say(sending, deadline)

        await app.run_worker_async(queues=[QUEUE], concurrency=concurrency, delete_jobs="always")


def main() -> None:
    """Read the arguments and work."""
    parser = argparse.ArgumentParser()
    for name in ("--database-url", "--kafka"):
        parser.add_argument(name, required=True)
    parser.add_argument("--concurrency", type=int, default=CONCURRENCY)
    given = parser.parse_args()
    uvloop.run(run(given.database_url, given.kafka, given.concurrency))


if __name__ == "__main__":
    main()
