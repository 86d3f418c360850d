"""The clock of a system, over its starts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cli.errors import CommandError, Exit
from services.cli.running.kept_clock import KeptClock, Wanted
from shared.kit.clock import real_now

START = datetime(2027, 1, 4, 8, tzinfo=UTC)


def test_without_a_wish_it_is_real_time_and_can_be_moved(tmp_path: Path) -> None:
    before = real_now()
    clock = KeptClock(tmp_path, Wanted())
    clock.let_run()
    assert before <= clock.file.now() <= real_now()
    clock.file.set(clock.file.now() + timedelta(days=2))
    assert clock.file.now() > before + timedelta(days=2)


def test_it_stands_at_its_start_until_it_is_let_run(tmp_path: Path) -> None:
    clock = KeptClock(tmp_path, Wanted(START))
    assert clock.file.now() == START
    assert clock.file.read().speed == 0
    clock.let_run()
    assert clock.file.read().speed == 1
    assert START <= clock.file.now() < START + timedelta(seconds=5)


def test_one_that_stands_still_stays_where_it_starts(tmp_path: Path) -> None:
    clock = KeptClock(tmp_path, Wanted(START, 0.0))
    clock.let_run()
    assert clock.file.now() == START


def test_a_kept_one_is_not_set_back(tmp_path: Path) -> None:
    clock = KeptClock(tmp_path, Wanted(START, 0.0))
    clock.file.set(START + timedelta(days=9))
    clock.note()
    with pytest.raises(CommandError, match="what happened stays happened") as wrong:
        KeptClock(tmp_path, Wanted(START + timedelta(days=8)))
    assert wrong.value.code == Exit.USAGE
    assert KeptClock(tmp_path, Wanted(START + timedelta(days=10), 0.0)).file.now() == START + timedelta(
        days=10
    )


def test_a_kept_one_that_stood_still_goes_on_where_it_stood(tmp_path: Path) -> None:
    clock = KeptClock(tmp_path, Wanted(START, 0.0))
    clock.file.set(START + timedelta(days=9))
    clock.note()
    again = KeptClock(tmp_path, Wanted())
    again.let_run()
    assert (again.file.now(), again.file.read().speed) == (START + timedelta(days=9), 0)


def test_what_it_showed_is_not_forgotten_when_all_was_killed_before_it_was_noted(tmp_path: Path) -> None:
    clock = KeptClock(tmp_path, Wanted(START, 0.0))
    clock.file.set(START + timedelta(days=9))
    with pytest.raises(CommandError, match="what happened stays happened"):
        KeptClock(tmp_path, Wanted(START + timedelta(days=8)))
    assert KeptClock(tmp_path, Wanted()).file.now() == START + timedelta(days=9)


def test_a_kept_one_that_ran_as_fast_as_real_time_has_gone_on(tmp_path: Path) -> None:
    clock = KeptClock(tmp_path, Wanted(START))
    clock.let_run()
    clock.note()
    noted = datetime.fromisoformat((tmp_path / "clock-last").read_text().strip())
    again = KeptClock(tmp_path, Wanted())
    again.let_run()
    assert again.file.now() > noted
    assert again.file.read().speed == 1
