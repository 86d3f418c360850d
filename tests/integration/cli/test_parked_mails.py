"""What `recourse deadletters list` shows of mails (N3)."""

from __future__ import annotations

from typing import Any, TypeAlias

import asyncpg

from services.cli.letters import find, letters, records

Connection: TypeAlias = "asyncpg.Connection[Any]"


async def park(connection: Connection, status: str = "parked") -> str:
    notification_id = await connection.fetchval(
        "UPDATE notifications.mails SET status = $1, attempts = 50, last_error = '550 no such person',"
        " parked_at = now() WHERE notification_id = (SELECT notification_id FROM notifications.mails LIMIT 1)"
        " RETURNING notification_id",
        status,
    )
    return f"mail/{notification_id}"


async def test_a_parked_mail_stands_among_what_waits_for_an_operator(spoilable: Connection) -> None:
    assert await letters(spoilable) == []
    name = await park(spoilable)
    (letter,) = await letters(spoilable)
    assert (letter.service, letter.what, letter.id, letter.status) == (
        "notifications",
        "parked mail",
        name,
        "open",
    )
    assert letter.is_key  # an operator's command names it so
    assert letter.place.startswith("order order-")
    assert "after 50 tries: 550 no such person" in letter.message
    assert await records(spoilable, await find(spoilable, name, None)) == []


async def test_one_that_was_skipped_is_only_among_all(spoilable: Connection) -> None:
    name = await park(spoilable, "skipped")
    assert await letters(spoilable) == []
    assert [(letter.id, letter.status) for letter in await letters(spoilable, settled=True)] == [
        (name, "skipped")
    ]
