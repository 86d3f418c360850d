"""From where the outbox is read: all below was moved, and nothing can come there any more.

What was moved stays in the index while some old snapshot could still see it (a backup, a report), and whoever reads
from the beginning passes all of it. Positions are drawn before they are committed, so that a lower one may come after a
higher. But who draws one holds a lock on the table until the transaction ends: when all have ended that held one after
a position was drawn, nothing comes at or below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from shared.kit.packing import Row
from shared.kit.sql import queries

if TYPE_CHECKING:
    import asyncpg

_SQL = queries("shared.kit", "kit.sql")
_LOOK_EVERY_ROWS = 5000

Session: TypeAlias = "asyncpg.Connection[Any]"


class LowWaterMark:
    """Rises behind what is moved. `position` is the lowest that can still be there."""

    def __init__(self, look_every_rows: int = _LOOK_EVERY_ROWS) -> None:
        """`look_every_rows`: after how many rows moved it asks again; each time are two or three short queries."""
        self.position = 0
        self._look_every_rows = look_every_rows
        self._settled = 0
        self._drawn = 0
        self._writers: set[str] | None = None
        self._moved = look_every_rows

    async def look(self, session: Session) -> None:
        """See up to where everything has come, before the outbox is read. Asks now and then only."""
        if self._writers is None:
            if self._moved < self._look_every_rows:
                return
            self._moved = 0
            # In this order: who has a lock by then has drawn a higher one, or is among the writers.
            self._drawn = await session.fetchval(_SQL["outbox_drawn"])
            self._writers = await _writers(session)
        else:
            self._writers &= await _writers(session)
        if not self._writers:
            self._settled, self._writers = self._drawn, None

    def rise(self, rows: Sequence[Row]) -> None:
        """Take note of the lowest rows, which were read after the look."""
        lowest = self._settled + 1
        if rows:
            lowest = min(lowest, rows[0]["position"])
        self.position = max(self.position, lowest)
        self._moved += len(rows)


async def _writers(session: Session) -> set[str]:
    return {row["writer"] for row in await session.fetch(_SQL["outbox_writers"])}
