"""Where a line goes: its topic by its type, its key by its data."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from services.cli.routing import Bad, Routed, route, topic_of
from shared.contracts.data import Command
from shared.contracts.messages import BY_TYPE, MESSAGES
from shared.contracts.topics import RECORD_BYTES_MAX, TOPICS

FROM_OUTSIDE = [message for message in MESSAGES if TOPICS[message.TOPIC].outsiders_write]
OURS = [message for message in MESSAGES if not TOPICS[message.TOPIC].outsiders_write]


def example(type_: str) -> dict[str, Any]:
    """The golden example's body, as an event that an outsider could send."""
    golden = json.loads(files("shared.contracts").joinpath(f"examples/{type_}.json").read_text("utf-8"))
    data = golden.get("data", golden)
    event_id = data.get("command_id", "event-1")
    return {"specversion": "1.0", "id": event_id, "source": "/tests", "type": type_, "data": data}


def line(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode()


def routed(event: dict[str, Any]) -> Routed:
    found = route(line(event))
    assert isinstance(found, Routed), found
    return found


def refused(written: bytes) -> Bad:
    found = route(written)
    assert isinstance(found, Bad), found
    return found


@pytest.mark.parametrize("message", FROM_OUTSIDE, ids=lambda message: message.TYPE)
def test_what_outsiders_say_goes_to_the_topic_that_carries_it(message: type[Command]) -> None:
    found = routed(example(message.TYPE))
    assert (found.topic, found.is_read) == (message.TOPIC, True)


@pytest.mark.parametrize(
    ("type_", "field"),
    [
        ("checkout.order_placed.v1", "order_id"),
        ("catalog.listing_stocked.v1", "seller_id"),
        ("accounts.seller_registered.v1", "seller_id"),
        ("accounts.buyer_registered.v1", "buyer_id"),
        ("carriers.milestone.v1", "tracking_number"),
        ("claims.file_claim.v1", "order_id"),
        ("operations.retry.v1", "service"),
    ],
)
def test_its_key_is_what_the_topic_is_keyed_by(type_: str, field: str) -> None:
    event = example(type_)
    assert routed(event).key == event["data"][field].encode()


@pytest.mark.parametrize("message", OURS, ids=lambda message: message.TYPE)
def test_what_only_our_services_say_is_not_published(message: type[Command]) -> None:
    assert refused(line({"type": message.TYPE})).rule == "no_topic"


def test_a_type_of_tomorrow_goes_to_its_owners_topic_and_is_known_to_be_passed_over() -> None:
    archived = example("checkout.payment_verified.v1") | {"type": "checkout.order_archived.v1"}
    assert (routed(archived).topic, routed(archived).is_read) == ("checkout.events", False)
    transfer = example("claims.decide_claim.v1") | {"type": "claims.transfer_claim.v1"}
    assert (routed(transfer).topic, routed(transfer).is_read) == ("claims.commands", False)
    assert topic_of("claims.transfer_claim.v1") is TOPICS["claims.commands"]


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        (b"not json", "bad_json"),
        (b"\xff\xfe", "bad_json"),
        (b"[]", "no_type"),
        (b"17", "no_type"),
        (b"{}", "no_type"),
        (b'{"type": 7}', "no_type"),
        (b'{"type": "nobody.said_this.v1"}', "no_topic"),
        (b'{"type": "checkout.order_placed.v1"}', "bad_envelope"),
        (b"[" * 100_000, "bad_json"),
    ],
)
def test_a_line_that_is_no_event_says_why(written: bytes, rule: str) -> None:
    assert refused(written).rule == rule


def test_a_body_is_checked_before_it_is_sent() -> None:
    event = example("checkout.order_placed.v1")
    event["data"]["items"][0]["unit_price"]["amount_minor"] = -1
    found = refused(line(event))
    assert found.rule == "bad_body"
    assert "amount_minor" in found.message


def test_a_line_larger_than_a_record_is_not_sent() -> None:
    event = example("checkout.order_placed.v1") | {"padding": "x" * RECORD_BYTES_MAX}
    assert refused(line(event)).rule == "too_large"


def test_a_type_of_tomorrow_without_the_key_can_not_be_sent() -> None:
    event = example("checkout.payment_verified.v1") | {"type": "checkout.order_archived.v1", "data": {}}
    assert refused(line(event)).rule == "no_key"


def test_every_type_that_is_known_has_an_example() -> None:
    assert [
        type_
        for type_ in BY_TYPE
        if not files("shared.contracts").joinpath(f"examples/{type_}.json").is_file()
    ] == []
