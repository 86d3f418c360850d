"""Every state that a claim can reach, under each policy: none is a dead end, and none can be forgotten (C17)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest

from services.claims.domain.state import Claim
from tests.support.exploring.claims import ClaimNode
from tests.support.exploring.diagrams import claim_graph
from tests.support.exploring.search import Graph
from tests.support.scenarios.marketplaces import POLICIES

pytestmark = pytest.mark.timeout(300)
INVESTIGATOR = 2
"""Whose list is which: the buyer's, the seller's, the investigator's."""


@pytest.fixture(scope="module", params=POLICIES)
def graph(request: pytest.FixtureRequest) -> Graph[ClaimNode]:
    return claim_graph(request.param)


def open_ones(graph: Graph[ClaimNode]) -> Iterator[ClaimNode]:
    return (node for node in graph.nodes if not node.is_closed)


def test_only_what_is_closed_is_a_dead_end(graph: Graph[ClaimNode]) -> None:
    dead = [f"{node} by {graph.how(node)}" for node in open_ones(graph) if not graph.ways_out(node)]
    assert dead == []


def test_whatever_is_open_has_a_clock_or_is_in_the_list_of_those_who_investigate(
    graph: Graph[ClaimNode],
) -> None:
    forgotten = [
        f"{node} by {graph.how(node)}"
        for node in open_ones(graph)
        if not node.clocks and node.lists[INVESTIGATOR] != "action_required" and node.shape != "suspended"
    ]
    assert forgotten == []


def test_what_is_suspended_waits_for_the_bank_and_either_end_of_it_leads_out(graph: Graph[ClaimNode]) -> None:
    for node in (node for node in graph.nodes if node.shape == "suspended"):
        assert node.has_chargeback
        assert node.clocks == ()
        ended = {edge.after.shape for edge in graph.ways_out(node) if edge.move == "chargeback_closed"}
        assert "closed" in ended
        assert ended != {"closed"}


def test_nothing_is_decided_while_a_chargeback_runs(graph: Graph[ClaimNode]) -> None:
    decisions = {"claim_granted", "claim_denied", "claim_refused", "appeal_reversed", "appeal_upheld"}
    decided = [
        edge
        for edge in graph.all_edges()
        if edge.before.shape == "suspended" and edge.after.has_chargeback and decisions & set(edge.facts)
    ]
    assert decided == []


def test_what_is_closed_has_no_clock_and_is_in_everybodys_list_of_what_is_closed(
    graph: Graph[ClaimNode],
) -> None:
    closed = [node for node in graph.nodes if node.is_closed]
    assert {node.clocks for node in closed} == {()}
    assert {node.lists for node in closed} == {("closed", "closed", "closed")}


def test_every_claim_can_be_brought_to_its_end(graph: Graph[ClaimNode]) -> None:
    leading: dict[ClaimNode, set[ClaimNode]] = {}
    for edge in graph.all_edges():
        leading.setdefault(edge.after, set()).add(edge.before)
    reached = [node for node in graph.nodes if node.is_closed]
    ending = set(reached)
    while reached:
        before = leading.get(reached.pop(), set()) - ending
        ending |= before
        reached += before
    assert set(graph.nodes) - ending == set()


def test_every_shape_that_a_claim_can_have_is_reached() -> None:
    found = {node.shape for node in claim_graph(POLICIES[0]).nodes}
    found |= {shape for node in claim_graph(POLICIES[0]).nodes for shape in node.was.split()}
    shapes = {kind.__dataclass_fields__["shape"].default for kind in get_args(Claim)}
    assert shapes - found == set()
    assert found - shapes == set()


def test_every_claim_fact_is_on_some_way(graph: Graph[ClaimNode]) -> None:
    said = {fact for edge in graph.all_edges() for fact in edge.facts}
    expected = {
        "claim_answered", "evidence_added", "information_requested", "information_provided", "claim_resumed",
        "return_required", "claim_suspended", "claim_granted", "grant_voided", "claim_denied", "claim_refused",
        "claim_withdrawn", "claim_refunded_by_seller", "claim_appealed", "appeal_reversed", "appeal_upheld",
        "claim_closed",
    }  # fmt: skip
    assert expected - said == set()
