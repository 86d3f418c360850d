"""Thirty days in seconds: every deadline on the way comes, in its order, and none before its time."""

from __future__ import annotations

import time
from datetime import timedelta

from shared.contracts import topics
from tests.e2e.conftest import START
from tests.support.events import Order
from tests.support.running import Desk

_SECONDS_MAX = 60


async def test_thirty_days_pass_in_seconds_and_every_deadline_comes_in_its_order(desk: Desk) -> None:
    never_verified = Order("order-never-verified", "seller-1", "buyer-1", START)
    never_shipped = Order("order-never-shipped", "seller-1", "buyer-2", START)
    asked = Order("order-asked", "seller-2", "buyer-3", START)
    await desk.send(never_verified.placed(), never_shipped.placed(), never_shipped.verified())
    await desk.send(asked.placed(), asked.verified())
    await desk.go_to(START + timedelta(hours=1))
    await desk.send(asked.wrote("buyer", START + timedelta(hours=1)))
    began = time.monotonic()
    passed = await desk.go_to(START + timedelta(days=31))
    seconds = time.monotonic() - began
    assert passed == sorted(passed)
    assert seconds < _SECONDS_MAX
    fired = [answer.body for answer in await desk.said(topics.TIMER_EVENTS)]
    assert [each for each in fired if each["fired_at"] < each["due_at"]] == []
    by_order: dict[str, list[str]] = {}
    ours = [each for each in fired if each["owner"] != "performance"]  # whose days end for every seller
    for each in sorted(ours, key=lambda body: str(body["due_at"])):
        by_order.setdefault(each["order_id"], []).append(each["kind"])
    assert by_order[never_verified.order_id] == ["hold_end", "verification_due"]
    assert by_order[never_shipped.order_id] == ["hold_end", "ship_by_warning", "ship_confirmation_due"]
    assert [
        kind
        for kind in by_order[asked.order_id]
        if kind in {"response_due", "resolution_due", "filing_opens"}
    ]


async def test_what_a_deadline_causes_is_dated_at_its_due_time(desk: Desk) -> None:
    facts = {
        (answer.body["order_id"], answer.type): answer.body
        for answer in await desk.said(topics.ORDERS_EVENTS)
    }
    released = facts["order-never-shipped", "orders.order_released.v1"]
    assert released["at"] == "2027-01-04T08:30:00Z"
    expired = facts["order-never-verified", "orders.order_canceled.v1"]
    assert (expired["at"], expired["reason"]) == ("2027-01-25T08:00:00Z", "verification_expired")
    cutoff = facts["order-never-shipped", "orders.order_canceled.v1"]
    assert (cutoff["at"], cutoff["reason"]) == ("2027-02-03T08:00:00Z", "ship_confirmation_expired")
    overdue = [
        each for each in await desk.said(topics.MESSAGING_EVENTS, "order-asked") if "overdue" in each.type
    ]
    assert {each.body["at"] for each in overdue} == {"2027-01-06T09:00:00Z"}


async def test_an_order_that_nobody_touches_ends_by_its_deadlines_alone(desk: Desk) -> None:
    order = Order("order-jumped", "seller-1", "buyer-1", desk.now)
    await desk.send(order.placed(), order.verified(after=timedelta(minutes=1)))
    await desk.go_to(desk.now + timedelta(days=60))
    facts = [answer.type for answer in await desk.said(topics.ORDERS_EVENTS, order.order_id)]
    assert facts == [
        "orders.order_received.v1",
        "orders.order_released.v1",
        "orders.ship_by_warned.v1",
        "orders.order_canceled.v1",
    ]
