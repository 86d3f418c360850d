"""`recourse bench` as it runs: what fails keeps nobody else, and nothing is left when it is called off."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from services.cli.bench import progress, saved
from services.cli.bench.benchmark import Benchmark, Findings, Plan, Step, check
from services.cli.bench.catalogue import Entry
from services.cli.bench.ground import Ground
from services.cli.bench.measured import Outcome
from services.cli.bench.rounds import Figure
from services.cli.bench.running import run_all
from services.cli.embedded.places import RUNS_SETTING
from tests.support.processes import CHECKOUT, wait_until_gone
from tests.unit.cli.bench import sample

QUICK = Plan(is_quick=True, rounds=1)
INTERRUPTED = 130
START_SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 60.0


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where our Kafka and PostgreSQL are, in a folder that the servers' user can reach."""
    with tempfile.TemporaryDirectory(prefix="recourse-test-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        monkeypatch.setenv(RUNS_SETTING, name)
        yield folder


def children_of(pid: int, word: str = "") -> list[int]:
    """Return the ids of all that a process started, directly or not, with this word in their command line."""
    found = []
    for child in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if word in " ".join(child.cmdline()):
                found.append(child.pid)
    return found


@dataclass(frozen=True)
class Given(Entry):
    """A benchmark that is given, not imported."""

    benchmark: Benchmark

    def load(self) -> Benchmark:
        return self.benchmark


def broken(ground: Ground, plan: Plan, step: Step) -> Findings:
    """Start a peer, and find that it did not do its work."""
    step("the only step")
    assert ground.plain("orders", 1).running()
    check("3 records came twice")
    raise AssertionError


def fine(ground: Ground, plan: Plan, step: Step) -> Findings:
    """Find that nothing runs yet but Kafka and PostgreSQL."""
    step("the only step")
    assert children_of(os.getpid(), "services.cli.bench") == []
    return Findings({"B9": {"": Figure([1.0])}}, notes=["all well"])


def given(name: str, targets: Sequence[str], measure: object) -> Given:
    benchmark = Benchmark(steps=lambda _: 1, measure=measure)  # type: ignore[arg-type]  # one of the two above
    return Given(name, f"Measure {name}.", targets, benchmark)


def test_a_benchmark_that_fails_keeps_no_other_and_its_logs_are_kept(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept: list[Outcome] = []
    entries = [given("broken", ("B1",), broken), given("fine", ("B9",), fine)]
    with progress.shown(len(entries)) as shown:
        outcome = run_all(entries, QUICK, shown, kept.append)
    run = outcome.run(QUICK, "2027-01-12")
    assert run.failed["broken"].why == "3 records came twice."
    assert list(run.targets) == ["B9"]
    assert run.benchmarks["fine"].notes == ["all well"]
    assert [(len(each.done), len(each.failed)) for each in kept] == [(0, 1), (1, 1)]
    logs = Path(run.failed["broken"].logs or "")
    assert {"bench.log", "plain.log"} <= {path.name for path in logs.iterdir()}
    assert list(runs.glob("run-*")) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_when_a_run_is_called_off(runs: Path, tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "services.cli", "bench", "pipeline", "--quick"]
    command += ["--save", str(tmp_path / "run.json")]
    bench = subprocess.Popen(command, cwd=CHECKOUT, env=os.environ, stderr=subprocess.PIPE, text=True)
    assert bench.stderr is not None
    give_up = time.monotonic() + START_SECONDS_MAX
    while not children_of(bench.pid, "services.orders"):
        assert bench.poll() is None, bench.stderr.read()
        assert time.monotonic() < give_up, "no service was started"
        time.sleep(0.05)
    started = children_of(bench.pid)
    bench.send_signal(number)
    said = bench.communicate(timeout=STOP_SECONDS_MAX)[1]
    assert bench.returncode == INTERRUPTED
    assert said.endswith("recourse: stopped; 0 of 1 finished\n")
    assert wait_until_gone(started, STOP_SECONDS_MAX) == []
    assert list(runs.glob("run-*")) == []
    assert not (tmp_path / "run.json").exists()


def test_a_run_that_was_kept_is_told_again_and_its_page_made_anew(tmp_path: Path) -> None:
    saved.write(sample.whole(), tmp_path / "run.json")
    command = [sys.executable, "-m", "services.cli", "bench", "report", str(tmp_path / "run.json")]
    told = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert "12 of 13 targets are met" in told.stdout
    assert (tmp_path / "run.html").exists()
