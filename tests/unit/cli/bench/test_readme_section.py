"""README's section of figures: it is made of the stored run, and of nothing else."""

from __future__ import annotations

import re

import pytest

from services.cli.bench import readme, saved
from services.cli.bench.catalogue import CATALOGUE
from services.cli.bench.saved import Run
from services.cli.bench.targets import TARGETS
from services.cli.bench.telling import markdown, page, words
from services.cli.errors import CommandError
from tests.unit.cli.bench import sample

BEFORE = "# Recourse\n\nWhat it is.\n\n## How to plug it in\n\nSo.\n"


def test_what_is_stored_is_what_readme_and_the_page_show() -> None:
    text = readme.README.read_text("utf-8")
    if not readme.MEASURED.exists():  # nothing was measured yet: then nothing is said
        assert markdown.BEGIN not in text
        assert not readme.REPORT.exists()
        return
    run = saved.read(readme.MEASURED)
    assert markdown.inserted(text, run) == text, "run python -m services.cli.bench.readme"
    assert readme.REPORT.read_text("utf-8") == page.render(run), "run python -m services.cli.bench.readme"


def test_every_benchmark_has_its_screen_in_the_docs_with_its_targets() -> None:
    headings = re.findall(
        r"^## ([\w-]+) \((.+)\)$", (readme.FOLDER / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert [name for name, _ in headings] == [entry.name for entry in CATALOGUE]
    for (_, told), entry in zip(headings, CATALOGUE, strict=True):
        ids = [f"B{number}" for number in range(5, 10)] if told == "B5 to B9" else told.split(", ")
        assert ids == list(entry.targets)


def test_the_table_has_every_target_with_what_was_measured() -> None:
    run = sample.whole()
    section = markdown.section(run)
    for name, target in TARGETS.items():
        assert f"| {name} | {target.measure}" in section
    for row in words.rows(run):
        assert f"| **{row.measured}** ({row.range}) | {row.must} |" in section
    assert "| **9×** (8.64–9.63) | 12× | 25× | missed |" in section


def test_the_section_comes_before_how_to_plug_it_in_and_is_then_replaced_in_its_place() -> None:
    once = markdown.inserted(BEFORE, sample.whole())
    assert once.startswith("# Recourse\n\nWhat it is.\n\n<!-- How fast")
    assert once.endswith(f"{markdown.END}\n\n## How to plug it in\n\nSo.\n")
    assert markdown.inserted(once, sample.whole()) == once
    later = Run.model_validate({**sample.whole().to_json(), "day": "2027-02-01"})
    assert markdown.inserted(once, later) == once.replace("2027-01-12", "2027-02-01")


def test_a_run_that_is_not_whole_is_not_shown() -> None:
    quick = Run.model_validate({**sample.whole().to_json(), "quick": True})
    broken = sample.failed().to_json()["failed"]
    failed = Run.model_validate({**sample.whole().to_json(), "failed": broken})
    for run, why in ((quick, "--quick"), (failed, "poison failed"), (sample.quick(), "--quick")):
        with pytest.raises(CommandError, match=why):
            markdown.section(run)
    partly = Run.model_validate({**sample.quick().to_json(), "quick": False})
    with pytest.raises(CommandError, match="it lacks B2, B3"):
        markdown.section(partly)
