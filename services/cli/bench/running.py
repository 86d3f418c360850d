"""Runs benchmarks one after the other, each on a fresh ground: none finds what another left."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from services.cli.bench import machine as machines
from services.cli.bench.benchmark import Benchmark, Plan, Step
from services.cli.bench.catalogue import Entry
from services.cli.bench.ground import ground
from services.cli.bench.machine import Machine
from services.cli.bench.measured import Done
from services.cli.errors import CommandError, Exit

if TYPE_CHECKING:
    from rich.progress import Progress


def run_all(entries: Sequence[Entry], plan: Plan, progress: Progress) -> tuple[Sequence[Done], Machine]:
    """Run them. Raises CommandError when a peer is not installed or a side did not do its work."""
    loaded = [(entry, entry.load()) for entry in entries]
    peers = _versions_of_peers([benchmark for _, benchmark in loaded])
    total = sum(benchmark.steps(plan) for _, benchmark in loaded)
    task = progress.add_task("", total=total)
    done, machine = [], None
    for entry, benchmark in loaded:
        progress.update(task, description=f"{entry.name}: starting Kafka and PostgreSQL")
        started = time.monotonic()
        with ground() as found:
            machine = machine or machines.look(found.instance.path, {**found.versions(), **peers})
            findings = benchmark.measure(found, plan, _stepper(progress, task, entry.name))
        done.append(Done(entry, findings, time.monotonic() - started))
    if machine is None:
        raise ValueError("no benchmark was named")
    progress.update(task, completed=total)
    return done, machine


def _stepper(progress: Progress, task: Any, name: str) -> Step:
    """Show a step when it begins; the one before it has ended."""
    begun = False

    def step(what: str) -> None:
        nonlocal begun
        progress.update(task, description=f"{name}: {what}", advance=1 if begun else 0)
        begun = True

    return step


def _versions_of_peers(benchmarks: Sequence[Benchmark]) -> dict[str, str]:
    found = {}
    for name in dict.fromkeys(name for benchmark in benchmarks for name in benchmark.peers):
        try:
            found[name] = version(name)
        except PackageNotFoundError as error:
            raise CommandError(
                Exit.USAGE,
                what=f"{name} is not installed.",
                why="it is one of the peers that Recourse is measured against.",
                remedy="install the extra `bench`: pip install 'recourse[bench]'.",
            ) from error
    return found
