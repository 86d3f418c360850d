"""What became of the records of each partition: the numbers beside its offset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.kit.fold import Verdict
from shared.kit.records import Record

Partition = tuple[str, int]
"""A topic and the number of one of its partitions."""


@dataclass(slots=True)
class PartitionTally:
    """One partition's part of a batch: its last record, and how many records met each fate."""

    expected: int
    next_offset: int = field(init=False)
    """The offset after the last record."""
    last: Record | None = None
    records: int = 0
    holes: int = 0
    verdicts: dict[Verdict, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.next_offset = self.expected

    def add(self, record: Record) -> None:
        """Count a record, and the offsets before it that no record has (markers of transactions)."""
        offset = record.place.offset
        self.holes += offset - self.next_offset
        self.next_offset = offset + 1
        self.records += 1
        self.last = record


def by_partition(records: Iterable[Record]) -> dict[Partition, list[Record]]:
    """Group records by partition, each group in the order in which Kafka delivered it."""
    groups: dict[Partition, list[Record]] = {}
    for record in records:
        groups.setdefault((record.place.topic, record.place.partition), []).append(record)
    return groups


def offset_columns(tallies: Mapping[Partition, PartitionTally]) -> Sequence[Sequence[object]]:
    """Return the parameters of the query that moves the offsets, one list a column."""
    moved = [(place, tally, tally.last) for place, tally in sorted(tallies.items()) if tally.last]
    return [
        [place[0] for place, _, _ in moved],
        [place[1] for place, _, _ in moved],
        [tally.next_offset for _, tally, _ in moved],
        [last.place.offset for _, _, last in moved],
        [last.timestamp_ms for _, _, last in moved],
        [last.fingerprint for _, _, last in moved],
        [tally.records for _, tally, _ in moved],
        *([tally.verdicts.get(verdict, 0) for _, tally, _ in moved] for verdict in Verdict),
        [tally.holes for _, tally, _ in moved],
    ]
