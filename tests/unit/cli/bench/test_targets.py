"""What is aimed at, and how a measured number stands to it."""

from __future__ import annotations

from collections import Counter

import pytest

from services.cli.bench.benchmark import Findings
from services.cli.bench.catalogue import CATALOGUE, Entry
from services.cli.bench.measured import Done
from services.cli.bench.rounds import Figure, Rate, ratio
from services.cli.bench.targets import TARGETS, Part, Result, Standing
from services.cli.embedded.places import CHECKOUT
from tests.unit.cli.bench.sample import figures

FASTER = Part("", must=12, aim=25)
LATER = Part("", must=5, aim=2, is_at_most=True)
BARE = Part("", must=40)


@pytest.mark.parametrize(
    ("part", "measured", "standing"),
    [
        (FASTER, 11.99, Standing.MISSED),
        (FASTER, 12.0, Standing.MET),
        (FASTER, 25.0, Standing.AS_AIMED),
        (LATER, 5.01, Standing.MISSED),
        (LATER, 5.0, Standing.MET),
        (LATER, 2.0, Standing.AS_AIMED),
        (BARE, 39.0, Standing.MISSED),
        (BARE, 4000.0, Standing.MET),
    ],
)
def test_a_number_is_missed_met_or_as_aimed(part: Part, measured: float, standing: Standing) -> None:
    assert part.standing(measured) is standing
    assert part.is_met(measured) is (standing is not Standing.MISSED)


def test_there_are_thirteen_targets_and_the_aim_of_each_is_harder_than_what_it_must_be() -> None:
    assert list(TARGETS) == [f"B{number}" for number in range(1, 14)]
    for target in TARGETS.values():
        for part in target.parts:
            assert part.aim is None or part.is_met(part.aim)
            assert part.aim is None or part.aim != part.must


def test_the_parts_of_a_target_have_names_of_their_own_and_a_single_one_has_none() -> None:
    for target in TARGETS.values():
        names = [part.name for part in target.parts]
        assert names == [""] if len(names) == 1 else "" not in names
        assert len(set(names)) == len(names)


def test_a_target_with_one_missed_part_is_missed() -> None:
    found = dict(figures(["B5"])["B5"])
    assert Result(TARGETS["B5"], found).ok
    assert not Result(TARGETS["B5"], {**found, "1e6": Figure([14.9])}).ok


def test_every_decision_record_that_a_target_names_is_there() -> None:
    named = [target.held_back_by for target in TARGETS.values() if target.held_back_by]
    assert [path for path in named if not (CHECKOUT / path).is_file()] == []


def test_no_target_is_measured_by_two_benchmarks() -> None:
    measured = Counter(name for entry in CATALOGUE for name in entry.targets)
    assert set(measured) <= set(TARGETS)
    assert [name for name, times in measured.items() if times > 1] == []


def test_a_benchmark_that_owes_a_figure_is_not_done() -> None:
    entry = Entry("timers", "Measure timers.", ("B5",))
    with pytest.raises(KeyError):
        Done(entry, Findings({"B5": {"1e4": Figure([3.0])}}), 1.0)


def test_the_ratio_is_that_of_each_round_and_its_median_is_reported() -> None:
    ours = [Rate(100, 1), Rate(100, 2), Rate(90, 1)]
    theirs = [Rate(10, 1), Rate(10, 1), Rate(10, 1)]
    figure = ratio(ours, theirs)
    assert figure.rounds == [10, 5, 9]
    assert (figure.median, figure.low, figure.high) == (9, 5, 10)
