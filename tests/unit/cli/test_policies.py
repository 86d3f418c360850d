"""`recourse policy check` and `diff`, and which policies a command goes by."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli.addresses import System
from services.cli.commands import policy
from services.cli.errors import CommandError, Exit
from services.cli.policies import catalogue, folder_of
from services.cli.running.system import RunningSystem
from shared.policies import SHIPPED


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "mine", ignore=shutil.ignore_patterns("*.py", "__*")))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner(env={"COLUMNS": "250"}).invoke(policy.app, list(arguments), catch_exceptions=True)
    if isinstance(done.exception, CommandError):
        return done.exception.code, str(done.exception)
    return done.exit_code, done.stdout


def run_json(*arguments: str) -> tuple[int, Any]:
    code, said = run(*arguments, "--json")
    return code, json.loads(said)


def test_what_ships_is_right() -> None:
    code, found = run_json("check")
    assert (code, found["ok"]) == (Exit.FINE, True)
    assert found["policies"] == ["2021-en", "2021-zh", "classic"]
    assert found["marketplaces"]["cn"] == [{"policy": "2021-zh", "from": None, "to": None}]
    assert "ok: 3 policies (2021-en, 2021-zh, classic)" in run("check")[1]


def test_a_mistake_is_named_by_file_line_and_key(folder: Path) -> None:
    change(folder / "policies" / "classic.yaml", "answer: 7d", "answer: -7d")
    code, said = run("check", str(folder))
    assert code == Exit.CHECK_FAILED
    wrong = "policies/classic.yaml, line 26, claims.answer: is negative, which a duration cannot be"
    assert said == f"{folder}/{wrong}\n"
    code, found = run_json("check", str(folder))
    assert (code, found["ok"]) == (Exit.CHECK_FAILED, False)
    assert found["error"] == {
        "file": "policies/classic.yaml",
        "line": 26,
        "key": "claims.answer",
        "why": "is negative, which a duration cannot be",
    }


def test_two_policies_differ_by_number_rule_and_meaning() -> None:
    code, found = run_json("diff", "2021-en", "classic")
    assert (code, found["a"], found["b"]) == (Exit.FINE, "2021-en", "classic")
    assert [(each["key"], each["a"], each["b"], each["rules"]) for each in found["differences"]] == [
        ("claims.answer", "null", "7d", ["C6.5"]),
        ("claims.grounds.C6.2", "true", "false", ["C6.2"]),
    ]
    assert found["differences"][0]["meaning"].startswith("How long the seller has to answer")
    table = run("diff", "2021-en", "classic")[1]
    assert "How long the seller has to answer" in table
    assert "C6.5" in table


def test_a_policy_does_not_differ_from_itself() -> None:
    assert run("diff", "classic", "classic") == (Exit.FINE, "classic and classic say the same.\n")


def test_a_file_is_compared_as_well(folder: Path) -> None:
    mine = folder / "policies" / "mine.yaml"
    shutil.copy(folder / "policies" / "2021-en.yaml", mine)
    change(mine, "id: 2021-en", "id: mine")
    change(mine, "appeal: 30d", "appeal: 60d")
    _, found = run_json("diff", "2021-en", str(mine))
    assert [(each["key"], each["b"]) for each in found["differences"]] == [("claims.appeal", "60d")]


def test_what_is_neither_a_policy_nor_a_file_is_a_wrong_use(folder: Path) -> None:
    code, said = run("diff", "2021-en", "2031-en")
    assert code == Exit.USAGE
    assert "neither a file nor one of 2021-en, 2021-zh, classic" in said
    change(folder / "policies" / "classic.yaml", "answer: 7d", "anwser: 7d")
    code, said = run("diff", "2021-en", str(folder / "policies" / "classic.yaml"))
    assert code == Exit.USAGE
    assert "classic.yaml, line 26, claims.anwser: is not a key that is known here" in said


def test_the_installations_own_folder_is_what_commands_go_by(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(folder / "marketplaces.yaml", "    - policy: 2021-en\n", "    - policy: classic\n")
    monkeypatch.setenv("RECOURSE_POLICIES", str(folder))
    assert catalogue().marketplace("us").policies[0].policy == "classic"
    assert run_json("check")[1]["folder"] == str(folder)


def test_a_systems_own_folder_goes_before_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system = System("localhost:9092", "postgresql://localhost/x", policies=str(folder))
    assert folder_of(system) == folder
    assert folder_of(System("localhost:9092", "postgresql://localhost/x")) == SHIPPED
    monkeypatch.setenv("RECOURSE_POLICIES", str(folder.parent / "elsewhere"))
    assert folder_of(system) == folder
    assert folder_of() == folder.parent / "elsewhere"


def test_nothing_is_started_with_a_bad_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "policies" / "classic.yaml").write_text("id: classic\n", "utf-8")
    monkeypatch.setenv("RECOURSE_POLICIES", str(folder))
    with pytest.raises(CommandError, match=r"policies/classic.yaml, line 1, commands: is missing"):
        RunningSystem()
