"""The targets: what is measured, what it must be, and what we aim at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.cli.bench.rounds import Figure


class Standing(StrEnum):
    """How a measured number stands to what it must be and to what we aim at."""

    AS_AIMED = "as aimed"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Part:
    """One number of a target; `name` is empty where the target has only one. Without `aim`, `must` is all."""

    name: str
    must: float
    aim: float | None = None
    is_at_most: bool = False
    unit: str = "x"

    def is_met(self, measured: float) -> bool:
        """Whether it is what it must be."""
        return self._reaches(measured, self.must)

    def standing(self, measured: float) -> Standing:
        """Say how it stands. What has no aim of its own can only be met."""
        if not self.is_met(measured):
            return Standing.MISSED
        is_as_aimed = self.aim is not None and self._reaches(measured, self.aim)
        return Standing.AS_AIMED if is_as_aimed else Standing.MET

    def _reaches(self, measured: float, limit: float) -> bool:
        return measured <= limit if self.is_at_most else measured >= limit


@dataclass(frozen=True, slots=True)
class Target:
    """One measure: `name` in a few words for a table, `measure` as a sentence.

    A ratio is ours to that of the side which it is measured against. `held_back_by` is the path of the decision record
    that says what keeps it from its aim, for those that have one.
    """

    id: str
    name: str
    measure: str
    parts: tuple[Part, ...]
    held_back_by: str | None = None


TARGETS: Mapping[str, Target] = {
    target.id: target
    for target in (
        Target(
            "B1",
            "a pipeline ÷ a plain handler",
            "a service from Kafka to Kafka, records/s, to the same decisions in a plain FastStream handler "
            "(one transaction and one acknowledgement a message)",
            (Part("", must=30, aim=60),),
            held_back_by="docs/decisions/0012-what-holds-the-pipeline-back.md",
        ),
        Target(
            "B2",
            "the same ÷ tuned",
            "the same to that handler at its best (a worker for each partition, acknowledged after commit)",
            (Part("", must=12, aim=25),),
            held_back_by="docs/decisions/0012-what-holds-the-pipeline-back.md",
        ),
        Target(
            "B3",
            "placement in SQL ÷ COPY",
            "order placement: a batch's database stage to COPY of the same rows into the same tables",
            (Part("", must=0.70, aim=0.85),),
            held_back_by="docs/decisions/0008-what-a-record-costs.md",
        ),
        Target(
            "B4",
            "lifecycles ÷ plain handlers",
            "whole lifecycles/s, from order placed to debit, all services, to plain handlers",
            (Part("", must=15, aim=30),),
            held_back_by="docs/decisions/0012-what-holds-the-pipeline-back.md",
        ),
        Target(
            "B5",
            "timers ÷ pgqueuer",
            "timers fired/s, due to acknowledged in Kafka, to pgqueuer, by deadlines pending",
            (Part("1e4", must=3, aim=10), Part("1e6", must=15, aim=50)),
            held_back_by="docs/decisions/0009-timers-fire-in-one-statement.md",
        ),
        Target(
            "B6",
            "timers ÷ procrastinate",
            "the same to procrastinate, by deadlines pending",
            (Part("0", must=40), Part("1e6", must=1000)),
        ),
        Target(
            "B7",
            "timers' lateness, p99",
            "how late timers fire at 1 000 due/s, p99: to an echo's, at the worst of 1e4 to 1e7 pending; "
            "and at 1e7 to at 1e4",
            (
                Part("to the echo", must=5, aim=2, is_at_most=True),
                Part("1e7 to 1e4", must=2, aim=1.2, is_at_most=True),
            ),
            held_back_by="docs/decisions/0009-timers-fire-in-one-statement.md",
        ),
        Target(
            "B8",
            "1e7 ÷ 1e4 pending",
            "from 1e4 to 1e7 deadlines pending: what it costs to claim one that is due, and an idle look",
            (
                Part("a row", must=1.5, aim=1, is_at_most=True),
                Part("idle look", must=10, is_at_most=True, unit="buffers"),
            ),
            held_back_by="docs/decisions/0009-timers-fire-in-one-statement.md",
        ),
        Target(
            "B9",
            "timers, old snapshot ÷ none",
            "timers fired/s while an old snapshot is held open, to without",
            (Part("", must=0.8, aim=1),),
            held_back_by="docs/decisions/0009-timers-fire-in-one-statement.md",
        ),
        Target(
            "B10",
            "backlog, 1e6 ÷ 1e4",
            "a backlog of 1e6 records: records/s to those at 1e4; growth of memory",
            (Part("records/s", must=0.9), Part("memory", must=50, is_at_most=True, unit="MB")),
        ),
        Target(
            "B11",
            "p99 ÷ an echo's",
            "at 500 records/s with all services, p99 to an echo's: a command's answer; "
            "an expired deadline's debit, which crosses three services",
            (
                Part("answer", must=5, aim=3, is_at_most=True),
                Part("debit", must=12, is_at_most=True),
            ),
            held_back_by="docs/decisions/0011-what-a-small-batch-waits-for.md",
        ),
        Target(
            "B12",
            "0.1 % poison ÷ clean",
            "records/s with one in 1 000 undecodable, to a clean stream; exactly these become dead letters",
            (Part("", must=0.7, aim=0.9),),
        ),
        Target(
            "B13",
            "hot seller ÷ spread",
            "lifecycles/s with 90 % of the orders on one seller, to orders spread evenly",
            (Part("", must=0.9, aim=1),),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a target: a figure for each of its parts."""

    target: Target
    figures: Mapping[str, Figure]

    @property
    def ok(self) -> bool:
        """Whether all of it is what it must be."""
        return all(part.is_met(self.figures[part.name].median) for part in self.target.parts)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it: a target in parts has an object of its parts where another has a number."""
        return {
            "name": self.target.name,
            "measure": self.target.measure,
            "measured": self._of_each(lambda part: self.figures[part.name].median),
            "low": self._of_each(lambda part: self.figures[part.name].low),
            "high": self._of_each(lambda part: self.figures[part.name].high),
            "rounds": self._of_each(lambda part: list(self.figures[part.name].rounds)),
            "must": self._of_each(lambda part: part.must),
            "aim": self._of_each(lambda part: part.aim),
            "unit": self._of_each(lambda part: part.unit),
            "at_most": self._of_each(lambda part: part.is_at_most),
            "ok": self.ok,
            "held_back_by": self.target.held_back_by,
        }

    def _of_each(self, value: Callable[[Part], Any]) -> Any:
        if len(self.target.parts) == 1:
            return value(self.target.parts[0])
        return {part.name: value(part) for part in self.target.parts}
