"""Every state that a contact can reach: it waits with a clock, is overdue for all to see, or is settled."""

from __future__ import annotations

from functools import cache

import pytest

from tests.support.exploring import contacts
from tests.support.exploring.contacts import ContactNode
from tests.support.exploring.search import Graph

pytestmark = pytest.mark.timeout(300)


@cache
def graph() -> Graph[ContactNode]:
    return contacts.search()


def opened() -> list[ContactNode]:
    return [node for node in graph().nodes if node.response]


def test_only_what_is_settled_or_of_a_canceled_order_is_a_dead_end() -> None:
    dead = [node for node in graph().nodes if not graph().ways_out(node)]
    assert [node for node in dead if node.resolution != "resolved" and node.order != "canceled"] == []


def test_a_clock_runs_exactly_while_its_side_is_awaited() -> None:
    for node in opened():
        is_open = node.resolution != "resolved" and node.order == "released"
        assert ("response_due" in node.clocks) == (is_open and node.response == "awaited"), node
        assert ("resolution_due" in node.clocks) == (is_open and node.resolution == "unresolved"), node


def test_both_clocks_are_seen_to_end_in_every_way() -> None:
    assert {node.response for node in opened()} == {"awaited", "missed", "responded"}
    assert {node.resolution for node in opened()} == {"unresolved", "missed", "resolved"}


def test_what_is_settled_is_never_opened_again() -> None:
    for edge in graph().all_edges():
        if edge.before.resolution == "resolved":
            assert edge.after.resolution == "resolved"


def test_a_return_goes_back_only_once_it_is_authorised() -> None:
    for edge in graph().all_edges():
        if "return_shipped" in edge.facts:
            assert "authorised" in edge.before.answers
