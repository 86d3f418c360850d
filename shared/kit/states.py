"""State rows: load many, save many, and the JSON of their bodies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from shared.kit.db import Connection
from shared.kit.errors import StaleStateError, UnwritableStateError
from shared.kit.heard import Heard, Row
from shared.kit.service import Key, Kind
from shared.kit.sql import queries

_SQL = queries("shared.kit", "kit.sql")


@cache
def _adapter(state: Any) -> TypeAdapter[Any]:
    return TypeAdapter(state)


def body_to_json(kind: Kind, state: Any) -> str | None:
    """Write a state as JSON; None (not yet heard of) stays None."""
    return None if state is None else _adapter(kind.state).dump_json(state).decode()


def body_from_json(kind: Kind, schema_version: int, body: str | None) -> Any:
    """Read a state, bringing one of an earlier release up to this one's schema."""
    if body is None:
        return None
    if schema_version <= len(kind.upcasts):
        found = json.loads(body)
        for upcast in kind.upcasts[schema_version - 1 :]:
            found = upcast(found)
        return _adapter(kind.state).validate_python(found)
    return _adapter(kind.state).validate_json(body)


def _body(kind: Kind, row: Row) -> str | None:
    try:
        return body_to_json(kind, row.state)
    except PydanticSerializationError as error:
        raise UnwritableStateError(row.key, str(error)) from error


class StateRows:
    """The table `state`, for one service's kinds."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self._rank = {kind.name: rank for rank, kind in enumerate(kinds)}
        for kind in kinds:
            _adapter(kind.state)  # a state that can't be written stops the process at its start

    def _in_lock_order(self, keys: Iterable[Key]) -> list[Key]:
        return sorted(set(keys), key=lambda key: (self._rank[key.kind], key.id))

    async def load(self, connection: Connection, keys: Iterable[Key]) -> dict[Key, Row]:
        """Lock and return a row for each key; one that does not exist yet has version 0 and no state."""
        wanted = self._in_lock_order(keys)
        rows = {key: Row(key) for key in wanted}
        if not wanted:
            return rows
        kinds, names = [key.kind for key in wanted], [key.id for key in wanted]
        for found in await connection.fetch(_SQL["load_states"], kinds, names):
            key = Key(found["kind"], found["key"])
            rows[key] = Row(
                key,
                found["version"],
                found["sequence"],
                Heard.from_json(found["heard"]),
                body_from_json(self._kinds[key.kind], found["schema_version"], found["body"]),
            )
        return rows

    async def save(self, connection: Connection, rows: Mapping[Key, Row]) -> None:
        """Write what changed.

        Raises StaleStateError when another process saved one of these rows first, and UnwritableStateError.
        """
        changed = [rows[key] for key in self._in_lock_order(rows) if rows[key].changed]
        if not changed:
            return
        kinds = [self._kinds[row.key.kind] for row in changed]
        tag = await connection.execute(
            _SQL["save_states"],
            [row.key.kind for row in changed],
            [row.key.id for row in changed],
            [row.version + 1 for row in changed],
            [row.sequence for row in changed],
            [len(kind.upcasts) + 1 for kind in kinds],
            [row.heard.to_json() for row in changed],
            [_body(kind, row) for kind, row in zip(kinds, changed, strict=True)],
        )
        saved = int(tag.rsplit(" ", 1)[1])
        if saved != len(changed):
            raise StaleStateError(
                f"{len(changed) - saved} of {len(changed)} rows were saved by another process first"
            )
