"""From a record to a message, a dead letter, or something of no concern: each record on its own."""

from __future__ import annotations

from collections.abc import Callable

from shared.contracts.data import Data
from shared.contracts.envelope import Known, PassedOver, Unreadable, read
from shared.kit.records import Record

Decoded = Known | PassedOver | Unreadable
Decode = Callable[[Record], Decoded]


def decoder(check: Callable[[Data], Unreadable | None]) -> Decode:
    """Return a reader of records by the contract of their topic. It never raises: it says what is wrong, and why."""

    def decode(record: Record) -> Decoded:
        return read(record.place.topic, record.headers, record.value, check)

    return decode
