"""The last stage of an erasure: rows that hold a person's texts, with all that was said of them, a row at a time whole.

A row and what was said of it change in one transaction, under the row's lock: what is said of it later is said from
the erased row, and its recorded history replays to it at any moment.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from shared.contracts.data import Data
from shared.contracts.erasure import ERASED, PERSONAL_TYPES, Sides, erased
from shared.contracts.messages import BY_TYPE
from shared.kit.db import Connection
from shared.kit.service import Key, Service
from shared.kit.sql import queries
from shared.kit.states import StateRows
from shared.kit.writing import write

_SQL = queries("shared.kit", "erasure.sql")
_TYPES = sorted(PERSONAL_TYPES)
_MESSAGES_AT_ONCE = 200
_QUEUES = (
    ("messages_to_send", "rewrite_messages_to_send"),
    ("messages_parked", "rewrite_messages_parked"),
)


class Rows:
    """The rows named in `texts`, by kind and key."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._states = StateRows(service.kinds)
        self._kinds = {kind.name: kind for kind in service.kinds}

    async def find(
        self, connection: Connection, party_id: str, after: Sequence[str], limit: int
    ) -> list[tuple[list[str], Any]]:
        """Return the next keys, each with its place in the stage."""
        kind, key = after or ("", "")
        rows = await connection.fetch(_SQL["texts_after"], party_id, kind, key, limit)
        return [([row["kind"], row["key"]], Key(row["kind"], row["key"])) for row in rows]

    async def erase(self, connection: Connection, party_id: str, keys: Sequence[Key]) -> dict[str, int]:
        """Rewrite the rows, what was said of them, and what the service keeps beside."""
        rows = await self._states.load(connection, [key for key in keys if key.kind in self._kinds])
        sides: dict[str, Sides | None] = {}
        for key, row in rows.items():
            if row.state is None:
                continue
            state = self._kinds[key.kind].erase(row.state, party_id)
            row.changed, row.state = state != row.state, state
            sides[key.id] = self._service.sides_of(key, state) or sides.get(key.id)
        await write(connection, self._states, rows, (), {})
        kinds, ids = [key.kind for key in keys], [key.id for key in keys]
        await connection.execute(_SQL["blank_errors"], kinds, ids, ERASED)
        return {
            "rows": sum(row.changed for row in rows.values()),
            "messages": await _erase_messages(connection, party_id, sorted(set(ids)), sides),
            "own": await self._service.erase(connection, party_id, keys),
        }


async def _erase_messages(
    connection: Connection, party_id: str, keys: Sequence[str], sides: Mapping[str, Sides | None]
) -> int:
    count = 0
    for messages, rewrite in _QUEUES:
        async for rows in _pieces(connection, messages, keys):
            found = _erased(rows, party_id, sides)
            positions, payloads = [row["position"] for row, _ in found], [data.to_json() for _, data in found]
            await connection.execute(_SQL[rewrite], positions, payloads)
            count += len(found)
    async for rows in _pieces(connection, "messages_sent", keys):
        found = _erased(rows, party_id, sides)
        await connection.execute(
            _SQL["rewrite_messages_sent"],
            [row["sent_on"] for row, _ in found],
            [row["aggregateid"] for row, _ in found],
            [row["position"] for row, _ in found],
            [data.to_json() for _, data in found],
        )
        count += len(found)
    return count


async def _pieces(connection: Connection, query: str, keys: Sequence[str]) -> AsyncIterator[list[Any]]:
    """Give the messages of these keys that may hold a text, so many at once."""
    cursor = await connection.cursor(_SQL[query], keys, _TYPES)
    while rows := await cursor.fetch(_MESSAGES_AT_ONCE):
        yield rows


def _erased(rows: Sequence[Any], party_id: str, sides: Mapping[str, Sides | None]) -> list[tuple[Any, Data]]:
    """Return the messages that hold something of the person's, without it."""
    found = []
    for row in rows:
        data: Data = BY_TYPE[row["type"]].__pydantic_validator__.validate_json(row["payload"])
        after = erased(data, {party_id}, sides.get(row["aggregateid"]))
        if after is not data:
            found.append((row, after))
    return found
