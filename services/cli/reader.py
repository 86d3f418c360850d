"""Looking into a running system: its database by the read-only role, its Kafka by a consumer without a group."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from services.cli.addresses import System
from services.cli.errors import CommandError, not_reachable
from shared.kit.sql import queries

if TYPE_CHECKING:
    import asyncpg

    from shared.kit.lookup import Lookup

BUILT = ("orders", "messaging", "claims", "timer", "notifications", "performance")
"""The services whose tables are looked at, if they have run."""

SQL = queries("services.cli", "reader.sql")
CONNECT_SECONDS_MAX = 5
STATEMENT_SECONDS_MAX = 120


@asynccontextmanager
async def database(system: System) -> AsyncIterator[asyncpg.Connection[Any]]:
    """Give a connection that can read every schema, and closes with the block. Raises CommandError."""
    import asyncpg

    try:
        connection = await asyncpg.connect(
            system.database_url,
            timeout=CONNECT_SECONDS_MAX,
            command_timeout=STATEMENT_SECONDS_MAX,
            server_settings={"application_name": "recourse-cli", "timezone": "UTC", "jit": "off"},
        )
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        host = urlsplit(system.database_url)
        raise _away(f"The database at {host.hostname}:{host.port}", error) from error
    try:
        yield connection
    finally:
        await connection.close(timeout=CONNECT_SECONDS_MAX)


async def built(connection: asyncpg.Connection[Any]) -> Sequence[str]:
    """Name the services that have run here, in the order of the path. Raises CommandError when none has."""
    rows = await connection.fetch(SQL["schemas"], list(BUILT))
    found = {row["service"] for row in rows}
    if not found:
        raise not_reachable(
            "No service has run in this database.",
            "none of its schemas has the tables of a service.",
            "see that the ready file is that of a system which is ready.",
        )
    return [service for service in BUILT if service in found]


def everywhere(query: str, services: Sequence[str]) -> str:
    """Put one query to several services at once. Their names are schemas, from a closed list."""
    return "\nUNION ALL\n".join(f"({query.format(service=service)})" for service in services)


@asynccontextmanager
async def logs(system: System) -> AsyncIterator[Lookup]:
    """Give look-ups into Kafka's logs. Raises CommandError."""
    from aiokafka.errors import KafkaError

    from shared.kit.lookup import Lookup

    lookup = Lookup(system.kafka)
    try:
        try:
            await lookup.start()
        except (KafkaError, OSError) as error:
            raise kafka_away(system, error) from error
        yield lookup
    finally:
        await lookup.stop()


def kafka_away(system: System, error: BaseException) -> CommandError:
    """Say that Kafka does not answer."""
    return _away(f"Kafka at {system.kafka}", error)


def _away(what: str, error: BaseException) -> CommandError:
    return not_reachable(
        f"{what} does not answer.",
        f"{type(error).__name__}: {error}",
        "see that the system runs (`recourse up`) and that its ready file is the right one.",
    )
