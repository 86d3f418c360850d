"""`recourse up` and `recourse demo` as processes: what they start, keep running, and leave behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from services.cli import addresses
from services.cli.addresses import System
from services.cli.embedded.instance import clear_abandoned
from services.cli.embedded.places import RUNS_SETTING
from services.cli.errors import CommandError, Exit
from services.cli.running.service_process import SERVICES, why_not_ready
from tests.support.processes import CHECKOUT, processes_in, wait_until_gone
from tests.support.running import run_command

START = datetime(2027, 1, 4, 8, tzinfo=UTC)
READY_SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 60.0
BACK_SECONDS_MAX = 60.0
PYTHON_MEGABYTES_MAX = 600


@pytest.fixture
def own() -> Iterator[Path]:
    """A folder of our own that the servers' user can reach, also while others run their tests."""
    with tempfile.TemporaryDirectory(prefix="recourse-test-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def runs(own: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where our running systems are."""
    folder = own / "runs"
    folder.mkdir(mode=0o755)
    monkeypatch.setenv(RUNS_SETTING, str(folder))
    return folder


def wait_for(what: Callable[[], bool], seconds_max: float) -> None:
    give_up = time.monotonic() + seconds_max
    while not what():
        assert time.monotonic() < give_up, "it did not come in time"
        time.sleep(0.05)


@dataclass
class Up:
    """One `recourse up`, and the files that tell of it."""

    process: subprocess.Popen[bytes]
    ready: Path
    log: Path

    def wait_until_ready(self) -> System:
        def is_ready() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            return self.ready.exists()

        wait_for(is_ready, READY_SECONDS_MAX)
        return addresses.read(self.ready)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS_MAX)

    def child(self, service: str) -> psutil.Process:
        """The process of a service."""
        found = [
            each
            for each in psutil.Process(self.process.pid).children()
            if f"services.{service}" in each.cmdline()
        ]
        assert len(found) == 1
        return found[0]


@contextmanager
def up(folder: Path, *options: str) -> Iterator[Up]:
    folder.mkdir(exist_ok=True)
    ready, log = folder / "ready.json", folder / "up.log"
    argv = [sys.executable, "-m", "services.cli", "up", "--ready-file", str(ready), *options]
    with log.open("wb") as output:
        process = subprocess.Popen(argv, cwd=CHECKOUT, stdout=output, stderr=output)
    started = Up(process, ready, log)
    try:
        yield started
    finally:
        if process.poll() is None:
            started.end()


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


def folders(runs: Path) -> Sequence[Path]:
    return [path for path in runs.iterdir() if path.is_dir()]


async def test_two_at_once_and_the_first_is_meant_when_none_is_named(runs: Path, tmp_path: Path) -> None:
    with up(tmp_path / "first", "--clock-start", "2027-01-04T08:00:00Z", "--clock-speed", "0") as first:
        found = first.wait_until_ready()
        assert [name for name, url in found.services.items() if why_not_ready(port_of(url))] == []
        with up(tmp_path / "second", "--clock-start", "2030-01-01T00:00:00Z") as second:
            other = second.wait_until_ready()
            assert len({found.kafka, other.kafka, found.database_url, other.database_url}) == 4
            assert addresses.find(None) == found
            _, data, _ = await run_command(second.ready, "clock", "show", "--json")
            assert json.loads(data)["now"].startswith("2030-01-01T00:00")
            assert "--system" in second.log.read_text()
        assert addresses.find(None) == found
        everything = processes_in(runs)
        assert first.end(signal.SIGINT) == Exit.FINE
    assert wait_until_gone(everything, seconds_max=5) == []
    assert not first.ready.exists()
    assert folders(runs) == []
    with pytest.raises(CommandError, match="No system is running"):
        addresses.find(None)


def test_killed_with_9_it_takes_everything_along_and_the_next_run_clears_up(
    runs: Path, tmp_path: Path
) -> None:
    with up(tmp_path / "one") as killed:
        killed.wait_until_ready()
        everything = [
            *processes_in(runs),
            *(child.pid for child in psutil.Process(killed.process.pid).children()),
        ]
        assert len(everything) > len(SERVICES)
        killed.end(signal.SIGKILL)
    assert wait_until_gone(everything, seconds_max=10) == []
    with pytest.raises(CommandError, match="No system is running"):
        addresses.find(None)
    assert len(clear_abandoned()) == 1
    assert folders(runs) == []


def test_the_start_is_told_step_by_step_and_all_python_processes_together_take_at_most_600_mb(
    runs: Path, tmp_path: Path
) -> None:
    with up(tmp_path / "one", "--json") as running:
        running.wait_until_ready()
        wait_for(lambda: "Ctrl-C" in running.log.read_text(), READY_SECONDS_MAX)
        said = running.log.read_text()
    start = json.JSONDecoder().raw_decode(said[said.index("{") :])[0]["start"]
    steps = {step["what"]: step for step in start["steps"]}
    assert {"Kafka", "all topics", "PostgreSQL", "a mail server", *SERVICES} <= steps.keys()
    assert all(step["began"] <= step["ended"] <= start["seconds"] for step in steps.values())
    assert steps["PostgreSQL"]["began"] < steps["Kafka"]["ended"], "they start side by side"
    for what in steps:
        assert what in said
    assert len(SERVICES) * 20 < start["python_megabytes"] <= PYTHON_MEGABYTES_MAX


