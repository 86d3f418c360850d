"""Walking through sorted streams side by side, without holding any of them whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any


class Groups:
    """A stream of rows sorted by `key`, taken a key at a time."""

    def __init__(self, rows: AsyncIterator[Any]) -> None:
        self._rows = rows
        self._next: Any = None
        self._has_begun = False

    async def peek(self) -> str | None:
        """Return the next key; None at the end."""
        if not self._has_begun:
            self._has_begun = True
            self._next = await anext(self._rows, None)
        return None if self._next is None else str(self._next["key"])

    async def take(self, key: str) -> list[Any]:
        """Return the rows of a key, if it is the next."""
        found = []
        while await self.peek() == key:
            found.append(self._next)
            self._next = await anext(self._rows, None)
        return found


async def merged(*streams: AsyncIterator[Any]) -> AsyncIterator[tuple[str, list[list[Any]]]]:
    """Give each key that any stream has, with its rows in every stream."""
    groups = [Groups(stream) for stream in streams]
    while True:
        keys = [key for group in groups if (key := await group.peek()) is not None]
        if not keys:
            return
        key = min(keys)
        yield key, [await group.take(key) for group in groups]
