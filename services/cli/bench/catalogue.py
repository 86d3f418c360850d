"""All benchmarks by name. Each is a module that is imported when it is run: `--help` needs none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.cli.bench.benchmark import Benchmark


@dataclass(frozen=True, slots=True)
class Entry:
    """A benchmark's name on the command line, its help (the first line is its summary), and its targets."""

    name: str
    help: str
    targets: Sequence[str]

    def load(self) -> Benchmark:
        """Import it."""
        module = import_module(f"services.cli.bench.{self.name.replace('-', '_')}")
        found: Benchmark = module.BENCHMARK
        return found


CATALOGUE: Sequence[Entry] = (
    Entry(
        "pipeline",
        "Measure a service from Kafka to Kafka against plain FastStream handlers, and its database stage against "
        "COPY.\n\nEvery side works off a backlog of the same orders and makes the same decisions.",
        ("B1", "B2", "B3"),
    ),
    Entry(
        "lifecycle",
        "Measure whole lives of orders, from the checkout to the debit, through all services.\n\nAgainst plain "
        "handlers that make the same decisions, one transaction and one acknowledgement a message, and a plain timer.",
        ("B4",),
    ),
    Entry(
        "timers",
        "Measure how many deadlines fire in a second, and how late, with up to ten million pending.\n\nAgainst "
        "pgqueuer and procrastinate in the same contract, an echo, and itself beside an old snapshot.",
        ("B5", "B6", "B7", "B8", "B9"),
    ),
    Entry(
        "backlog",
        "Measure whether a million records that wait slow a service down, or fill its memory.\n\nAgainst backlogs of "
        "ten thousand, before and after it.",
        ("B10",),
    ),
    Entry(
        "latency",
        "Measure how long an answer takes while all services work.\n\nA command's answer, and an expired deadline's "
        "debit, at 500 records a second, against an echo through the same Kafka.",
        ("B11",),
    ),
    Entry(
        "poison",
        "Measure what records that nobody can read cost the others.\n\nOne in 1 000, of ten kinds, against a clean "
        "stream; exactly these must become dead letters.",
        ("B12",),
    ),
    Entry(
        "hot-seller",
        "Measure whether a seller of many orders slows all down.\n\nWhole lives of orders, nine in ten of them one "
        "seller's, against lives that are spread over all sellers.",
        ("B13",),
    ),
)
