"""Histories from a running system: what its services said, read by the read-only role, in one snapshot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from services.cli.backtest.recorded import SPEAKERS, History, Told
from services.cli.checks.merging import merged
from shared.contracts import timer
from shared.contracts.messages import BY_TYPE
from shared.kit.sql import queries

if TYPE_CHECKING:
    import asyncpg

SQL = queries("services.cli.backtest", "backtest.sql")
_PREFETCH = 2000


async def count(connection: asyncpg.Connection[Any]) -> int:
    """Say on how many orders claims were filed."""
    return int(await connection.fetchval(SQL["orders_claimed"]))


async def recorded(connection: asyncpg.Connection[Any], services: Sequence[str]) -> AsyncIterator[History]:
    """Give the history of every order on which a claim was filed. Needs a transaction."""
    speakers = [speaker for speaker in SPEAKERS.values() if speaker in services]
    streams = [_rows(connection, "told", speaker) for speaker in speakers]
    if "timer" in services:
        streams.append(_rows(connection, "fired", "timer"))
    async for order_id, groups in merged(*streams):
        told = [
            _told(speaker, row)
            for speaker, rows in zip(speakers, groups, strict=False)
            for row in rows
            if row["type"] in BY_TYPE
        ]
        fired = groups[len(speakers)] if "timer" in services else ()
        yield History(order_id, told, dict(_fired(row) for row in fired))


async def _rows(
    connection: asyncpg.Connection[Any], query: str, service: str
) -> AsyncIterator[asyncpg.Record]:
    async for row in connection.cursor(SQL[query].format(service=service), prefetch=_PREFETCH):
        yield row


def _told(service: str, row: asyncpg.Record) -> Told:
    return Told(
        service=service,
        position=row["position"],
        id=row["id"],
        at=row["at"],
        read_at=row["read_at"],
        causation_id=row["causation_id"],
        data=BY_TYPE[row["type"]].__pydantic_validator__.validate_json(row["payload"]),
    )


def _fired(row: asyncpg.Record) -> tuple[str, Any]:
    expired: timer.DeadlineExpired = timer.DeadlineExpired.__pydantic_validator__.validate_json(
        row["payload"]
    )
    return expired.timer_id, expired.fired_at
