"""Records for the tests of the contracts: golden examples in either content mode, whole or changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from shared.contracts.envelope import Known, Read, Unreadable, read
from shared.contracts.examples import event
from shared.contracts.messages import BY_TYPE, MESSAGES
from shared.contracts.topics import TOPICS

TYPES = tuple(BY_TYPE)
OUTSIDE_TYPES = tuple(message.TYPE for message in MESSAGES if TOPICS[message.TOPIC].outsiders_write)
JSON_TYPE = ("content-type", b"application/json")
EVENT_TYPE = ("content-type", b"application/cloudevents+json")

Change = Callable[[dict[str, Any]], object]
Record = tuple[list[tuple[str, bytes | None]], bytes]


def topic_of(type_: str) -> str:
    return BY_TYPE[type_].TOPIC


def as_bytes(content: object) -> bytes:
    return json.dumps(content).encode()


def binary(event_: dict[str, Any]) -> Record:
    attributes = {name: value for name, value in event_.items() if name != "data"}
    headers: list[tuple[str, bytes | None]] = [
        (f"ce_{name}", value.encode()) for name, value in attributes.items()
    ]
    return [*headers, JSON_TYPE], as_bytes(event_["data"])


def structured(event_: dict[str, Any]) -> Record:
    return [EVENT_TYPE], as_bytes(event_)


def read_binary(type_: str, change: Change = lambda _event: None) -> Read:
    """Read the golden example, changed, in binary mode."""
    changed = deepcopy(event(type_))
    change(changed)
    headers, value = binary(changed)
    return read(topic_of(type_), headers, value)


def read_structured(type_: str, change: Change = lambda _event: None) -> Read:
    """Read the golden example, changed, in structured mode."""
    changed = deepcopy(event(type_))
    change(changed)
    headers, value = structured(changed)
    return read(topic_of(type_), headers, value)


def known(found: Read) -> Known:
    assert isinstance(found, Known), found
    return found


def is_known(found: Read) -> bool:
    return isinstance(found, Known)


def unreadable(found: Read) -> Unreadable:
    assert isinstance(found, Unreadable), found
    return found


def put(*path: str | int, value: object) -> Change:
    """Make a change that sets what stands at a path of the body."""

    def change(event_: dict[str, Any]) -> None:
        place: Any = event_["data"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


def without(name: str) -> Change:
    """Make a change that takes a field of the body away."""

    def change(event_: dict[str, Any]) -> None:
        del event_["data"][name]

    return change
