"""What is asked for wrongly is refused before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.app import app
from services.cli.bench.catalogue import CATALOGUE
from services.cli.errors import CommandError, Exit


def refused(*arguments: str) -> CommandError:
    error = CliRunner().invoke(app, ["bench", *arguments]).exception
    assert isinstance(error, CommandError)
    assert error.code is Exit.USAGE
    return error


def test_a_benchmark_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    error = refused("all", "--quick", "--only", "pipeline", "--only", "speed")
    assert error.what == "There is no benchmark speed."
    assert all(entry.name in error.why for entry in CATALOGUE)


@pytest.mark.parametrize("name", ["page.html", "run", "nowhere/run.json"])
def test_a_file_that_could_not_be_kept_is_refused(tmp_path: Path, name: str) -> None:
    refused("pipeline", "--quick", "--save", str(tmp_path / name))


def test_a_report_of_what_is_no_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}")
    assert "is no run of benchmarks" in refused("report", str(tmp_path / "other.json")).what
    assert list(tmp_path.glob("*.html")) == []
