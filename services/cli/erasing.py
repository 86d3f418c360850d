"""Erasing a person: what is held of them, the wish, and what each service did (M6)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.cli.addresses import System
from services.cli.errors import not_reachable
from services.cli.operating import SOURCE
from services.cli.publishing import producer
from services.cli.reader import built, everywhere, kafka_away
from shared.contracts.accounts import PersonErased
from shared.contracts.envelope import Attributes, write_headers
from shared.contracts.topics import ACCOUNTS_EVENTS, TOPICS
from shared.kit import ids
from shared.kit.sql import queries

if TYPE_CHECKING:
    import asyncpg

SQL = queries("services.cli", "erasing.sql")
COUNTS = ("rows", "messages", "own", "held", "dead_letters")
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Held:
    """What a service holds of a person, as far as it can be seen without reading everything."""

    service: str
    rows: int
    held: int
    dead_letters: int
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class Erased:
    """What a service has erased: how many of each of `COUNTS`, and what it could not."""

    service: str
    counts: Mapping[str, int]
    failed: Sequence[str]


async def _asked(connection: asyncpg.Connection[Any]) -> Sequence[str]:
    """Name the services that have run here and are told of erasures."""
    return [each for each in await built(connection) if each in TOPICS[ACCOUNTS_EVENTS].readers]


async def holdings(connection: asyncpg.Connection[Any], party_id: str) -> Sequence[Held]:
    """Say what each service holds of a person."""
    query = everywhere(SQL["holdings"], await _asked(connection))
    return [Held(**dict(row)) for row in await connection.fetch(query, party_id)]


async def ask(system: System, party_id: str, at: datetime) -> str:
    """Say that a person is to be erased, as upstream accounts would; return the event's id. Raises CommandError."""
    from aiokafka.errors import KafkaError

    event_id = ids.fresh()
    body = PersonErased(party_id=party_id, at=at)
    attributes = Attributes(event_id, SOURCE, body.TYPE, subject=party_id, time=at)
    try:
        async with producer(system) as sending:
            await sending.send_and_wait(
                ACCOUNTS_EVENTS,
                value=body.to_json(),
                key=party_id.encode(),
                headers=write_headers(attributes),
            )
    except KafkaError as error:
        raise kafka_away(system, error) from error
    return event_id


async def wait(
    connection: asyncpg.Connection[Any],
    party_id: str,
    event_id: str,
    seconds_max: float,
    done: Callable[[int, int], None] = lambda _done, _all: None,
) -> Sequence[Erased]:
    """Return what every service did, once all have; `done` is told how many. Raises CommandError if it takes long."""
    services = await _asked(connection)
    query = everywhere(SQL["done"], services)
    give_up = time.monotonic() + seconds_max
    while True:
        rows = [row for row in await connection.fetch(query, party_id, event_id) if row["done_at"]]
        done(len(rows), len(services))
        if len(rows) == len(services):
            return [
                Erased(row["service"], {name: row[name] for name in COUNTS}, row["failed"]) for row in rows
            ]
        if time.monotonic() > give_up:
            waiting = sorted(set(services) - {row["service"] for row in rows})
            raise not_reachable(
                f"{', '.join(waiting)} did not finish within {seconds_max:.0f} s.",
                "the wish was sent, and is worked off as soon as these services read it.",
                "see that they run, and ask again what is left with `recourse erase` without --yes.",
            )
        await asyncio.sleep(_LOOK_SECONDS)
