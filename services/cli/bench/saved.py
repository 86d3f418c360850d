"""A run of benchmarks as JSON: what every table, page and picture is made of, and nothing else.

`docs/benchmark/measured.schema.json` is made of these models.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.cli.bench.rounds import Figure
from services.cli.bench.targets import Part
from services.cli.errors import usage

T = TypeVar("T")
Each = Annotated[
    T | dict[str, T],
    Field(description="One value, or one for each part of a target that has parts, by the part's name."),
]


class _Saved(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SavedTarget(_Saved):
    """A target and what was measured of it: the median of its rounds, with their range."""

    name: str
    measure: str
    measured: Each[float]
    low: Each[float]
    high: Each[float]
    rounds: list[float] | dict[str, list[float]]
    must: Each[float]
    aim: Each[float | None]
    unit: Each[str] = Field(description='"x" is a ratio.')
    at_most: Each[bool] = Field(description="Whether less is better.")
    ok: bool = Field(description="Whether all of it is what it must be.")
    held_back_by: str | None = Field(
        description="The decision record that says what keeps it from its aim, where there is one."
    )

    def parts(self) -> Sequence[tuple[Part, Figure]]:
        """Give each part of it with its figure; a target of one number has one part without a name."""
        names = list(self.must) if isinstance(self.must, dict) else [""]
        return [(self._part(name), Figure(_of(self.rounds, name))) for name in names]

    def _part(self, name: str) -> Part:
        return Part(
            name,
            must=_of(self.must, name),
            aim=_of(self.aim, name),
            is_at_most=_of(self.at_most, name),
            unit=_of(self.unit, name),
        )


class SavedDots(_Saved):
    """For each side, one number a round."""

    kind: Literal["dots"]
    title: str
    unit: str
    log: bool
    sides: dict[str, list[float]]


class SavedCurves(_Saved):
    """For each side, points (x, y) in the order of x."""

    kind: Literal["curves"]
    title: str
    x: str
    y: str
    x_log: bool
    y_log: bool
    sides: dict[str, list[tuple[float, float]]]


class SavedBenchmark(_Saved):
    """One benchmark that was run to its end."""

    about: str
    seconds: float = Field(description="With all that it had to start.")
    targets: list[str]
    pictures: list[Annotated[SavedDots | SavedCurves, Field(discriminator="kind")]]
    notes: list[str]


class SavedFailure(_Saved):
    """One benchmark that was not run to its end."""

    what: str
    why: str
    logs: str | None = Field(description="The folder in which the logs of its processes were kept.")


class SavedMachine(_Saved):
    """What it was measured on."""

    cores: int
    processor: str
    memory_gb: float = Field(description="Of 10^9 bytes.")
    fsync_ms_median: float
    fsync_ms_p99: float
    file_system: str = Field(description="That PostgreSQL and Kafka wrote to.")
    versions: dict[str, str] = Field(description="Of servers, libraries and peers.")


class Run(_Saved):
    """A run of one benchmark or of several."""

    targets: dict[str, SavedTarget] = Field(description="By id, B1 and so on.")
    benchmarks: dict[str, SavedBenchmark]
    failed: dict[str, SavedFailure]
    machine: SavedMachine
    quick: bool = Field(description="One small round: the numbers show that all works, not how fast.")
    rounds: int
    day: str = Field(description="On which it was made, as 2027-01-31.")

    @property
    def met(self) -> int:
        """How many targets are what they must be."""
        return sum(target.ok for target in self.targets.values())

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return self.model_dump(mode="json")


def write(run: Run, path: Path) -> None:
    """Keep a run."""
    path.write_text(run.model_dump_json(indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> Run:
    """Read a run that was kept. Raises CommandError when there is none."""
    try:
        return Run.model_validate_json(path.read_bytes())
    except OSError as error:
        raise usage(f"{path} can't be read.", f"{error.strerror}.", "name what `--save` kept.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"]) or "the whole file"
        raise usage(
            f"{path} is no run of benchmarks.", f"{place}: {first['msg']}.", "name what `--save` kept."
        ) from error


def _of(value: Any, part: str) -> Any:
    return value[part] if isinstance(value, dict) else value
