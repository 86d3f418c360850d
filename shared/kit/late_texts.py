"""What comes late for people who are erased: it is erased as it comes, and nobody's text comes back to stay."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from shared.contracts.erasure import Sides, has_personal_fields, owners, sides_in
from shared.kit.db import Connection
from shared.kit.dead_letters import DeadLetter
from shared.kit.erased_letters import sides_of
from shared.kit.erased_records import blank, names_in
from shared.kit.erasure import erased_among
from shared.kit.fold import Item
from shared.kit.heard import Row
from shared.kit.service import Key, Service


async def people_gone(
    connection: Connection,
    service: Service,
    items: Sequence[Item],
    rows: Mapping[Key, Row],
    dead: list[DeadLetter],
) -> frozenset[str]:
    """Return who of all whose texts a batch brings is erased, and blank those dead letters that are theirs.

    Asks only where there is a text, or something unreadable; after the rows are locked, see `fence` in erasure.sql.
    """
    named = _owners(service, items, rows)
    letters = []
    for letter in dead:
        letters.append(names_in(letter.record))
        await asyncio.sleep(0)  # it may be large, and the relay's lease lives in the same loop
    keys = [letter.record.text_key or "" for letter in dead]
    sides = await sides_of(connection, service, keys)
    gone = await erased_among(connection, named.union(*letters, *(each.ids for each in sides.values())))
    for number, letter in enumerate(dead if gone else ()):
        known = sides.get(keys[number])
        if gone & (letters[number] | (known.ids if known else set())):
            kept = gone | ({keys[number]} if known else set())
            dead[number] = replace(letter, record=blank(letter.record, kept), is_erased=True)
    return gone


def _owners(service: Service, items: Sequence[Item], rows: Mapping[Key, Row]) -> set[str]:
    found: set[str] = set()
    said: dict[Key, Sides] | None = None
    for item in items:
        body = item.body
        if not has_personal_fields(type(body)):
            continue
        sides = sides_in(body) or service.sides_of(item.main, rows[item.main].state)
        if sides is None:
            # The order itself may come in the same batch, and is heard first.
            said = _said(items) if said is None else said
            sides = said.get(item.main)
        found |= owners(body, sides)
    return found


def _said(items: Sequence[Item]) -> dict[Key, Sides]:
    return {item.main: sides for item in items if (sides := sides_in(item.body))}
