"""The kit's unit over a real database, with the toy service, fed from a tape instead of from Kafka."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from shared.kit import db, migrate
from shared.kit.db import Pool
from shared.kit.decode import decoder
from shared.kit.fold import Verdict
from shared.kit.records import Record
from shared.kit.tally import Partition
from shared.kit.unit import Applied, Unit
from tests.support.toy import NAME, Say, Tape, Toy


async def migrate_kit(dsn: str, *packages: str) -> None:
    """Give a database the kit's tables, and those of these packages."""
    connection = await asyncpg.connect(dsn)
    try:
        await migrate.migrate(connection, ["shared.kit", *packages])
    finally:
        await connection.close()


class Statements(list[str]):
    """Counts what a pool's connections send: a name of a query, or its first words."""

    async def pool(self, dsn: str, size: int = 1) -> Pool:
        """Open a pool like a service's that is listened to."""

        statements = self

        class Overheard(asyncpg.Connection):
            """Tells of COPY as well, which the library's own logger leaves out."""

            async def copy_records_to_table(self, table_name: str, **options: Any) -> str:
                status = await super().copy_records_to_table(table_name, **options)
                # As the library's own logger does it, so that the order is kept.
                asyncio.get_running_loop().call_soon(statements.append, f"COPY {table_name}")
                return status

        pool = await db.connect_pool(dsn, "overheard", size, Overheard)
        async with AsyncExitStack() as stack:
            for _ in range(size):
                connection = await stack.enter_async_context(pool.acquire())
                connection.add_query_logger(lambda logged: self.append(logged.query))
        return pool


@dataclass
class Workbench:
    """One service's unit. `apply` does what a consumer does with a batch: it stands where the database says."""

    pool: Pool
    toy: Toy = field(default_factory=Toy)
    tape: Tape = field(default_factory=Tape)

    def unit(self) -> Unit:
        """Return a unit as a process would have one."""
        service = self.toy.service()
        return Unit(self.pool, service, decoder(service.check))

    async def apply(self, *said: Say, partition: int = 0) -> Applied:
        """Read these messages next."""
        return await self.apply_records(self.tape(*said, partition=partition))

    async def apply_records(self, records: Sequence[Record]) -> Applied:
        """Apply records at the positions that the database has, and check that each of them is accounted for."""
        places = sorted({(record.place.topic, record.place.partition) for record in records})
        applied = await self.unit().apply(records, {place: await self.position(place) for place in places})
        await self.check_the_sum()
        return applied

    async def position(self, place: Partition) -> int:
        """Return the offset that a partition stands at."""
        found: int | None = await self.pool.fetchval(
            "SELECT next_offset FROM offsets WHERE topic = $1 AND partition = $2", *place
        )
        return found or 0

    async def check_the_sum(self) -> None:
        """Nothing is dropped silently: each record read is counted once, by what became of it."""
        for row in await self.pool.fetch("SELECT * FROM offsets"):
            fates = {verdict.value: row[verdict.value] for verdict in Verdict}
            assert row["records"] == sum(fates.values()), (row["topic"], row["records"], fates)
            assert row["next_offset"] - row["first_offset"] == row["records"] + row["holes"], dict(row)

    async def heard(self, order_id: str) -> list[str]:
        """Return what the order's row says that it heard."""
        body = await self.pool.fetchval("SELECT body FROM state WHERE kind = 'order' AND key = $1", order_id)
        return list(json.loads(body)["heard"]) if body else []

    async def outbox(self, topic: str | None = None) -> list[dict[str, Any]]:
        """Return what is to be sent, in order, with its headers as a dictionary."""
        rows = await self.pool.fetch("SELECT * FROM outbox ORDER BY position")
        return [
            {**dict(row), "headers": dict(json.loads(row["headers"]))}
            for row in rows
            if topic is None or row["aggregatetype"] == topic
        ]

    async def said(self, topic: str) -> list[dict[str, Any]]:
        """Return the bodies of what is to be sent on a topic."""
        return [json.loads(row["payload"]) for row in await self.outbox(topic)]

    async def held(self) -> list[tuple[str, str]]:
        """Return which keys' records wait and why, in order."""
        return [(row["key"], row["why"]) for row in await self.pool.fetch("SELECT * FROM held ORDER BY id")]

    async def parked(self) -> dict[str, str]:
        """Return the parked keys with their errors."""
        return {row["key"]: row["error"] for row in await self.pool.fetch("SELECT * FROM parked_keys")}

    async def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Return every row there is, but for when it was written."""
        tables = ("offsets", "seen", "state", "held", "dead_letters", "parked_keys", "outbox", "outbox_sent")
        rows = {table: await self.pool.fetch(f"SELECT * FROM {table}") for table in tables}
        return {table: sorted((dict(row) for row in found), key=repr) for table, found in rows.items()}


__all__ = ["NAME", "Statements", "Workbench", "migrate_kit"]
