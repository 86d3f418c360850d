"""What a run of benchmarks came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.cli.bench.benchmark import Findings, Plan
from services.cli.bench.catalogue import Entry
from services.cli.bench.machine import Machine
from services.cli.bench.saved import Run
from services.cli.bench.targets import TARGETS, Result


@dataclass(frozen=True, slots=True)
class Done:
    """One benchmark that has run, in so many seconds with all that it had to start.

    Raises KeyError for a target, or a part of one, without a figure.
    """

    entry: Entry
    findings: Findings
    seconds: float
    results: Sequence[Result] = field(init=False)

    def __post_init__(self) -> None:
        figures = self.findings.figures
        results = [Result(TARGETS[name], figures[name]) for name in self.entry.targets]
        for result in results:
            result.to_json()  # asks for the figure of every part
        object.__setattr__(self, "results", results)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "about": self.entry.help,
            "seconds": round(self.seconds, 1),
            "targets": list(self.entry.targets),
            "pictures": [picture.to_json() for picture in self.findings.pictures],
            "notes": list(self.findings.notes),
        }


@dataclass(frozen=True, slots=True)
class Failed:
    """One benchmark that could not be run to its end; `logs` is the folder of what its processes wrote."""

    entry: Entry
    what: str
    why: str
    logs: str | None

    def to_json(self) -> Mapping[str, str | None]:
        """Return it as JSON has it."""
        return {"what": self.what, "why": self.why, "logs": self.logs}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has come of a run so far."""

    machine: Machine
    done: Sequence[Done] = ()
    failed: Sequence[Failed] = ()

    def run(self, plan: Plan, day: str) -> Run:
        """Make it a run that can be kept; `day` is the date on which it was made."""
        results = {result.target.id: result for done in self.done for result in done.results}
        return Run.model_validate(
            {
                "targets": {name: results[name].to_json() for name in TARGETS if name in results},
                "benchmarks": {done.entry.name: done.to_json() for done in self.done},
                "failed": {failed.entry.name: failed.to_json() for failed in self.failed},
                "machine": self.machine.to_json(),
                "quick": plan.is_quick,
                "rounds": plan.rounds,
                "day": day,
            }
        )
