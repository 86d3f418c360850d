"""The ready file, and which system is meant when none is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.cli import addresses
from services.cli.addresses import FirstUp, System
from services.cli.embedded import places
from services.cli.errors import CommandError, Exit

SYSTEM = System(
    kafka="127.0.0.1:9092", database_url="postgresql://reader@127.0.0.1/x", services={"orders": "http://x"}
)


@pytest.fixture(autouse=True)
def _runs_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(places.RUNS_SETTING, str(tmp_path / "runs"))


def test_what_is_written_is_read_back_and_what_is_missing_is_null(tmp_path: Path) -> None:
    addresses.write(SYSTEM, tmp_path / "deep" / "ready.json")
    assert addresses.read(tmp_path / "deep" / "ready.json") == SYSTEM
    written = json.loads((tmp_path / "deep" / "ready.json").read_text())
    assert written["gateway"] is None
    assert list((tmp_path / "deep").iterdir()) == [tmp_path / "deep" / "ready.json"]


def test_only_its_owner_may_read_it_because_a_password_is_in_it(tmp_path: Path) -> None:
    addresses.write(SYSTEM, tmp_path / "ready.json")
    assert (tmp_path / "ready.json").stat().st_mode & 0o077 == 0


def test_a_file_of_a_later_release_is_read(tmp_path: Path) -> None:
    later = {"kafka": "k:1", "database_url": "postgresql://x", "moon": "full"}
    (tmp_path / "ready.json").write_text(json.dumps(later))
    assert addresses.read(tmp_path / "ready.json").kafka == "k:1"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kafka": 7, "database_url": "x"}', '{"kafka": "k:1"}'])
def test_what_is_no_ready_file_is_wrong_usage(tmp_path: Path, text: str) -> None:
    (tmp_path / "ready.json").write_text(text)
    with pytest.raises(CommandError, match="is no ready file") as wrong:
        addresses.read(tmp_path / "ready.json")
    assert wrong.value.code == Exit.USAGE


def test_a_file_that_is_not_there_means_that_the_system_is_not_reachable(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="does not exist") as wrong:
        addresses.read(tmp_path / "ready.json")
    assert wrong.value.code == Exit.NOT_REACHABLE


def test_the_first_up_of_the_checkout_is_meant_when_none_is_named() -> None:
    first, second = FirstUp(), FirstUp()
    assert (first.is_ours, second.is_ours) == (True, False)
    first.publish(SYSTEM)
    second.publish(System(kafka="other:1", database_url="postgresql://other"))
    assert addresses.find(None) == SYSTEM
    first.close()
    with pytest.raises(CommandError, match="No system is running"):
        addresses.find(None)
    third = FirstUp()
    assert third.is_ours
    third.close()


def test_what_a_killed_up_left_is_not_taken_for_a_running_system() -> None:
    first = FirstUp()
    first.publish(SYSTEM)
    assert first._lock is not None
    first._lock.close()  # as the kernel does when the process is killed
    with pytest.raises(CommandError, match="No system is running") as wrong:
        addresses.find(None)
    assert wrong.value.code == Exit.NOT_REACHABLE


def test_a_named_file_is_taken_even_if_another_system_runs(tmp_path: Path) -> None:
    first = FirstUp()
    first.publish(SYSTEM)
    other = System(kafka="other:1", database_url="postgresql://other")
    addresses.write(other, tmp_path / "other.json")
    assert addresses.find(tmp_path / "other.json") == other
    first.close()
