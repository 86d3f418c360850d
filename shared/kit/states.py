"""State rows: load many, save many, and the JSON of their bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import accumulate
from typing import Any

import asyncpg
from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from shared.kit.db import Connection
from shared.kit.errors import StaleStateError, UnwritableStateError
from shared.kit.heard import Heard, Row
from shared.kit.service import Key, Kind
from shared.kit.shapes import reader
from shared.kit.sql import queries

_SQL = queries("shared.kit", "kit.sql")
_COLUMNS = ("kind", "key", "version", "sequence", "schema_version", "heard", "body")


@cache
def _adapter(state: Any) -> TypeAdapter[Any]:
    return TypeAdapter(state)


_reader = cache(reader)


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
        return _reader(kind.state).validate_python(found)
    return _reader(kind.state).validate_json(body)


# PostgreSQL keeps it in a text of JSON, and takes it for no text of its own: a query of it would fail ever after.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def _body(write: Callable[[Any], bytes], row: Row) -> str | None:
    if row.state is None:
        return None
    try:
        written = write(row.state)
    except PydanticSerializationError as error:
        raise UnwritableStateError(row.key, str(error)) from error
    if b"\\u0000" in written and _NUL.search(written):
        raise UnwritableStateError(row.key, "one of its texts has a NUL")
    return written.decode()


class StateRows:
    """The table `state`, for one service's kinds."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        # A state that can't be written stops the process at its start.
        self._writers = {kind.name: _adapter(kind.state).serializer.to_json for kind in kinds}

    def _in_lock_order(self, keys: Iterable[Key]) -> Mapping[str, Sequence[Key]]:
        """Sort the keys of each kind, the kinds as the service names them."""
        by_kind: dict[str, list[Key]] = {kind: [] for kind in self._kinds}
        for key in set(keys):
            by_kind[key.kind].append(key)
        return {kind: sorted(found) for kind, found in by_kind.items() if found}

    async def load(self, connection: Connection, keys: Iterable[Key]) -> dict[Key, Row]:
        """Lock and return a row for each key, in the order of their locks.

        One that does not exist yet has version 0 and no state.
        """
        by_kind = self._in_lock_order(keys)
        wanted = [key for same_kind in by_kind.values() for key in same_kind]
        if not wanted:
            return {}
        lasts = list(accumulate(len(same_kind) for same_kind in by_kind.values()))
        firsts = [1, *(last + 1 for last in lasts[:-1])]
        names = [key.id for key in wanted]
        there = {}
        for found in await connection.fetch(_SQL["load_states"], list(by_kind), names, firsts, lasts):
            key = Key(found["kind"], found["key"])
            there[key] = Row(
                key,
                found["version"],
                found["sequence"],
                Heard.from_json(found["heard"]),
                body_from_json(self._kinds[key.kind], found["schema_version"], found["body"]),
            )
        return {key: there.get(key) or Row(key) for key in wanted}

    def columns(self, rows: Sequence[Row]) -> Sequence[Sequence[object]]:
        """Return what these rows become, one list a column. Raises UnwritableStateError."""
        return list(zip(*(self._record(row) for row in rows), strict=True)) or [()] * len(_COLUMNS)

    def _record(self, row: Row) -> tuple[object, ...]:
        return (
            row.key.kind,
            row.key.id,
            row.version + 1,
            row.sequence,
            len(self._kinds[row.key.kind].upcasts) + 1,
            row.heard.to_json(),
            _body(self._writers[row.key.kind], row),
        )

    async def copy(self, connection: Connection, new: Sequence[Row]) -> None:
        """Copy in rows that are new. Raises StaleStateError when another process made one first."""
        if not new:
            return
        records = [self._record(row) for row in new]
        try:
            await connection.copy_records_to_table("state", records=records, columns=_COLUMNS)
        except asyncpg.UniqueViolationError as error:
            raise StaleStateError("a row that is new here was made by another process first") from error
