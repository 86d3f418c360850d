"""From a line of JSON to a record: which topic, by which key, and whether anybody can read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.contracts.data import ID_CHARACTERS_MAX
from shared.contracts.envelope import PassedOver, Unreadable, read
from shared.contracts.messages import BY_TYPE
from shared.contracts.topics import TOPICS, KeyKind, Topic

STRUCTURED = ("content-type", b"application/cloudevents+json")

_KEY_FIELDS: Mapping[KeyKind, tuple[str, ...]] = {
    "order": ("order_id",),
    "seller": ("seller_id",),
    "party": ("party_id", "seller_id", "buyer_id"),
    "tracking": ("tracking_number",),
    "service": ("service",),
}
"""Where in `data` the key of such a topic stands."""


@dataclass(frozen=True, slots=True)
class Routed:
    """A record ready to be sent. `is_read`: whether today's services read its type, or pass it over."""

    topic: str
    key: bytes
    value: bytes
    type: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that can't be sent: by which rule of the envelope, and why."""

    rule: str
    message: str


def route(line: bytes) -> Routed | Bad:
    """Read one CloudEvent in structured mode and say where it goes. Never raises."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        # The contract's own reader says what is wrong, and where, without showing what was found.
        found = read("checkout.events", [STRUCTURED], line)
        return _bad(found) if isinstance(found, Unreadable) else Bad("bad_json", "the line is not JSON")
    type_ = event.get("type") if isinstance(event, dict) else None
    if not isinstance(type_, str):
        return Bad("no_type", "the line is no object with a type")
    topic = topic_of(type_)
    if topic is None:
        return Bad(
            "no_topic", f"no topic that may be written from outside carries {type_[:ID_CHARACTERS_MAX]}"
        )
    found = read(topic.name, [STRUCTURED], line)
    if isinstance(found, Unreadable):
        return _bad(found)
    key = _key(topic, event.get("data"))
    if key is None:
        return Bad(
            "no_key", f"data has no {' or '.join(_KEY_FIELDS[topic.key])}, which is the key of {topic.name}"
        )
    return Routed(topic.name, key.encode(), line, type_, is_read=not isinstance(found, PassedOver))


def topic_of(type_: str) -> Topic | None:
    """Return the topic that carries a type, if outsiders may write it; by the owner's name for one of tomorrow."""
    if type_ in BY_TYPE:
        topic = TOPICS[BY_TYPE[type_].TOPIC]
        return topic if topic.outsiders_write else None
    owner = type_.partition(".")[0]
    named = (TOPICS.get(f"{owner}.events"), TOPICS.get(f"{owner}.commands"))
    return next((topic for topic in named if topic is not None and topic.outsiders_write), None)


def _key(topic: Topic, data: Any) -> str | None:
    for field in _KEY_FIELDS.get(topic.key, ()):
        value = data.get(field) if isinstance(data, dict) else None
        if isinstance(value, str) and 0 < len(value) <= ID_CHARACTERS_MAX:
            return value
    return None


def _bad(found: Unreadable) -> Bad:
    return Bad(found.rule, found.message)
