"""Runs benchmarks one after the other, each on a fresh ground: none finds what another left, or falls with it."""

from __future__ import annotations

import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from services.cli.bench import machine as machines
from services.cli.bench.benchmark import Benchmark, Plan
from services.cli.bench.catalogue import Entry
from services.cli.bench.ground import Ground, ground
from services.cli.bench.measured import Done, Failed, Outcome
from services.cli.bench.progress import Progress
from services.cli.embedded.errors import EmbeddedError
from services.cli.errors import CommandError, Exit

LOGS = "recourse-bench-"


def run_all(
    entries: Sequence[Entry], plan: Plan, progress: Progress, kept: Callable[[Outcome], None]
) -> Outcome:
    """Run them; `kept` is told what has come of them so far after each. One that fails does not keep the others.

    Raises CommandError when a peer is not installed, EmbeddedError when no Kafka or PostgreSQL can be had at first.
    """
    loaded = [(entry, entry.load()) for entry in entries]
    peers = _versions_of_peers([benchmark for _, benchmark in loaded])
    outcome: Outcome | None = None
    for entry, benchmark in loaded:
        progress.begin(entry.name, benchmark.steps(plan))
        try:
            with ground() as found:
                if outcome is None:
                    outcome = Outcome(machines.look(found.instance.path, {**found.versions(), **peers}))
                outcome = _with(outcome, _measured(found, entry, benchmark, plan, progress))
        except EmbeddedError as error:
            if outcome is None:
                raise
            outcome = _with(outcome, Failed(entry, error.what, error.why, None))
        progress.end()
        kept(outcome)
    if outcome is None:
        raise ValueError("no benchmark was named")
    return outcome


def _measured(
    ground: Ground, entry: Entry, benchmark: Benchmark, plan: Plan, progress: Progress
) -> Done | Failed:
    started = time.monotonic()
    try:
        findings = benchmark.measure(ground, plan, progress.step)
        return Done(entry, findings, time.monotonic() - started)
    except Exception as error:  # noqa: BLE001 - whatever it is, the others are still worth their time
        what, why = (
            (error.what, error.why)
            if isinstance(error, CommandError | EmbeddedError)
            else ("It broke off.", f"{type(error).__name__}: {error}")
        )
        return Failed(entry, what, why, _keep_logs(ground))


def _keep_logs(ground: Ground) -> str:
    """Copy what the processes wrote, and where it broke off: the ground goes, with all that is in it."""
    ground.clear()
    folder = tempfile.mkdtemp(prefix=LOGS)
    shutil.copytree(ground.instance.logs, Path(folder), dirs_exist_ok=True)
    (Path(folder) / "bench.log").write_text(traceback.format_exc(), encoding="utf-8")
    return folder


def _with(outcome: Outcome, another: Done | Failed) -> Outcome:
    if isinstance(another, Done):
        return replace(outcome, done=[*outcome.done, another])
    return replace(outcome, failed=[*outcome.failed, another])


def _versions_of_peers(benchmarks: Sequence[Benchmark]) -> Mapping[str, str]:
    found = {}
    for name in dict.fromkeys(name for benchmark in benchmarks for name in benchmark.peers):
        try:
            found[name] = version(name)
        except PackageNotFoundError as error:
            raise CommandError(
                Exit.USAGE,
                what=f"{name} is not installed.",
                why="it is one of the peers that Recourse is measured against.",
                remedy="run `./deploy/run bench`, which has it, or install the extra `bench`.",
            ) from error
    return found
