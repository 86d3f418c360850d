"""Lines of a file, numbered, whatever the chunks that they come in."""

from __future__ import annotations

import io

from services.cli.publishing import lines


class Drops(io.BytesIO):
    """Gives a few bytes at a time, as a pipe does."""

    def read1(self, _size: int | None = -1, /) -> bytes:
        return super().read1(3)


async def numbered(written: bytes) -> list[tuple[int, bytes]]:
    return [each async for each in lines(Drops(written), lambda _done: None)]


async def test_lines_are_numbered_from_one_and_empty_ones_count() -> None:
    assert await numbered(b"first\n\n  \nfourth\r\nfifth") == [(1, b"first"), (4, b"fourth"), (5, b"fifth")]


async def test_nothing_gives_no_line() -> None:
    assert await numbered(b"") == []
    assert await numbered(b"\n\n") == []


async def test_what_was_read_is_told() -> None:
    told: list[int] = []
    async for _ in lines(Drops(b"first\nsecond\n"), told.append):
        pass
    assert told[-1] == len(b"first\nsecond\n")
