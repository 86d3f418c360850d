"""The page: all that was measured, in one file that loads nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from services.cli.bench.saved import Run
from services.cli.bench.targets import TARGETS
from services.cli.bench.telling import page, words
from tests.unit.cli.bench import sample

RUNS = {"whole": sample.whole, "failed": sample.failed, "quick": sample.quick}
LOADS = {"script", "link", "img", "iframe", "object", "embed", "video", "audio", "source", "base", "form"}
ALONE = {"meta", "br", "hr", "input"}


class Page(HTMLParser):
    """What is in a page: its tags with their attributes, its words, and whether every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def count(self, tag: str) -> int:
        return sum(found == tag for found, _ in self.tags)


def page_of(run: Run) -> Page:
    return Page(page.render(run))


def test_every_target_is_there_with_its_measure_its_numbers_and_a_picture() -> None:
    run = sample.whole()
    found = page_of(run)
    for target in TARGETS.values():
        assert f"{target.id} {target.measure}" in found.text
    rows = list(words.rows(run))
    for row in rows:
        assert row.measured in found.text
        assert row.range in found.text
        assert f"must {row.must}" in found.text
        assert not row.aim or f"aim {row.aim}" in found.text
    pictures = sum(len(benchmark.pictures) for benchmark in run.benchmarks.values())
    assert found.count("svg") == len(rows) + pictures


def test_it_begins_with_how_many_targets_are_met() -> None:
    text = page_of(sample.whole()).text
    assert "12 of 13 targets are met" in text[:200]


def test_every_benchmark_is_there_with_what_it_does_its_pictures_and_notes() -> None:
    run = sample.whole()
    found = page_of(run)
    for name, benchmark in run.benchmarks.items():
        assert f"Measure {name} <b>. Both sides do the same." in found.text
        for picture in benchmark.pictures:
            assert picture.title in found.text
            for side in picture.sides:
                assert side in found.text
        for note in benchmark.notes:
            assert note in found.text


def test_machine_method_and_how_to_run_it_are_there() -> None:
    text = page_of(sample.whole()).text
    for fact in words.machine(sample.whole().machine).values():
        assert fact in text
    assert "synchronous_commit" in text
    assert "acks=all" in text
    assert "./deploy/run bench all --save measured.json" in text


@pytest.mark.parametrize("name", RUNS)
def test_it_loads_nothing_and_leads_nowhere(name: str) -> None:
    text = page.render(RUNS[name]())
    found = Page(text)
    assert [tag for tag, _ in found.tags if tag in LOADS] == []
    named = {key for _, attributes in found.tags for key in attributes}
    assert named & {"src", "href", "srcset", "action", "data", "poster", "style"} == set()
    assert [key for key in named if key.startswith("on")] == []
    assert re.findall(r"url\(|@import|https?:", text.replace("http://www.w3.org/2000/svg", "")) == []


@pytest.mark.parametrize("name", RUNS)
def test_all_that_is_opened_is_closed_and_what_comes_from_a_run_is_only_text(name: str) -> None:
    found = page_of(RUNS[name]())
    assert found.open == []
    assert {"handler", "twice", "nothing"} & {tag for tag, _ in found.tags} == set()
    assert found.count("b") == len(list(words.rows(RUNS[name]())))  # and none of "Measure … <b>."


@pytest.mark.parametrize("name", RUNS)
def test_every_picture_says_in_words_what_it_shows(name: str) -> None:
    text = page.render(RUNS[name]())
    pictures = re.findall(r"<svg[^>]*role=\"img\"[^>]*><title>([^<]+)</title>", text)
    assert len(pictures) == text.count("<svg") > 0


def test_ids_are_used_once_and_what_refers_to_one_finds_it() -> None:
    found = page_of(sample.whole())
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    labels = [
        attributes["aria-labelledby"] for _, attributes in found.tags if "aria-labelledby" in attributes
    ]
    assert set(labels) <= set(ids)


def test_one_small_round_is_called_no_figure_and_judged_by_nobody() -> None:
    text = page_of(sample.quick()).text
    assert words.NOT_FIGURES in text
    assert "not judged" in text
    assert "missed" not in text
    assert "targets are met" not in text


def test_a_benchmark_that_failed_is_named_with_why_and_without_the_path_of_a_machine() -> None:
    text = page_of(sample.failed()).text
    assert (
        "poison failed, so nothing is said of it. A side did not do its work. 2 records came <twice>." in text
    )
    assert "recourse-bench-1" not in text


def test_it_is_written_beside_the_json(tmp_path: Path) -> None:
    assert page.write(sample.quick(), tmp_path / "run.json") == tmp_path / "run.html"
    assert (tmp_path / "run.html").read_text("utf-8") == page.render(sample.quick())
