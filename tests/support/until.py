"""Waiting for a fact, with a deadline. A test that needs a sleep instead does not know what it waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")

_LOOK_SECONDS = 0.01


async def until(look: Callable[[], Awaitable[Found]], what: str, seconds_max: float = 20) -> Found:
    """Look until there is something (not None, not false, not empty), and return it."""
    found: Found | None = None
    try:
        async with asyncio.timeout(seconds_max):
            while True:
                found = await look()
                if found:
                    return found
                await asyncio.sleep(_LOOK_SECONDS)
    except TimeoutError:
        raise AssertionError(f"{what}: not within {seconds_max:g} s; last seen: {found!r}") from None
