"""Where things are in a picture."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest

from services.cli.bench.rounds import Figure
from services.cli.bench.saved import SavedCurves, SavedDots
from services.cli.bench.targets import TARGETS
from services.cli.bench.telling.pictures.bullet import bullet
from services.cli.bench.telling.pictures.curves import curves
from services.cli.bench.telling.pictures.dots import dots
from services.cli.bench.telling.pictures.scales import TICKS_MAX, Scale, decades, from_zero
from tests.unit.cli.bench import sample


def drawn(svg: str) -> Element:
    return fromstring(svg)  # noqa: S314 - our own


def styled(svg: str, style: str) -> list[Element]:
    return [each for each in drawn(svg).iter() if style in (each.get("class") or "").split()]


def across(marker: Element) -> float:
    found = re.match(r"M([\d.]+) ", marker.get("d") or "")
    assert found
    return float(found[1])


def dots_of(sides: dict[str, list[float]], *, is_log: bool = True) -> str:
    return dots(SavedDots(kind="dots", title="Rates", unit="records/s", log=is_log, sides=sides))


def curves_of(sides: dict[str, list[tuple[float, float]]], *, x_log: bool = True) -> str:
    return curves(
        SavedCurves(kind="curves", title="Rates", x="pending", y="/s", x_log=x_log, y_log=True, sides=sides)
    )


@pytest.mark.parametrize("values", [[0.3], [7.0, 12.0], [1.0, 99.0], [123_456.0], [0.0]])
def test_a_scale_from_zero_holds_all_and_has_few_round_marks(values: list[float]) -> None:
    scale = from_zero(values, 0, 100)
    ticks = scale.ticks()
    assert ticks[0] == 0
    assert scale.high >= max(values)
    assert 3 <= len(ticks) <= TICKS_MAX
    assert ticks[-1] == pytest.approx(scale.high)


@pytest.mark.parametrize("values", [[0.3, 7.0], [1e4, 1e7], [5.0], [1e-3, 1e9], [10.0]])
def test_a_logarithmic_scale_holds_all_in_whole_decades(values: list[float]) -> None:
    scale = decades(values, 0, 100)
    ticks = scale.ticks()
    assert scale.low <= min(values) <= max(values) <= scale.high
    assert 2 <= len(ticks) <= TICKS_MAX
    steps = [scale.at(after) - scale.at(before) for before, after in pairwise(ticks)]
    assert steps == pytest.approx([steps[0]] * len(steps))


def test_zero_has_a_place_of_its_own_before_the_first_decade() -> None:
    scale = decades([0, 1e4, 1e6], 0, 100)
    assert scale.ticks()[:2] == [0.0, 1e4]
    assert scale.at(0) == 0
    assert scale.at(1e4) > 0


def test_a_scale_may_run_upwards() -> None:
    scale = Scale(0, 10, start=200, end=20)
    assert (scale.at(0), scale.at(10), scale.at(99)) == (200, 20, 20)


@pytest.mark.parametrize("target", TARGETS)
def test_a_bullet_has_its_mark_within_its_range_and_its_goals_where_they_are(target: str) -> None:
    for part in TARGETS[target].parts:
        for middle in (part.must * 0.3, part.must, part.must * 4):
            svg = bullet(part, sample.around(middle))
            (mark,), (span,) = styled(svg, "dot"), styled(svg, "range")
            assert float(span.get("x1", "")) <= across(mark) <= float(span.get("x2", ""))
            must = float(styled(svg, "goal")[0].get("x1", ""))
            is_right = across(mark) >= must - 0.1
            assert is_right or middle < part.must
            assert ("missed" in (mark.get("class") or "")) is not part.is_met(middle)


def test_the_words_under_a_bullet_stay_in_it_and_apart() -> None:
    for target in TARGETS.values():
        for part in target.parts:
            svg = bullet(part, sample.reaching(part))
            spans = []
            for text in styled(svg, "small"):
                x, wide = float(text.get("x", "")), 6.2 * len(text.text or "")
                left = {"start": x, "middle": x - wide / 2, "end": x - wide}[text.get("text-anchor", "")]
                spans.append((left, left + wide))
            spans.sort()
            assert spans[0][0] >= -8, target.id
            assert spans[-1][1] <= 312, target.id
            assert all(before[1] <= after[0] for before, after in pairwise(spans)), target.id


def test_a_bullet_of_rounds_that_are_all_the_same_is_drawn() -> None:
    part = TARGETS["B9"].parts[0]
    assert styled(bullet(part, Figure([part.must])), "dot")


def test_each_round_has_a_dot_at_its_number_and_each_side_its_own_shape() -> None:
    svg = dots_of({"ours": [50.0, 100.0], "theirs": [10.0, 10.0]}, is_log=False)
    ours = styled(svg, "round")[:2]
    assert across(ours[1]) - 14 == pytest.approx(2 * (across(ours[0]) - 14), abs=0.2)
    shapes = {re.sub(r"^M[\d.]+ [\d.]+", "", each.get("d") or "") for each in styled(svg, "round")}
    assert len(shapes) == 2
    assert [each.text for each in styled(svg, "value")] == ["75", "10"]


def test_a_side_without_rounds_is_left_out() -> None:
    assert "nobody" not in dots_of({"ours": [1.0], "nobody": []})
    assert "nobody" not in curves_of({"ours": [(1, 1)], "nobody": []})


def test_a_curve_goes_through_its_points_and_is_named_where_it_ends() -> None:
    svg = curves_of({"ours": [(10, 1), (100, 10), (1000, 100)]})
    (line,) = styled(svg, "curve")
    points = [across(point) for point in styled(svg, "point")]
    assert (line.get("d") or "").count("L") == 2
    assert points[1] - points[0] == pytest.approx(points[2] - points[1], abs=0.2)
    (name,) = styled(svg, "name")
    assert float(name.get("x", "")) == pytest.approx(points[-1] + 9, abs=0.2)


def test_names_of_curves_that_end_together_do_not_cover_each_other() -> None:
    svg = curves_of({"a": [(1, 5), (10, 5)], "b": [(1, 5), (10, 5.01)], "c": [(1, 5), (10, 4.99)]})
    heights = sorted(float(name.get("y", "")) for name in styled(svg, "name"))
    assert all(below - above >= 14 for above, below in pairwise(heights))


def test_one_point_and_an_axis_without_span_are_drawn() -> None:
    assert styled(curves_of({"ours": [(7, 3)]}, x_log=False), "point")
    assert styled(dots_of({"ours": [0.0]}, is_log=False), "round")


def test_words_from_a_run_are_only_words() -> None:
    svg = dots_of({"<script>&\"'": [1.0]})
    assert [each.tag for each in drawn(svg).iter() if "script" in each.tag] == []
    assert "<script>&\"'" in [each.text for each in styled(svg, "name")]


def test_long_names_stand_below_the_lines_each_with_its_mark() -> None:
    long = "what another service says to that"
    svg = curves_of({"short": [(1, 5), (10, 5)], long: [(1, 7), (10, 9)]})
    axis = max(float(each.get("y", "")) for each in styled(svg, "small"))
    assert all(float(name.get("y", "")) > axis for name in styled(svg, "name"))
    assert {each.text for each in styled(svg, "name")} == {"short", long}


def test_a_line_of_many_points_has_a_mark_where_it_ends() -> None:
    svg = curves_of({"ours": [(float(x), 1.0) for x in range(1, 100)]})
    assert len(styled(svg, "point")) == 1


def test_who_is_measured_twice_keeps_its_colour_and_we_have_ours() -> None:
    svg = dots_of({"peer, 10 pending": [1.0], "recourse, 10 pending": [2.0], "peer, 20 pending": [3.0]})
    assert [each.get("class") for each in styled(svg, "name")] == [
        *("name side-1", "name side-0", "name side-1"),
    ]
