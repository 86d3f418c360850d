"""Every state that an order can reach: none is a dead end, and each that waits for somebody has a clock."""

from __future__ import annotations

from functools import cache
from typing import get_args

import pytest

from services.orders.domain.model import Status
from tests.support.exploring import orders
from tests.support.exploring.orders import CLOSED, WAITING_FOR_OTHERS, OrderNode
from tests.support.exploring.search import Graph

pytestmark = pytest.mark.timeout(300)


@cache
def graph() -> Graph[OrderNode]:
    return orders.search()


def test_every_status_is_reached() -> None:
    assert {node.status for node in graph().nodes} == set(get_args(Status))


def test_only_what_is_delivered_or_canceled_is_a_dead_end() -> None:
    dead = [
        node
        for node in graph().nodes
        if not {edge.after.status for edge in graph().ways_out(node)} - {node.status}
        and node.status not in CLOSED
    ]
    assert dead == []


def test_whatever_the_seller_or_payment_still_has_to_do_has_a_clock() -> None:
    waiting = [node for node in graph().nodes if node.status not in CLOSED | WAITING_FOR_OTHERS]
    assert [node for node in waiting if not node.clocks] == []
    assert [node for node in graph().nodes if node.status in CLOSED and node.clocks] == []


def test_a_canceled_order_never_comes_back_and_a_delivered_one_stays_delivered() -> None:
    for edge in graph().all_edges():
        if edge.before.status in CLOSED:
            assert edge.after.status == edge.before.status


def test_nothing_is_shipped_before_the_release() -> None:
    for edge in graph().all_edges():
        if edge.before.status == "Pending":
            assert "shipment_confirmed" not in edge.facts
