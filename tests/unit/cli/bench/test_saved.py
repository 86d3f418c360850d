"""A run as JSON: its form is documented, and what is not a run is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.cli.bench import readme, saved
from services.cli.bench.targets import TARGETS
from services.cli.errors import CommandError, Exit
from tests.unit.cli.bench import sample


def kept(folder: Path, **instead: Any) -> Path:
    path = folder / "run.json"
    path.write_text(json.dumps({**sample.whole().to_json(), **instead}))
    return path


def test_a_run_that_was_kept_is_read_as_it_was(tmp_path: Path) -> None:
    for run in (sample.whole(), sample.failed(), sample.quick()):
        saved.write(run, tmp_path / "run.json")
        assert saved.read(tmp_path / "run.json") == run


def test_a_target_of_one_number_has_it_and_one_of_several_has_them_by_name() -> None:
    targets = sample.whole().to_json()["targets"]
    assert targets["B2"]["measured"] == 9.0
    assert targets["B2"]["must"] == 12
    assert targets["B2"]["aim"] == 25
    assert targets["B2"]["ok"] is False
    assert targets["B5"]["measured"] == {"1e4": 13.0, "1e6": 65.0}
    assert targets["B6"]["aim"] == {"0": None, "1e6": None}
    assert list(targets) == list(TARGETS)


def test_what_a_target_is_made_of_comes_back_from_its_json() -> None:
    for name, target in sample.whole().targets.items():
        assert tuple(part for part, _ in target.parts()) == TARGETS[name].parts


def test_a_benchmark_that_failed_is_told_with_what_and_why() -> None:
    failed = sample.failed().to_json()["failed"]["poison"]
    assert failed["what"] == "A side did not do its work."
    assert failed["why"] == "2 records came <twice>."


@pytest.mark.parametrize(
    ("instead", "place"),
    [
        ({"quick": "perhaps"}, "quick"),
        ({"rounds": None}, "rounds"),
        ({"another": 1}, "another"),
        ({"targets": {"B1": {}}}, "targets.B1.name"),
    ],
)
def test_what_is_no_run_is_refused_with_the_place(
    tmp_path: Path, instead: dict[str, Any], place: str
) -> None:
    with pytest.raises(CommandError, match=f"why: {place}: ") as caught:
        saved.read(kept(tmp_path, **instead))
    assert caught.value.code is Exit.USAGE


def test_a_file_that_is_not_there_or_no_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be read"):
        saved.read(tmp_path / "nowhere.json")
    (tmp_path / "text.json").write_text("not JSON")
    with pytest.raises(CommandError, match="the whole file"):
        saved.read(tmp_path / "text.json")


def test_the_schema_in_the_docs_is_that_of_the_code() -> None:
    assert readme.SCHEMA.read_text("utf-8") == readme.schema(), "run python -m services.cli.bench.readme"
