"""Bugs to plant into the kit, so that it can be shown that the checks catch them. Test code only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from shared.kit.consumer import Consumer
from shared.kit.fold import Fold
from shared.kit.gate import Gate, Split
from shared.kit.records import Record
from shared.kit.tally import Partition
from shared.kit.unit import Unit


@contextmanager
def no_dedupe_by_key() -> Iterator[None]:
    """Every copy is applied again: numbers, command ids and event ids are not looked at."""

    def never(_self: Fold, _row: Any, _item: Any) -> bool:
        return False

    def next_always(_self: Fold, _row: Any, _item: Any) -> str:
        return "next"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Fold, "_is_copy", never)
        patch.setattr(Fold, "_arrival", next_always)
        yield


@contextmanager
def ack_on_error() -> Iterator[None]:
    """A batch that fails moves the offsets all the same, as a consumer does that acknowledges whatever happens."""
    right = Unit.apply

    async def wrong(self: Unit, records: Sequence[Record], expected: Mapping[Partition, int]) -> Any:
        try:
            return await right(self, records, expected)
        except Exception:
            await self._pool.executemany(
                "INSERT INTO offsets AS o (topic, partition, first_offset, next_offset) VALUES ($1, $2, $3, $4) "
                "ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset",
                [
                    (
                        topic,
                        partition,
                        offset,
                        max(r.place.offset + 1 for r in records if r.place.topic == topic),
                    )
                    for (topic, partition), offset in expected.items()
                ],
            )
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Unit, "apply", wrong)
        yield


@contextmanager
def no_gate() -> Iterator[None]:
    """Deadlines run as soon as they are read."""

    async def split(_self: Gate, groups: Mapping[Partition, list[Record]]) -> Split:
        return Split(dict(groups))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Gate, "split", split)
        yield


@contextmanager
def positions_not_verified() -> Iterator[None]:
    """Whatever a partition begins with is taken for what comes next."""

    async def verify(
        self: Consumer, groups: Mapping[Partition, list[Record]], _back: dict[Partition, int]
    ) -> Any:
        rows = {place: await self._positions._read(place) for place in groups}
        return groups, {place: row.next_offset if row else 0 for place, row in rows.items()}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Consumer, "_verify", verify)
        yield
