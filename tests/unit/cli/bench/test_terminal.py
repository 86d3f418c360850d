"""What a person reads on a terminal when a run has ended."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from services.cli.bench.saved import Run
from services.cli.bench.targets import TARGETS
from services.cli.bench.telling import terminal, words
from tests.unit.cli.bench import sample


def told(run: Run, width: int = 120, *, colours: bool = False) -> str:
    text = io.StringIO()
    terminal.tell(run, Console(file=text, width=width, force_terminal=colours, highlight=False, emoji=False))
    return text.getvalue()


def line_of(target: str, text: str) -> str:
    return next(line for line in text.splitlines() if f" {target} " in f" {line} ")


def test_every_target_has_a_line_that_says_how_it_stands() -> None:
    text = told(sample.whole())
    for name in TARGETS:
        assert line_of(name, text)
    assert line_of("B1", text).startswith("as aimed")
    assert line_of("B2", text).startswith("missed")
    assert line_of("B3", text).startswith("met")
    assert "12 of 13 targets are met (19 numbers: 11 as aimed, 7 met, 1 missed)" in text


def test_a_line_has_what_was_measured_its_range_what_it_must_be_and_the_aim() -> None:
    assert line_of("B2", told(sample.whole())).split()[2:] == [
        *("9×", "8.64–9.63", "12×", "25×"),
        *("the", "same", "÷", "tuned"),
    ]


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_table_keeps_its_numbers_whole_at_any_width_and_overflows_none(width: int) -> None:
    text = told(sample.whole(), width)
    assert max(map(len, text.splitlines())) <= width
    for row in words.rows(sample.whole()):
        assert row.measured in text
        assert row.range in text
        assert row.must in text


def test_each_side_is_told_with_its_rounds_and_each_curve_with_its_points() -> None:
    text = told(sample.whole())
    plain = next(line for line in text.splitlines() if sample.PLAIN in line)
    assert plain.split()[2:] == ["190", "182", "188", "190", "194", "203"]
    pgqueuer = next(line for line in text.splitlines() if line.split()[:1] == ["pgqueuer"])
    assert pgqueuer.split() == ["pgqueuer", "4,000", "1,000", "444"]


def test_of_a_curve_of_many_points_some_are_told_its_ends_among_them() -> None:
    found = sample.whole().to_json()
    curve = found["benchmarks"]["timers"]["pictures"][0]
    curve["sides"] = {"ours": [[x, 2.0 * x] for x in range(100)]}
    line = next(line for line in told(Run.model_validate(found), 80).splitlines() if "ours" in line)
    assert line.split()[:3] == ["ours", "0", "(0)"]
    assert line.split()[-2:] == ["198", "(99)"]


def test_notes_and_machine_are_told() -> None:
    text = told(sample.whole())
    assert "Nothing came twice & <nothing> was lost." in text
    assert "2 cores, Sample <& Co> 3000" in text
    assert "ext4; fsync of a page 1.50 ms, p99 4.00 ms" in text
    assert "PostgreSQL 18.6, Kafka 4.4.0, Java 25" in text


def test_one_small_round_is_called_no_figure_and_judged_by_nobody() -> None:
    text = told(sample.quick())
    assert words.NOT_FIGURES in text
    assert "missed" not in text


def test_a_benchmark_that_failed_is_told_with_why_and_where_its_logs_are() -> None:
    text = told(sample.failed())
    assert "poison failed: A side did not do its work." in text
    assert "why: 2 records came <twice>." in text
    assert "logs: kept/recourse-bench-1" in text


def test_a_target_that_is_held_back_names_its_decision_record_and_one_as_aimed_does_not() -> None:
    found = sample.whole().to_json()
    for name in ("B1", "B2", "B3"):
        found["targets"][name]["held_back_by"] = f"docs/decisions/{name}.md"
    text = told(Run.model_validate(found))
    assert "what holds B2 back: docs/decisions/B2.md" in text
    assert "what holds B3 back: docs/decisions/B3.md" in text
    assert "docs/decisions/B1.md" not in text


def test_there_are_colours_on_a_terminal_and_none_elsewhere() -> None:
    assert "\x1b[" in told(sample.whole(), colours=True)
    assert "\x1b[" not in told(sample.whole())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((12.345, "12.3"), (0.0123, "0.0123"), (1234.5, "1,234"), (0.0, "0"), (8.0, "8")),
        *((99.96, "100"), (1e6, "1,000,000"), (-250.4, "-250")),
    ],
)
def test_a_number_has_three_digits_or_all_before_the_point(value: float, text: str) -> None:
    assert words.number(value) == text
