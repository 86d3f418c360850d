"""Is this still the log that we were reading? Asked whenever a partition's next record is not the one expected.

Without this, the records of a topic that was re-made would be dropped as seen, silently: their offsets lie below
the position that was kept for the old one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import asyncpg

from shared.kit import logs
from shared.kit.db import Pool
from shared.kit.errors import LogIsAnotherError
from shared.kit.records import Record
from shared.kit.sql import queries
from shared.kit.tally import Partition

_SQL = queries("shared.kit", "kit.sql")
_log = logs.logger()


class Log(Protocol):
    """What a log can be asked (see Lookup)."""

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        """Return the first offset that the log still has, and the one that its next record will have."""

    async def record(self, partition: Partition, offset: int) -> Record | None:
        """Return the first record at or after an offset, or None when none comes in time."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A partition's offset row: the next offset, and the fingerprint of the last record applied."""

    next_offset: int
    last_offset: int | None
    last_timestamp_ms: int | None
    last_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Rewind:
    """Records before these were not applied: read again from here."""

    offset: int


class Positions:
    """Where each assigned partition stands, verified against its log."""

    def __init__(self, pool: Pool, log: Log) -> None:
        self._pool = pool
        self._log = log
        self._expected: dict[Partition, int] = {}

    def forget(self, partitions: Sequence[Partition] | None = None) -> None:
        """Verify these partitions anew at their next record: they were assigned again, or another process moved."""
        for partition in list(self._expected) if partitions is None else partitions:
            self._expected.pop(partition, None)

    def advance(self, partition: Partition, next_offset: int) -> None:
        """Note what was applied."""
        self._expected[partition] = next_offset

    async def verify(self, partition: Partition, first: Record) -> int | Rewind:
        """Return where the partition stands, or from where to read again. Raises LogIsAnotherError."""
        expected = self._expected.get(partition)
        if expected == first.place.offset:
            return expected
        applied = await self._read(partition)
        begin, end = await self._log.bounds(partition)
        if applied is None:
            stands_at = min(begin, first.place.offset)
        else:
            await self._compare(partition, applied, begin, end)
            stands_at = applied.next_offset
        if first.place.offset > stands_at and await self._is_behind(partition, stands_at, first):
            return Rewind(stands_at)
        self._expected[partition] = stands_at
        return stands_at

    async def _is_behind(self, partition: Partition, stands_at: int, first: Record) -> bool:
        """Tell records that were never read (Kafka's idea of our position was ahead) from a transaction's marker."""
        return (await self._found(partition, stands_at)).place.offset < first.place.offset

    async def _found(self, partition: Partition, offset: int) -> Record:
        found = await self._log.record(partition, offset)
        if found is None:
            raise TimeoutError(f"{partition[0]}[{partition[1]}]: the record at {offset} did not come")
        return found

    async def _read(self, partition: Partition) -> Applied | None:
        row: asyncpg.Record | None = await self._pool.fetchrow(_SQL["read_offset"], *partition)
        return Applied(**dict(row)) if row is not None else None

    async def _compare(self, partition: Partition, applied: Applied, begin: int, end: int) -> None:
        if end < applied.next_offset:
            raise LogIsAnotherError(
                *partition, f"its log ends at {end}, and {applied.next_offset} records of it were applied"
            )
        if begin > applied.next_offset:
            raise LogIsAnotherError(
                *partition,
                f"its log starts at {begin}, and the records from {applied.next_offset} on were never applied",
            )
        if applied.last_offset is None:
            return
        if begin > applied.last_offset:
            _log.warning(
                logs.Event.LAST_RECORD_EXPIRED, topic=partition[0], partition=partition[1], log_start=begin
            )
            return
        found = await self._found(partition, applied.last_offset)
        if found.place.offset != applied.last_offset:
            raise LogIsAnotherError(
                *partition, f"it has no record at {applied.last_offset}, which was the last one applied"
            )
        if (found.timestamp_ms, found.fingerprint) != (applied.last_timestamp_ms, applied.last_hash):
            raise LogIsAnotherError(
                *partition, f"its record at {applied.last_offset} is not the one that was applied from there"
            )
