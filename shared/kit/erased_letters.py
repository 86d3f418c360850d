"""Two stages of an erasure: dead letters with the copies of them that were said, and records that wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.contracts.erasure import ERASED, Sides
from shared.kit import clock, outbox
from shared.kit.db import Connection
from shared.kit.erased_records import Mentions, blank, without
from shared.kit.held import record_of
from shared.kit.records import Record, headers_to_json
from shared.kit.service import Key, Service
from shared.kit.sql import queries
from shared.kit.states import body_from_json

_SQL = queries("shared.kit", "erasure.sql")


async def sides_of(connection: Connection, service: Service, keys: Sequence[str]) -> Mapping[str, Sides]:
    """Return the two sides of each main row that is known under these keys, as far as it knows them."""
    kind = service.kinds[0]
    found = {}
    for row in await connection.fetch(_SQL["bodies"], kind.name, sorted(set(keys))) if keys else ():
        key = Key(kind.name, row["key"])
        sides = service.sides_of(key, body_from_json(kind, row["schema_version"], row["body"]))
        if sides is not None:
            found[row["key"]] = sides
    return found


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter and what becomes of its record; `is_blank`: nobody can read it, so it goes whole."""

    row: Mapping[str, Any]
    record: Record
    after: Record
    is_blank: bool


class DeadLetters:
    """All of them, one after the other: only few can be read, and few say whose they are in a column."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def find(
        self, connection: Connection, _party_id: str, after: Sequence[str], limit: int
    ) -> list[tuple[list[str], Any]]:
        """Return the next ones, locked, each with its place in the stage."""
        rows = await connection.fetch(_SQL["dead_letters_after"], after[0] if after else "", limit)
        return [([row["dl_id"]], row) for row in rows]

    async def erase(self, connection: Connection, party_id: str, rows: Sequence[Any]) -> dict[str, int]:
        """Rewrite those that are the person's, here and where they were sent on."""
        records = [record_of(row) for row in rows]
        sides = await sides_of(connection, self._service, [record.text_key or "" for record in records])
        mentions = Mentions(party_id, await self._service.known_as(connection, party_id))
        found = [
            Letter(row, record, *after)
            for row, record in zip(rows, records, strict=True)
            if (after := self._after(record, party_id, sides.get(record.text_key or ""), mentions))
        ]
        if found:
            await self._write(connection, found)
        return {"dead_letters": len(found)}

    def _after(
        self, record: Record, party_id: str, sides: Sides | None, mentions: Mentions
    ) -> tuple[Record, bool] | None:
        readable = without(record, {party_id}, sides)
        if readable is not None:
            return None if readable is record else (readable, False)
        of_this_key = sides is not None and party_id in sides.ids
        if not of_this_key and not mentions.within(record):
            return None
        return blank(record, {party_id} | ({record.text_key or ""} if sides else set())), True

    async def _write(self, connection: Connection, letters: Sequence[Letter]) -> None:
        ids = [letter.row["dl_id"] for letter in letters]
        keys, values = [each.after.key for each in letters], [each.after.value for each in letters]
        headers = [headers_to_json(letter.after.headers) for letter in letters]
        blanks = [letter.is_blank for letter in letters]
        await connection.execute(
            _SQL["rewrite_dead_letters"], ids, keys, values, headers, blanks, clock.real_now()
        )
        copies = [
            outbox.dead_letter_row(
                self._service.name, each.after, each.row["dl_id"], each.row["rule"], each.row["message"]
            )
            for each in letters
        ]
        for table in ("rewrite_copies_to_send", "rewrite_copies_parked", "rewrite_copies_sent"):
            await connection.execute(_SQL[table], ids, keys, values, [copy.headers for copy in copies])


class Held:
    """Records that wait. What is in them is not in any state yet."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def find(
        self, connection: Connection, _party_id: str, after: Sequence[str], limit: int
    ) -> list[tuple[list[str], Any]]:
        """Return the next ones, each with its place in the stage."""
        rows = await connection.fetch(_SQL["held_after"], int(after[0]) if after else 0, limit)
        return [([str(row["id"])], row) for row in rows]

    async def erase(self, connection: Connection, party_id: str, rows: Sequence[Any]) -> dict[str, int]:
        """Rewrite those that are the person's. They keep their place, and their turn."""
        sides = await sides_of(connection, self._service, [row["key"] for row in rows])
        mentions = Mentions(party_id, await self._service.known_as(connection, party_id))
        found = []
        for row in rows:
            before = record_of(row)
            after = without(before, {party_id}, sides.get(row["key"]))
            if after is None:
                # Of a type that only a later release knows: its number counts, and its headers say it.
                after = before._replace(value=b"") if mentions.within(before) else before
            if after is not before:
                found.append((row, after))
        if found:
            await connection.execute(
                _SQL["rewrite_held"],
                [row["id"] for row, _ in found],
                [record.key for _, record in found],
                [record.value for _, record in found],
                [headers_to_json(record.headers) for _, record in found],
            )
            kinds, keys = [row["kind"] for row, _ in found], [row["key"] for row, _ in found]
            await connection.execute(_SQL["blank_errors"], kinds, keys, ERASED)
        return {"held": len(found)}
