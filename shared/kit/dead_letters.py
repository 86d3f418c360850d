"""Dead letters: what could not be read, kept whole in the service's schema and sent on to its own topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.envelope import Unreadable
from shared.contracts.topics import TOPICS
from shared.kit import clock, ids
from shared.kit.db import Connection
from shared.kit.held import record_columns
from shared.kit.records import Record
from shared.kit.service import Key
from shared.kit.sql import queries

_SQL = queries("shared.kit", "kit.sql")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One unreadable record. `key` is set when it stands in the way of later facts of that key.

    `is_erased`: it was somebody's who is erased; where it stood, and why it could not be read, is all that is left.
    """

    record: Record
    rule: str
    message: str
    key: Key | None
    sequence: int | None
    is_erased: bool = False

    @classmethod
    def of(cls, record: Record, unreadable: Unreadable, main_kind: str) -> DeadLetter:
        """Judge what the unreadable record holds up: on a topic with sequences, its key."""
        text_key = record.text_key if TOPICS[record.place.topic].sequenced else None
        key = Key(main_kind, text_key) if text_key else None
        message = unreadable.message.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
        return cls(record, unreadable.rule, message, key, record.sequence)

    @property
    def dl_id(self) -> str:
        """The id of its place: the same record read again after a crash has the same."""
        place = self.record.place
        return ids.derived("dead letter", place.topic, str(place.partition), str(place.offset))


async def bury(connection: Connection, letters: Sequence[DeadLetter]) -> None:
    """Write dead letters down; ones already there (the same place read again) stay as they are."""
    if not letters:
        return
    topics, partitions, offsets, timestamps, keys, values, headers = record_columns(
        [each.record for each in letters]
    )
    await connection.execute(
        _SQL["bury"],
        [letter.dl_id for letter in letters],
        topics,
        partitions,
        offsets,
        timestamps,
        keys,
        values,
        headers,
        [letter.rule for letter in letters],
        clock.real_now(),
        [letter.message for letter in letters],
        [letter.key.kind if letter.key else None for letter in letters],
        [letter.key.id if letter.key else None for letter in letters],
        [int(letter.is_erased) for letter in letters],
    )
