"""What the service says: written with the state it follows from, sent by the relay. Nobody else sends."""

from __future__ import annotations

from collections.abc import Sequence
from json.encoder import encode_basestring as _text
from typing import NamedTuple

from shared.contracts.data import field_of
from shared.contracts.envelope import rfc_3339
from shared.contracts.topics import TOPICS
from shared.kit import ids
from shared.kit.db import Connection
from shared.kit.errors import TooLargeError
from shared.kit.records import Record, headers_to_json
from shared.kit.service import Message, Outgoing
from shared.kit.sql import queries

_SQL = queries("shared.kit", "kit.sql")


class Said(NamedTuple):
    """One message to send, with the message that caused it and its number on its topic."""

    outgoing: Outgoing
    cause: Message
    sequence: int | None


class Row(NamedTuple):
    """One row of the outbox, by the names that Debezium's event router knows."""

    id: str
    topic: str
    key: str | None
    type: str
    payload: bytes | None
    headers: str
    record_key: bytes | None = None


_COLUMNS = ("id", "aggregatetype", "aggregateid", "type", "payload", "headers", "record_key")


def row_of(service: str, said: Said) -> Row:
    """Put a message into its envelope. Raises TooLargeError when its topic would refuse it."""
    cause = said.cause.attributes
    return _row(service, said.outgoing, said.sequence, cause.id, cause.correlation_id)


def row_without_cause(service: str, outgoing: Outgoing, causation_id: str | None = None) -> Row:
    """Put a message into its envelope that no message of this batch caused (a timer's, a mail's)."""
    return _row(service, outgoing, None, causation_id, None)


def _row(
    service: str, out: Outgoing, sequence: int | None, causation: str | None, correlation: str | None
) -> Row:
    data = out.data
    payload = data.to_json()
    bytes_max = TOPICS[out.topic].bytes_max
    if len(payload) > bytes_max:
        raise TooLargeError(out.topic, out.key, len(payload), bytes_max)
    event_id = out.id or ids.fresh()
    order_id = field_of(data, "order_id") or correlation
    # Written by hand: each message has them, and all but the texts are known.
    headers = (
        f'[["ce_specversion","1.0"],["ce_id",{_text(event_id)}],["ce_source","/recourse/{service}"],'
        f'["ce_type","{data.TYPE}"],["ce_subject",{_text(out.key)}],'
        f'["ce_time","{rfc_3339(out.at)}"],["content-type","application/json"]'
        f"{_header('ce_correlationid', order_id)}{_header('ce_causationid', causation)}"
        f"{_header('ce_sequence', None if sequence is None else str(sequence))}]"
    )
    return Row(event_id, out.topic, out.key, data.TYPE, payload, headers)


def _header(name: str, value: str | None) -> str:
    return f',["{name}",{_text(value)}]' if value else ""


def dead_letter_row(service: str, record: Record, dl_id: str, rule: str, message: str) -> Row:
    """Send the record on as found, with its place and the reason beside its own headers."""
    place = record.place
    added = {
        "dl_id": dl_id,
        "dl_topic": place.topic,
        "dl_partition": str(place.partition),
        "dl_offset": str(place.offset),
        "dl_rule": rule,
        "dl_message": message,
    }
    headers = [*record.headers, *((name, value.encode()) for name, value in added.items())]
    topic = f"{service}.dead-letters"
    return Row(dl_id, topic, None, "dead-letter", record.value, headers_to_json(headers), record.key)


async def append(
    connection: Connection, service: str, rows: Sequence[Row], *, leads_here: bool = False
) -> None:
    """Append rows in the caller's transaction, in this order, and `wake` the relay."""
    if rows:
        await copy(connection, rows)
        await wake(connection, service, leads_here=leads_here)


async def copy(connection: Connection, rows: Sequence[Row]) -> None:
    """Append rows, however many, in this order."""
    if rows:
        await connection.copy_records_to_table("outbox", records=rows, columns=_COLUMNS)


def columns(rows: Sequence[Row]) -> Sequence[Sequence[object]]:
    """Return rows as one list a column."""
    return list(zip(*rows, strict=True)) or [()] * len(_COLUMNS)


async def wake(connection: Connection, service: str, *, leads_here: bool) -> None:
    """Wake the relay when this commits, in whichever process it runs; where it `leads_here`, the caller wakes it."""
    if not leads_here:
        await connection.execute(_SQL["wake_relay"], wake_channel(service))


def wake_channel(service: str) -> str:
    """Name the channel on which a commit wakes the service's relay (channels belong to the whole database)."""
    return f"recourse_{service}_outbox"
