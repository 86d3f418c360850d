"""Records as Kafka gave them, without the data of people who are erased: dead letters, and what waits.

What can be read is written anew without their texts. What nobody can read goes whole if it may be theirs: its place
and the reason stay.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from shared.contracts.data import ID_CHARACTERS_MAX, Data
from shared.contracts.envelope import Attributes, Known, read, write_headers
from shared.contracts.erasure import Sides, erased
from shared.kit.records import Record

_STRINGS_MAX = 1000
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.){1,%d})"' % (6 * ID_CHARACTERS_MAX))
_CHARACTERS_MIN = 4
"""What is shorter is also a part of too much else."""


def rewritten(record: Record, attributes: Attributes, data: Data) -> Record:
    """Return a record that says the same of `data`, in binary mode, and nothing else that was in it."""
    return record._replace(value=data.to_json(), headers=tuple(write_headers(attributes)))


def without(record: Record, gone: Collection[str], sides: Sides | None) -> Record | None:
    """Return a readable record without these people's texts, the same object if it has none; None: unreadable."""
    found = read(record.place.topic, record.headers, record.value)
    if not isinstance(found, Known):
        return None
    data = erased(found.data, gone, sides)
    return record if data is found.data else rewritten(record, found.attributes, data)


def blank(record: Record, known_keys: Collection[str]) -> Record:
    """Return what is left of a record that nobody can read: its place, and its key if that is an id we know."""
    key = record.key if record.text_key in known_keys else None
    return record._replace(key=key, value=b"", headers=())


def names_in(record: Record) -> set[str]:
    """Return what may be ids in a record that can't be read: its key, its headers, what stands in quotes."""
    found = {record.text_key} if record.text_key else set()
    for text in _texts(record):
        if len(found) >= _STRINGS_MAX:
            break
        if 0 < len(text) <= ID_CHARACTERS_MAX and "\x00" not in text:
            found.add(text)
    return found


def _texts(record: Record) -> Iterator[str]:
    for _, value in record.headers:
        yield from () if value is None else (value.decode("utf-8", "replace"),)
    for quoted in _QUOTED.finditer(record.value or b""):
        try:
            yield str(json.loads(quoted.group().decode()))
        except ValueError:
            yield quoted.group(1).decode("utf-8", "replace")


class Mentions:
    """Finds a person in bytes, by their id and by what they are called."""

    def __init__(self, party_id: str, names: Sequence[str]) -> None:
        self._id = party_id.encode("utf-8", "replace")
        # A short id, such as 7, is also a number: it counts where it stands in quotes.
        is_short = len(party_id) < _CHARACTERS_MIN
        ids = [b'"' + re.escape(form) + b'"' if is_short else _whole(form) for form in _forms(party_id)]
        called = [_whole(form) for name in names if len(name) >= _CHARACTERS_MIN for form in _forms(name)]
        self._needles = re.compile(b"|".join([*ids, *called]))

    def within(self, record: Record) -> bool:
        """Tell whether the key, a header or the value names the person."""
        parts = (record.key, record.value, *(value for _, value in record.headers))
        return any(
            part is not None and (part == self._id or self._needles.search(part) is not None)
            for part in parts
        )


def _forms(name: str) -> Iterable[bytes]:
    """Give a name as it may stand in bytes: plain, and as JSON writes it, what is not ASCII escaped or not."""
    written = {json.dumps(name)[1:-1], json.dumps(name, ensure_ascii=False)[1:-1]}
    return {each.encode("utf-8", "replace") for each in {name, *written}}


def _whole(form: bytes) -> bytes:
    """Match it as a whole: buyer-1 is not in buyer-12."""
    return rb"(?<![\w-])" + re.escape(form) + rb"(?![\w-])"
