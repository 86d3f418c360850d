"""Bad input, each with its answer, through the whole system; and the system goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts import topics
from shared.contracts.money import Money
from tests.e2e.conftest import START
from tests.support.events import Event, Order, event, seller
from tests.support.running import Answer, Desk

_LATER = START + timedelta(minutes=40)


def an_order(name: str, **other: Any) -> Order:
    return Order(f"order-{name}", "seller-1", "buyer-1", START, **other)


async def answer_to(desk: Desk, command: Event, topic: str) -> list[Answer]:
    """Return what was said because of a command, by its owner."""
    return [each for each in await desk.said(topic) if each.cause == command.event_id]


async def the_only_answer_to(desk: Desk, command: Event, topic: str) -> Answer:
    """Return the one answer to a command."""
    answers = await answer_to(desk, command, topic)
    assert len(answers) == 1, answers
    return answers[0]


async def is_dead(desk: Desk, service: str, place: tuple[str, int, int]) -> tuple[str, str]:
    """Return rule and message of the dead letter at this place, in the table and on the topic alike."""
    rows = await desk.fetch(
        f'SELECT dl_id, rule, message FROM {service}.dead_letters WHERE (topic, partition, "offset") = ($1, $2, $3)',
        *place,
    )
    assert len(rows) == 1
    letters = [each.headers for each in await desk.said(topics.dead_letters(service))]
    assert [letter["dl_message"] for letter in letters if letter["dl_id"] == rows[0]["dl_id"]] == [
        rows[0]["message"]
    ]
    return rows[0]["rule"], rows[0]["message"]


def broken(good: Event, change: Callable[[dict[str, Any]], object]) -> bytes:
    body: dict[str, Any] = json.loads(good.value)
    change(body)
    return json.dumps(body).encode()


def _with_price(body: dict[str, Any], **price: object) -> None:
    body["items"][0]["unit_price"] |= price


@pytest.mark.parametrize(
    ("what", "change", "where"),
    [
        ("missing field", lambda body: body.pop("buyer_id"), "buyer_id"),
        ("negative amount", lambda body: _with_price(body, amount_minor=-1), "unit_price.amount_minor"),
        ("absurd amount", lambda body: _with_price(body, amount_minor=10**20), "unit_price.amount_minor"),
        ("other currency", lambda body: _with_price(body, currency="EUR"), "currency"),
        ("NUL", lambda body: body.update(ship_method="a\x00b"), "ship_method"),
        ("unknown marketplace", lambda body: body.update(marketplace_id="atlantis"), "marketplace"),
    ],
)
async def test_an_event_that_cannot_be_is_a_dead_letter_that_names_the_place(
    desk: Desk, what: str, change: Callable[[dict[str, Any]], object], where: str
) -> None:
    good = an_order(what).placed()
    place = await desk.send_raw(good.topic, good.key.encode(), broken(good, change), good.headers)
    await desk.settle()
    assert where in (await is_dead(desk, "orders", place))[1]


async def test_undecodable_bytes_are_a_dead_letter_and_stop_nothing(desk: Desk) -> None:
    order = an_order("behind-poison")
    good = order.placed()
    place = await desk.send_raw(good.topic, good.key.encode(), b"\xff\xfe\x00", good.headers)
    await desk.send(good)
    assert (await is_dead(desk, "orders", place))[0] == "bad_json"
    assert [each.type for each in await desk.said(topics.ORDERS_EVENTS, order.order_id)][:1] == [
        "orders.order_received.v1"
    ]


async def test_a_record_without_a_type_is_a_dead_letter_and_one_of_another_type_is_passed_over(
    desk: Desk,
) -> None:
    good = an_order("types").placed()
    untyped = [header for header in good.headers if header[0] != "ce_type"]
    foreign = [*untyped, ("ce_type", b"checkout.gift_wrapped.v1")]
    place = await desk.send_raw(good.topic, good.key.encode(), good.value, untyped)
    before = (await desk.fetch("SELECT sum(passed_over)::int AS n FROM orders.offsets"))[0]["n"]
    await desk.send_raw(good.topic, good.key.encode(), good.value, foreign)
    await desk.settle()
    assert (await is_dead(desk, "orders", place))[0] == "no_type"
    assert (await desk.fetch("SELECT sum(passed_over)::int AS n FROM orders.offsets"))[0]["n"] == before + 1


async def test_a_record_of_the_largest_size_passes_whether_it_can_be_read_or_not(desk: Desk) -> None:
    good = an_order("largest").placed()
    padded = broken(good, lambda body: body.update(padding="x" * 1_000_000))
    place = await desk.send_raw(good.topic, good.key.encode(), padded, good.headers)
    await desk.settle()
    dead = await desk.fetch(
        'SELECT rule FROM orders.dead_letters WHERE (partition, "offset") = ($1, $2)', place[1], place[2]
    )
    assert dead == []
    unreadable = await desk.send_raw(good.topic, b"poison", b"x" * topics.RECORD_BYTES_MAX, good.headers)
    await desk.settle()
    assert (await is_dead(desk, "orders", unreadable))[0] == "bad_json"


async def test_a_structured_event_is_read_like_one_in_binary_mode(desk: Desk) -> None:
    order = an_order("structured")
    good = order.placed()
    envelope = {"specversion": "1.0", "id": good.event_id, "source": "/shop", "type": good.data.TYPE}
    body = json.dumps(envelope | {"data": json.loads(good.value)}).encode()
    header = [("content-type", b"application/cloudevents+json; charset=utf-8")]
    await desk.send_raw(good.topic, good.key.encode(), body, header)
    await desk.settle()
    assert [each.type for each in await desk.said(topics.ORDERS_EVENTS, order.order_id)] == [
        "orders.order_received.v1"
    ]


async def released(desk: Desk, order: Order) -> None:
    """Bring an order, and the clock, to where its people can act."""
    await desk.send(seller(order.seller_id, START), order.placed(), order.verified())
    if desk.now < _LATER:
        await desk.go_to(_LATER)


async def test_a_command_repeated_changes_nothing_and_adds_nothing(desk: Desk) -> None:
    order = an_order("repeated")
    await released(desk, order)
    command = order.wrote("buyer", _LATER)
    await desk.send(command)
    once = await answer_to(desk, command, topics.MESSAGING_EVENTS)
    await desk.send(command, command)
    assert await answer_to(desk, command, topics.MESSAGING_EVENTS) == once
    assert sorted(each.type for each in once) == ["messaging.contact_opened.v1", "messaging.message_sent.v1"]


async def test_a_command_dated_ahead_of_the_clock_is_refused(desk: Desk) -> None:
    order = an_order("ahead")
    await released(desk, order)
    command = order.wrote("buyer", desk.now + timedelta(hours=1))
    await desk.send(command)
    refused = await the_only_answer_to(desk, command, topics.MESSAGING_EVENTS)
    assert (refused.type, refused.body["rule"], refused.body["reason"]) == (
        "messaging.command_refused.v1",
        "T5",
        "in_the_future",
    )
    assert set(refused.body["message"]) == {"en", "zh"}


async def test_a_message_about_a_pending_order_is_refused(desk: Desk) -> None:
    order = replace(an_order("pending"), placed_at=desk.now)
    await desk.send(order.placed())
    command = order.wrote("buyer", desk.now)
    await desk.send(command)
    refused = await the_only_answer_to(desk, command, topics.MESSAGING_EVENTS)
    assert (refused.body["rule"], refused.body["reason"]) == ("M5", "order_pending")


async def test_a_claim_too_early_is_refused_and_says_from_when(desk: Desk) -> None:
    order = an_order("early")
    await released(desk, order)
    wrote, filed = order.wrote("buyer", _LATER), order.filed(_LATER + timedelta(seconds=1))
    await desk.send(wrote)
    await desk.send(filed)
    refused = await the_only_answer_to(desk, filed, topics.CLAIMS_EVENTS)
    assert (refused.type, refused.body["reason"]) == ("claims.claim_refused.v1", "too_early")
    assert refused.body["eligible_from"] == "2027-01-13T08:00:00Z"


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (Money(amount_minor=100, currency="EUR"), "wrong_currency"),
        (Money(amount_minor=-5, currency="USD"), "invalid_amount"),
        (Money(amount_minor=10**14, currency="USD"), "amount_exceeds_paid"),
    ],
)
async def test_an_impossible_amount_in_a_command_is_refused(desk: Desk, amount: Money, reason: str) -> None:
    order = an_order(f"amount-{reason}")
    await released(desk, order)
    filed = order.filed(_LATER, amount=amount)
    await desk.send(filed)
    refused = await the_only_answer_to(desk, filed, topics.CLAIMS_EVENTS)
    assert refused.body["reason"] == reason


async def test_a_command_out_of_order_is_refused_by_its_own_service(desk: Desk) -> None:
    order = an_order("out-of-order")
    await released(desk, order)
    denied = order.denied(_LATER)
    await desk.send(denied)
    refused = await the_only_answer_to(desk, denied, topics.CLAIMS_EVENTS)
    assert (refused.type, refused.body["reason"]) == ("claims.command_refused.v1", "unknown_claim")


async def test_a_claim_that_is_not_as_expected_needs_a_return_request_first(desk: Desk) -> None:
    order = an_order("not-as-expected")
    await released(desk, order)
    filed = order.filed(_LATER, "damaged", issue="not_as_expected")
    await desk.send(filed)
    assert (await the_only_answer_to(desk, filed, topics.CLAIMS_EVENTS)).body["reason"] == "not_contacted"


async def test_a_command_of_a_later_release_is_passed_over_and_counted(desk: Desk) -> None:
    order = an_order("later-release")
    command = event(order.filed(START).data, order.order_id, START)
    headers = [
        (name, b"claims.juggle_claim.v1" if name == "ce_type" else value) for name, value in command.headers
    ]
    before = (await desk.fetch("SELECT sum(passed_over)::int AS n FROM claims.offsets"))[0]["n"]
    await desk.send_raw(command.topic, command.key.encode(), command.value, headers)
    await desk.settle()
    assert (await desk.fetch("SELECT sum(passed_over)::int AS n FROM claims.offsets"))[0]["n"] == before + 1
