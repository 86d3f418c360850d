"""Records that wait: for their order, for an earlier fact of their key, or for an operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.kit import clock
from shared.kit.db import Connection
from shared.kit.fold import Parked
from shared.kit.records import Record, headers_from_json, headers_to_json
from shared.kit.service import Key, Place
from shared.kit.sql import queries

_SQL = queries("shared.kit", "kit.sql")


@dataclass(frozen=True, slots=True)
class Held:
    """One record that waits: its id in the table, its key, why, and since when (real time)."""

    held_id: int
    key: Key
    why: str
    held_at: datetime
    record: Record


async def load_held(connection: Connection, keys: Sequence[Key]) -> list[Held]:
    """Return what waits for these keys, in order of arrival."""
    found = await connection.fetch(_SQL["load_held"], [key.kind for key in keys], [key.id for key in keys])
    return [
        Held(row["id"], Key(row["kind"], row["key"]), row["why"], row["held_at"], record_of(row))
        for row in found
    ]


def record_of(row: Mapping[str, object]) -> Record:
    """Read a record back from a table that keeps it as found."""
    place = Place(str(row["topic"]), int(str(row["partition"])), int(str(row["offset"])))
    key, value = row["record_key"], row["value"]
    headers = tuple(headers_from_json(str(row["headers"])))
    return Record(
        place,
        int(str(row["timestamp_ms"])),
        key if isinstance(key, bytes) else None,
        value if isinstance(value, bytes) else None,
        headers,
    )


async def hold(connection: Connection, waiting: Sequence[tuple[Key, str, Record]]) -> None:
    """Keep records back, each with the reason why (`order`, `gap`, `parked`)."""
    if not waiting:
        return
    await connection.execute(
        _SQL["hold_records"],
        [key.kind for key, _, _ in waiting],
        [key.id for key, _, _ in waiting],
        [why for _, why, _ in waiting],
        *record_columns([record for _, _, record in waiting]),
        clock.real_now(),
    )


def record_columns(records: Sequence[Record]) -> Sequence[Sequence[object]]:
    """Return records as columns: topic, partition, offset, timestamp, key, value, headers."""
    return [
        [record.place.topic for record in records],
        [record.place.partition for record in records],
        [record.place.offset for record in records],
        [record.timestamp_ms for record in records],
        [record.key for record in records],
        [record.value for record in records],
        [headers_to_json(record.headers) for record in records],
    ]


async def release(connection: Connection, held_ids: Sequence[int]) -> None:
    """Forget records that no longer wait."""
    if held_ids:
        await connection.execute(_SQL["release_held"], held_ids)


async def keep_holding(connection: Connection, waiting: Sequence[tuple[int, str]]) -> None:
    """Note that held records wait for another reason than before."""
    if waiting:
        await connection.execute(
            _SQL["keep_holding"], [held_id for held_id, _ in waiting], [why for _, why in waiting]
        )


async def park(connection: Connection, parked: Mapping[Key, Parked]) -> None:
    """List keys that wait for an operator, each with what happened and the record that it waits with."""
    if not parked:
        return
    places = [each.place for each in parked.values()]
    await connection.execute(
        _SQL["park_keys"],
        [key.kind for key in parked],
        [key.id for key in parked],
        [
            each.error.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
            for each in parked.values()
        ],
        clock.real_now(),
        [place.topic for place in places],
        [place.partition for place in places],
        [place.offset for place in places],
    )


async def unpark(connection: Connection, keys: Sequence[Key]) -> None:
    """Take keys off that list."""
    if keys:
        await connection.execute(_SQL["unpark_keys"], [key.kind for key in keys], [key.id for key in keys])
