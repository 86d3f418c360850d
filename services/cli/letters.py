"""Dead letters, parked keys and mails of all services: read by the read-only role, settled by commands to them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.cli.errors import not_found, usage
from services.cli.reader import built, everywhere
from shared.kit.sql import queries

if TYPE_CHECKING:
    import asyncpg

SQL = queries("services.cli", "letters.sql")
_VALUE_CHARACTERS_MAX = 4000


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter (`topic` is set), one parked key, or one parked mail (`order_id` is set).

    `since` is real time; `waiting` counts what is behind a parked key.
    """

    service: str
    what: str
    id: str
    topic: str | None
    partition: int | None
    offset: int | None
    since: datetime
    rule: str
    message: str
    status: str
    waiting: int
    order_id: str | None = None

    @property
    def is_key(self) -> bool:
        """Whether it is named by a key, as what is parked is."""
        return self.topic is None

    @property
    def place(self) -> str:
        """Where it stands in Kafka, or what waits behind it."""
        if self.order_id is not None:
            return f"order {self.order_id}"
        return (
            f"{self.waiting} records wait" if self.is_key else f"{self.topic}[{self.partition}] {self.offset}"
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was found; bytes that are no text are shown by their numbers."""

    place: str
    key: str | None
    headers: Sequence[tuple[str, Any]]
    value: str | None
    bytes: int


async def letters(connection: asyncpg.Connection[Any], *, settled: bool = False) -> Sequence[Letter]:
    """Return what waits for an operator, the latest first."""
    services = await built(connection)
    query = everywhere(SQL["letters"], services)
    if "notifications" in services and await connection.fetchval(SQL["has_parked_mails"]):
        query += f"\nUNION ALL\n({SQL['parked_mails']})"
    rows = await connection.fetch(query, settled)
    return sorted((Letter(**dict(row)) for row in rows), key=lambda letter: letter.since, reverse=True)


async def find(connection: asyncpg.Connection[Any], letter_id: str, service: str | None) -> Letter:
    """Return the one that an id names. Raises CommandError when none does, or those of two services."""
    found = [
        letter
        for letter in await letters(connection, settled=True)
        if letter.id == letter_id and service in {None, letter.service}
    ]
    if not found:
        raise not_found(
            f"There is no dead letter, parked key or parked mail {letter_id}.",
            "no service has it.",
            "see them with `recourse deadletters list`.",
        )
    if len(found) > 1:
        names = ", ".join(letter.service for letter in found)
        raise usage(
            f"{letter_id} is parked at {names}.", "each is settled on its own.", "say which with --service."
        )
    return found[0]


async def records(connection: asyncpg.Connection[Any], letter: Letter) -> Sequence[Record]:
    """Return the record of a dead letter, or the first of those that wait behind a parked key; a mail has none."""
    if letter.order_id is not None:
        return []
    if not letter.is_key:
        row = await connection.fetchrow(SQL["record"].format(service=letter.service), letter.id)
        return [_record(row, letter.place)] if row else []
    kind, _, key = letter.id.partition("/")
    rows = await connection.fetch(SQL["held_records"].format(service=letter.service), kind, key)
    return [_record(row, f"{row['topic']}[{row['partition']}] {row['offset']}") for row in rows]


def _record(row: asyncpg.Record, place: str) -> Record:
    value = row["value"]
    return Record(
        place,
        _shown(row["record_key"]),
        [(name, content) for name, content in json.loads(row["headers"])],
        _shown(value),
        len(value or b""),
    )


def _shown(found: bytes | None) -> str | None:
    if found is None:
        return None
    text = found.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
    return text if len(text) <= _VALUE_CHARACTERS_MAX else f"{text[:_VALUE_CHARACTERS_MAX]}…"
