"""A Kafka record as the kit keeps it: whole, as found, so that it can be held, buried, and read again."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from pydantic_core import from_json

from shared.contracts.data import ID_CHARACTERS_MAX, INTEGER_MAX
from shared.kit.service import Place

Headers = Sequence[tuple[str, bytes | None]]


class ConsumerRecord(Protocol):
    """What the kit takes from the client library's record."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Record(NamedTuple):
    """Place, Kafka's own timestamp (milliseconds), key, value and headers, all as found."""

    place: Place
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @classmethod
    def of(cls, found: ConsumerRecord) -> Record:
        """Take over a record of the client library."""
        place = Place(found.topic, found.partition, found.offset)
        return cls(place, found.timestamp, found.key, found.value, tuple(found.headers))

    @property
    def fingerprint(self) -> bytes:
        """A hash of all that Kafka keeps of it: another record at the same offset has another."""
        digest = hashlib.blake2b(digest_size=16)
        for part in (
            self.key,
            self.value,
            *(part for name, value in self.headers for part in (name.encode(), value)),
        ):
            digest.update(b"\x00" if part is None else b"\x01%d\x00" % len(part) + part)
        return digest.digest()

    @property
    def text_key(self) -> str | None:
        """The key as text, if it is an id that the tables can hold."""
        try:
            text = self.key.decode() if self.key else None
        except UnicodeDecodeError:
            return None
        return text if text and "\x00" not in text and len(text) <= ID_CHARACTERS_MAX else None

    def header(self, name: str) -> bytes | None:
        """Return the first header of that name."""
        return next((value for given, value in self.headers if given == name), None)

    @property
    def sequence(self) -> int | None:
        """The number among the facts of its key, as far as it can be read."""
        digits = self.header("ce_sequence") or b""
        return int(digits) if digits.isdigit() and len(digits) < len(str(INTEGER_MAX)) else None


def _plain(value: bytes) -> str | None:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def headers_to_json(headers: Headers) -> str:
    """Write headers as JSON: text as it is, other bytes as base64, so that any header can be kept and sent on."""
    pairs: list[list[Any]] = []
    for name, value in headers:
        safe_name = name.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
        plain = None if value is None else _plain(value)
        bytes_or_none = None if value is None else {"base64": base64.b64encode(value).decode()}
        pairs.append([safe_name, plain if plain is not None else bytes_or_none])
    return json.dumps(pairs, ensure_ascii=False, separators=(",", ":"))


def headers_from_json(text: str) -> list[tuple[str, bytes | None]]:
    """Read back what `headers_to_json` wrote."""
    return [(name, kept.encode() if type(kept) is str else _value(kept)) for name, kept in from_json(text)]


def _value(kept: dict[str, str] | None) -> bytes | None:
    return None if kept is None else base64.b64decode(kept["base64"])
