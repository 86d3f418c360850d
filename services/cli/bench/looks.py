"""What it costs PostgreSQL to take what is due and to look for what is next, as its own account has it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.cli.bench.deadlines import RECOURSE, Deadlines
from services.cli.bench.ground import Ground
from shared.contracts.topics import Installation
from shared.kit import clock, db, provision
from shared.kit.sql import queries

_SQL = queries("services.timer", "store.sql")
_ROWS = 1000
_TRIES = 10
_SINCE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cost:
    """Buffers (pages looked at, in memory or not) and microseconds for each deadline taken; buffers of an idle look."""

    buffers: float
    microseconds: float
    idle_buffers: int


async def cost(ground: Ground, deadlines: Deadlines, prefix: str) -> Cost:
    """Take a thousand that are due, again and again, and roll back; look for the next when none is due."""
    url = ground.postgres.dsn(
        user=provision.role_of("timer"), password=ground.passwords["timer"], database="postgres"
    )
    shards = list(range(Installation().order_partitions))
    connection = await db.connect(url, "timer", "bench")
    try:
        now = clock.real_now()
        idle = await _explained(connection, "next_due", shards, now, "")
        await deadlines.make_due(RECOURSE, prefix, _ROWS)
        now = clock.real_now()
        taken = [
            await _explained(connection, "fire_due", shards, _SINCE, "", now, now.isoformat(), _ROWS, None)
            for _ in range(_TRIES)
        ]
    finally:
        await connection.close()
    await deadlines.forget_due(RECOURSE)
    best = min(taken, key=lambda plan: float(plan["Execution Time"]))
    return Cost(
        min(_buffers(_take(plan["Plan"])) for plan in taken) / _ROWS,
        best["Execution Time"] * 1000 / _ROWS,
        _buffers(idle["Plan"]),
    )


async def _explained(connection: Any, name: str, *arguments: Any) -> Mapping[str, Any]:
    begun = connection.transaction()
    await begun.start()
    try:
        text = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {_SQL[name]}", *arguments)
    finally:
        await begun.rollback()
    plan: Mapping[str, Any] = json.loads(text)[0]
    return plan


def _take(plan: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find the node that takes the rows out of the table, with the look at the index below it."""
    return next(node for node in _nodes(plan) if node.get("Operation") == "Delete")


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _buffers(plan: Mapping[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])
