"""What a run of benchmarks came to, as JSON: the tables and pictures are made of it and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.cli.bench.benchmark import Findings, Plan
from services.cli.bench.catalogue import Entry
from services.cli.bench.machine import Machine
from services.cli.bench.targets import TARGETS, Result


@dataclass(frozen=True, slots=True)
class Done:
    """One benchmark that has run, in so many seconds with all that it had to start."""

    entry: Entry
    findings: Findings
    seconds: float

    def results(self) -> Sequence[Result]:
        """Hold the figures against the targets. Raises KeyError for a target without a figure."""
        return [Result(TARGETS[name], self.findings.figures[name]) for name in self.entry.targets]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "seconds": round(self.seconds, 1),
            "targets": list(self.entry.targets),
            "pictures": [picture.to_json() for picture in self.findings.pictures],
            "notes": list(self.findings.notes),
        }


def to_json(done: Sequence[Done], plan: Plan, machine: Machine, day: str) -> Mapping[str, Any]:
    """Return a whole run; `day` is the date on which it was made."""
    return {
        "targets": {
            result.target.id: {"measure": result.target.measure, **result.to_json()}
            for each in done
            for result in each.results()
        },
        "benchmarks": {each.entry.name: each.to_json() for each in done},
        "machine": machine.to_json(),
        "quick": plan.is_quick,
        "rounds": plan.rounds,
        "day": day,
    }
