"""Reading is total: whatever the bytes are, it answers; what it can read, it can write and read again."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.envelope import Known, PassedOver, Read, Unreadable, read, write_headers
from shared.contracts.examples import event
from shared.contracts.topics import TOPICS
from tests.contracts.records import EVENT_TYPE, TYPES, binary, topic_of

SECRET = "SECRET7f"
TOPIC = st.sampled_from([*TOPICS, "unheard.of"])
NAMES = [
    "ce_specversion",
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_time",
    "ce_subject",
    "ce_sequence",
    "content-type",
]
HEADER_VALUES = [
    b"1.0", b"", b"\xff", b"\x00", b"application/json", b"application/cloudevents+json", b"application/json;a=b",
    b"2021-03-01T17:00:00Z", b"9999-99-99T99:99:99Z", b"1", b"-1", *(name.encode() for name in TYPES),
]  # fmt: skip
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(NAMES + [name.upper() for name in NAMES]) | st.text(),
        st.none() | st.sampled_from(HEADER_VALUES) | st.binary(max_size=300),
    ),
    max_size=12,
)
LEAF = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**15, 10**15 + 1, -(10**15), 10**400, 0])
    | st.floats()
    | st.text()
    | st.sampled_from(["", "\x00", "\ud800", "x" * 201, "USD", "2021-03-01T17:00:00Z", "2021-03-01", SECRET])
)
JSON: st.SearchStrategy[Any] = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def sound(found: Read) -> None:
    """Hold an answer to what every answer is."""
    assert isinstance(found, Known | PassedOver | Unreadable)
    if isinstance(found, Unreadable):
        assert found.message
        assert found.message.isprintable()
        assert len(found.message) < 1_000
        assert SECRET not in found.message
    if isinstance(found, PassedOver):
        assert "\x00" not in found.type
    if isinstance(found, Known):
        again = read(found.data.TOPIC, write_headers(found.attributes), found.data.to_json())
        assert again == found


def places(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List every place in a JSON value."""
    inner = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    return [path, *(place for step, value in inner for place in places(value, (*path, step)))]


@given(TOPIC, HEADERS, st.none() | st.binary())
@settings(deadline=None)
def test_any_bytes(topic: str, headers: list[tuple[str, bytes | None]], value: bytes | None) -> None:
    sound(read(topic, headers, value))


@given(TOPIC, JSON)
@settings(deadline=None)
def test_any_json_in_structured_mode(topic: str, content: Any) -> None:
    sound(read(topic, [EVENT_TYPE], json.dumps(content).encode()))


@given(st.sampled_from(TYPES), st.data())
@settings(deadline=None, max_examples=1_000)
def test_any_message_with_anything_at_any_place(type_: str, data: st.DataObject) -> None:
    changed = event(type_)
    path = data.draw(st.sampled_from(places(changed)[1:]))
    *way, last = path
    place = changed
    for step in way:
        place = place[step]
    place[last] = data.draw(JSON)
    sound(read(topic_of(type_), [EVENT_TYPE], json.dumps(changed).encode()))
    if path[0] == "data":
        headers, value = binary(changed)
        sound(read(topic_of(type_), headers, value))


@given(st.sampled_from(TYPES), HEADERS, st.data())
@settings(deadline=None)
def test_any_message_with_any_headers(
    type_: str, headers: list[tuple[str, bytes | None]], data: st.DataObject
) -> None:
    right, value = binary(event(type_))
    kept = data.draw(st.lists(st.sampled_from(right), unique=True))
    sound(read(topic_of(type_), [*kept, *headers], value))


@given(st.sampled_from(TYPES), st.data())
@settings(deadline=None)
def test_any_message_cut_short_or_with_a_byte_changed(type_: str, data: st.DataObject) -> None:
    headers, value = binary(event(type_))
    at = data.draw(st.integers(0, len(value) - 1))
    sound(read(topic_of(type_), headers, value[:at]))
    sound(
        read(topic_of(type_), headers, value[:at] + bytes([data.draw(st.integers(0, 255))]) + value[at + 1 :])
    )
