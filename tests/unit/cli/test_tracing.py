"""Messages as a tree of causes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.cli.history import Said
from services.cli.outside import Heard
from services.cli.tracing import Node, tree

AT = datetime(2027, 1, 4, 8, tzinfo=UTC)


def said(event_id: str, type_: str, cause: str | None = None, **data: Any) -> Said:
    service = type_.partition(".")[0]
    return Said(
        service, 1, event_id, f"{service}.events", "order-1", type_, AT, cause, None, data, is_sent=True
    )


def heard(event_id: str) -> Heard:
    return Heard(event_id, "checkout.order_placed.v1", "checkout.events", AT, {})


def shape(roots: Any) -> list[tuple[int, str]]:
    return [(depth, node.id) for root in roots for depth, node in root.walk()]


def test_what_follows_hangs_under_its_cause() -> None:
    facts = [said("b", "orders.order_received.v1", "a"), said("c", "messaging.message_sent.v1", "b")]
    assert shape(tree(facts, [heard("a")])) == [(0, "a"), (1, "b"), (2, "c")]


def test_a_cause_from_outside_that_kafka_no_longer_has_is_still_a_root() -> None:
    roots = tree([said("b", "orders.order_received.v1", "a"), said("c", "orders.order_released.v1", "a")], [])
    assert shape(roots) == [(0, "a"), (1, "b"), (1, "c")]
    assert roots[0] == Node("a", children=roots[0].children)


def test_a_deadline_hangs_under_the_request_for_it() -> None:
    facts = [
        said("b", "timer.schedule.v1", "a", timer_id="t"),
        said("t", "timer.deadline_expired.v1", "b", timer_id="t"),
        said("c", "orders.order_released.v1", "t"),
    ]
    assert shape(tree(facts, [heard("a")])) == [(0, "a"), (1, "b"), (2, "t"), (3, "c")]


def test_a_mail_hangs_under_what_it_tells() -> None:
    facts = [
        said("b", "orders.order_released.v1", "a"),
        said("m", "notifications.notification_sent.v1", None, cause_id="b"),
    ]
    assert shape(tree(facts, [heard("a")])) == [(0, "a"), (1, "b"), (2, "m")]


def test_what_nothing_is_known_to_have_caused_is_a_root() -> None:
    assert shape(tree([said("b", "timer.deadline_expired.v1", None, timer_id="t")], [])) == [(0, "b")]


def test_something_from_outside_that_led_to_nothing_is_shown() -> None:
    assert shape(tree([], [heard("a")])) == [(0, "a")]
