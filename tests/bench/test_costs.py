"""What a record costs is what it cost: counted, not timed, so that a busy machine changes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from tests.bench import baseline
from tests.bench.measuring import SIZES, Measured, Step

_FLAT = 1.1
_IDLE_BUFFERS_MAX = 10
_APART = 2
"""What a small batch writes in one statement, a large one writes in up to three (shared/kit/writing.py)."""
_A_STEP_MAX = 1.5
"""Rows made together lie on the same pages; changed together for the first time, they don't all find room there."""


def test_each_batch_costs_what_it_cost(measured: Measured) -> None:
    said = baseline.moved(baseline.read(), baseline.numbers_of(measured.usual))
    assert not said, baseline.explained(said)


def test_a_batch_is_not_many_statements_more_for_1000_records_than_for_100(measured: Measured) -> None:
    few, many = measured.by_size[SIZES[1]], measured.by_size[SIZES[2]]
    longer = {name: (step.statements, many[name].statements) for name, step in few.items()}
    several_looks = {
        "relay: messages sent",
        "timer: fired",
    }  # as many as it takes, each of so many rows at most
    assert not {
        name: pair
        for name, pair in longer.items()
        if name not in several_looks and pair[1] > pair[0] + _APART
    }


def test_a_record_costs_no_more_among_1000_than_among_100(measured: Measured) -> None:
    few, many = measured.by_size[SIZES[1]], measured.by_size[SIZES[2]]
    assert few.keys() == many.keys()
    for what in ("rows", "buffers", "WAL records"):
        dearer = {name: (each.numbers()[what], many[name].numbers()[what]) for name, each in few.items()}
        assert not {name: pair for name, pair in dearer.items() if pair[1] > _A_STEP_MAX * pair[0]}, what
        assert _all(many, what) <= _FLAT * _all(few, what), what


def test_a_look_that_finds_nothing_reads_ten_pages_at_most_and_writes_nothing(measured: Measured) -> None:
    dear = {
        name: counts
        for name, counts in measured.idle.items()
        if counts.buffers > _IDLE_BUFFERS_MAX or counts.wal_records
    }
    assert not dear


def _all(steps: Mapping[str, Step], what: str) -> float:
    """Of one lifecycle, all services together."""
    orders = steps["orders: checkout.order_placed"].records
    return sum(step.numbers()[what] * step.records for step in steps.values()) / orders