def test_a_start_that_is_called_off_leaves_nothing(runs: Path, tmp_path: Path) -> None:
    with up(tmp_path / "one") as early:
        wait_for(lambda: "a mail server" in early.log.read_text(), READY_SECONDS_MAX)
        assert early.end() == Exit.FINE
    assert not early.ready.exists()
    assert processes_in(runs) == []
    assert folders(runs) == []


def test_a_service_that_is_killed_comes_back_as_the_same_and_its_crash_happens_once(
    runs: Path, tmp_path: Path
) -> None:
    crash = ("--env", "timer:RECOURSE_CRASH_AT=before_commit:100000")
    with up(tmp_path / "one", *crash) as running:
        system = running.wait_until_ready()
        assert running.child("timer").environ()["RECOURSE_CRASH_AT"] == "before_commit:100000"
        before = running.child("timer")
        before.kill()
        port = port_of(system.services["timer"])

        def is_back() -> bool:
            with suppress(AssertionError, psutil.Error):
                return running.child("timer").pid != before.pid and why_not_ready(port) is None
            return False

        wait_for(is_back, BACK_SECONDS_MAX)
        after = running.child("timer").environ()
        assert after["INSTANCE_ID"] == "timer-1"
        assert "RECOURSE_CRASH_AT" not in after
        assert "timer was killed by signal 9; it is started again in 0.2 s" in running.log.read_text()
        assert system.folder is not None
        assert "timer was started again" in (Path(system.folder) / "logs" / "supervisor.log").read_text()


async def test_a_kept_folder_is_gone_on_with_and_its_clock_is_not_set_back(
    runs: Path, own: Path, tmp_path: Path
) -> None:
    data = own / "data"
    standing = ("--data", str(data), "--clock-speed", "0")
    with up(tmp_path / "one", *standing, "--clock-start", START.isoformat()) as first:
        first.wait_until_ready()
        code, _, words = await run_command(first.ready, "clock", "advance", "9d")
        assert code == Exit.FINE, words
        before = await _count_of_migrations(first.ready)
    assert data.exists()
    with up(tmp_path / "two", *standing, "--clock-start", START.isoformat()) as refused:
        assert refused.process.wait(STOP_SECONDS_MAX) == Exit.USAGE
        assert "what happened stays happened" in refused.log.read_text()
    with up(tmp_path / "three", "--data", str(data)) as second:
        second.wait_until_ready()
        _, shown, _ = await run_command(second.ready, "clock", "show", "--json")
        assert json.loads(shown) == {"now": "2027-01-13T08:00:00Z", "speed": 0}
        assert await _count_of_migrations(second.ready) == before
        with up(tmp_path / "four", *standing) as third:
            assert third.process.wait(STOP_SECONDS_MAX) == Exit.NOT_REACHABLE
            assert "another system is running in it" in third.log.read_text()


async def _count_of_migrations(ready: Path) -> Any:
    import asyncpg  # noqa: PLC0415  the other tests here need none

    connection = await asyncpg.connect(addresses.read(ready).database_url)
    try:
        return await connection.fetchval("SELECT min(applied_at) FROM orders.migrations")
    finally:
        await connection.close()


def test_wrong_settings_of_a_service_are_said_at_once(runs: Path, tmp_path: Path) -> None:
    with up(tmp_path / "one", "--env", "claims:BATCH_RECORDS_MAX=0") as refused:
        assert refused.process.wait(READY_SECONDS_MAX) == Exit.NOT_REACHABLE
    said = refused.log.read_text()
    assert "claims is not ready" in said
    assert "BATCH_RECORDS_MAX" in said
    assert folders(runs) == []


def test_the_demo_tells_its_story_and_every_end_is_as_it_must_be(runs: Path) -> None:
    environment = os.environ | {"NO_COLOR": "1"}
    ended = subprocess.run(
        [sys.executable, "-m", "services.cli", "demo"],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    story = ended.stdout
    assert ended.returncode == Exit.FINE, f"{story}\n{ended.stderr}"
    assert story.count("as it must be") == 8
    assert "granted by a deadline that came after the filing" in story
    assert "VOID: the seller had answered in time" in story
    assert "REVERSED: the grant does not stand" in story
    assert "60 orders, 60 sellers' debits, 0 debited twice" in story
    assert "C6.5 holds: the seller was asked for information" in story
    assert "BROKEN" not in story
    assert "./deploy/run up" in story
    assert "claims was killed by signal 9" in ended.stderr
    assert "Kafka was killed by signal 9" in ended.stderr
    assert "\x1b[" not in story
    assert folders(runs) == []
