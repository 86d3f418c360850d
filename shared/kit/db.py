"""The database: one pool a process, with every limit said, and one place that knows a broken connection."""

from __future__ import annotations

from typing import Any, TypeAlias

import asyncpg
from asyncpg.exceptions import InterfaceError, InternalClientError, PostgresConnectionError

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"
Pool: TypeAlias = "asyncpg.Pool[Any]"

STATEMENT_SECONDS_MAX = 20
LOCK_SECONDS_MAX = 10
IDLE_IN_TRANSACTION_SECONDS_MAX = 15
CONNECT_SECONDS_MAX = 5

_SESSION = {
    "statement_timeout": f"{STATEMENT_SECONDS_MAX}s",
    "lock_timeout": f"{LOCK_SECONDS_MAX}s",
    "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS_MAX}s",
    "synchronous_commit": "on",
    "timezone": "UTC",
    # Every query finds rows by key, however many there are. A plan made while a table was still empty would read
    # it whole for ever after, or collect and sort all that is due: so plans are made once, and only from indexes, in
    # their order.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}


async def connect_pool(
    url: str,
    service: str,
    size_max: int,
    connection_class: type[asyncpg.Connection[Any]] = asyncpg.Connection,
) -> Pool:
    """Open the service's pool. `url` names the role, whose search path is the service's schema and no other."""
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size_max,
        timeout=CONNECT_SECONDS_MAX,
        command_timeout=STATEMENT_SECONDS_MAX + 1,
        server_settings=_SESSION | {"application_name": f"recourse-{service}"},
        connection_class=connection_class,
        reset=_as_it_is,
    )


async def _as_it_is(_connection: Any) -> None:
    """Send nothing when a connection comes back: transactions leave no settings, cursors or locks of the session."""


async def connect(url: str, service: str, role: str, **settings: str) -> asyncpg.Connection[Any]:
    """Open one connection of its own, for a session that means something: the relay's lease, a listener."""
    return await asyncpg.connect(
        url,
        timeout=CONNECT_SECONDS_MAX,
        command_timeout=STATEMENT_SECONDS_MAX + 1,
        server_settings=_SESSION | settings | {"application_name": f"recourse-{service}-{role}"},
    )


def is_away(error: BaseException) -> bool:
    """Tell whether PostgreSQL was away, or busy: worth waiting for, nothing about the data.

    `InternalClientError` is in no documented family; asyncpg raises it when the server dies in mid-answer.
    """
    if isinstance(
        error, PostgresConnectionError | InternalClientError | InterfaceError | OSError | TimeoutError
    ):
        return not is_refused(error)
    if isinstance(error, asyncpg.PostgresError):
        # Classes 53 resources, 57 operator intervention, 58 system, 40 rolled back; 55P03 lock, 25P03 idle.
        state = str(error.sqlstate or "")
        return state[:2] in {"08", "40", "53", "57", "58"} or state in {"55P03", "25P03"}
    return False


def is_refused(error: BaseException) -> bool:
    """Tell whether PostgreSQL refused a value: a matter of one row, whatever batch it came in."""
    # asyncpg's own error for a value that it can't encode; the server's DataError is no InterfaceError.
    # COPY raises as it is what it met while it wrote a row: half of a surrogate pair.
    if isinstance(error, UnicodeEncodeError) or (
        isinstance(error, InterfaceError) and isinstance(error, ValueError)
    ):
        return True
    # Class 22 data exceptions, 23 constraints, 54 program limits (an index row too large).
    return isinstance(error, asyncpg.PostgresError) and str(error.sqlstate or "")[:2] in {"22", "23", "54"}
