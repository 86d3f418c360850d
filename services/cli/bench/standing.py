"""What stands in the tables after a round: one state for each order, in every service that keeps one."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from services.cli.bench.ground import Ground
from services.cli.bench.peers.plain import schema_of

KEEPERS = ("orders", "messaging", "claims", "performance")
"""Services that keep a state of each order that lives a whole life."""


async def what_stands_wrong(
    ground: Ground, services: Sequence[str], prefix: str, orders: int, *, plain: bool
) -> str | None:
    """Count the orders `prefix`-… in the tables of one side; None when each service has each of them, and no other."""
    connection = await asyncpg.connect(ground.postgres.admin_dsn)
    try:
        for service in services:
            schema = schema_of(service) if plain else service
            # A schema's name can't be a parameter. This one is ours: no text of anybody else's is in it.
            count = f"SELECT count(*) FROM \"{schema}\".state WHERE kind = 'order' AND starts_with(key, $1)"  # noqa: S608
            found = await connection.fetchval(count, f"{prefix}-")
            if found != orders:
                return f"{schema} keeps {found} orders, not {orders}"
    finally:
        await connection.close()
    return None
