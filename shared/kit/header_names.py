"""Header names that are not UTF-8: Kafka takes them, but its client fails on the whole batch, again and again.

One such record would stop its reader for good. So where the client fails, its slower parser in Python reads the rest
of the batch, with names in which the odd bytes are written as escapes. The record itself is then judged like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy


def tolerate() -> None:
    """Let every consumer of this process read such records."""
    fetcher.MemoryRecords = _Records


class _Records(_MemoryRecordsPy):  # type: ignore[misc]  # untyped upstream
    """The batches of a fetched partition."""

    def next_batch(self) -> Any:
        """Return the next batch, parsed by the quick parser as far as that can."""
        found = self._next_slice
        batch = super().next_batch()
        return batch if batch is None else _Batch(batch, found)


class _Batch:
    """A batch that is whatever the quick parser's is, but for what happens when that fails on a name."""

    def __init__(self, quick: Any, found: memoryview) -> None:
        self._quick = quick
        self._found = found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._quick, name)

    def __next__(self) -> Any:
        return next(self._quick)

    def __iter__(self) -> Iterator[Any]:
        last_offset = -1
        try:
            for record in self._quick:
                last_offset = record.offset
                yield record
        except UnicodeDecodeError:
            yield from (record for record in _Patient(self._found) if record.offset > last_offset)


class _Patient(_DefaultRecordBatchPy):  # type: ignore[misc]  # untyped upstream
    """The parser in Python, over bytes that can always be decoded."""

    _buffer: Any

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer = _Decodable(self._buffer)


class _Decodable(bytearray):
    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _Decodable(found) if isinstance(found, bytearray) else found

    def decode(self, encoding: str = "utf-8", _errors: str = "strict") -> str:
        return super().decode(encoding, "backslashreplace")
