from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from services.cli.checks.merging import merged


async def stream(*keys: str) -> AsyncIterator[dict[str, Any]]:
    for number, key in enumerate(keys):
        yield {"key": key, "number": number}


async def walked(*streams: AsyncIterator[Any]) -> list[tuple[str, Sequence[int]]]:
    return [(key, [len(rows) for rows in found]) async for key, found in merged(*streams)]


async def test_streams_are_walked_side_by_side_key_by_key() -> None:
    assert await walked(stream("a", "b", "b", "d"), stream("b", "c")) == [
        ("a", [1, 0]),
        ("b", [2, 1]),
        ("c", [0, 1]),
        ("d", [1, 0]),
    ]


async def test_the_order_is_that_of_the_bytes_as_in_the_database() -> None:
    keys = sorted(["order-1", "Order-1", "é", "茶", "order-10", "order-2"], key=str.encode)
    assert [key async for key, _ in merged(stream(*keys), stream(*keys))] == keys


async def test_streams_of_nothing_give_nothing() -> None:
    assert await walked(stream(), stream()) == []
    assert await walked() == []
