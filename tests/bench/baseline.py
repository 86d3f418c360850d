"""The checked-in costs, and how far from them one may be. `python -m tests.bench.baseline` writes them anew."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.bench.measuring import Measured, Step, clock_by_hand, measure, open_town, uncollected
from tests.bench.server import still_server

FILE = Path(__file__).with_name("baseline.json")
COMMAND = "python -m tests.bench.baseline"
MAY_MOVE = 0.10
EXACT = ("statements", "rows")
"""These are whole decisions of the code: one more is a change, however many there were."""
_ROUNDING = 0.005

Numbers = Mapping[str, float]
"""By name: `SERVICE: KIND OF RECORD: WHAT`, for each statement a batch, for all else a record."""


def numbers_of(steps: Mapping[str, Step]) -> Numbers:
    """Name every number, sorted."""
    return {
        f"{name}: {what}": round(number, 2)
        for name, step in sorted(steps.items())
        for what, number in sorted(step.numbers().items())
    }


def read() -> Numbers:
    """Return what is checked in."""
    found: dict[str, float] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def write(numbers: Numbers) -> None:
    """Check in these, one line each."""
    FILE.write_text(json.dumps(numbers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def moved(before: Numbers, now: Numbers) -> list[str]:
    """Say what is not as it was: each number that moved too far, by how much, from what to what."""
    said = []
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            said.append(f"{name}: was {before[name]:g}, is not measured any more")
        elif name not in before:
            said.append(f"{name}: is {now[name]:g}, is new")
        elif _is_far(name, before[name], now[name]):
            was, is_ = before[name], now[name]
            by = f"{(is_ - was) / was:+.0%}" if was else "new"
            said.append(f"{name}: {was:g} -> {is_:g} ({by})")
    return said


def _is_far(name: str, was: float, is_: float) -> bool:
    may_move = 0.0 if name.endswith(EXACT) else MAY_MOVE * (100 if name.endswith("%") else was)
    return abs(is_ - was) > may_move + _ROUNDING


def explained(said: list[str]) -> str:
    """Put it into words for who sees the test fail."""
    return "\n".join(
        [
            f"{len(said)} costs are not those of {FILE.name} (statements a batch; all else a record):",
            *said,
            f"Cheaper, or dearer for a reason? `{COMMAND}` writes them anew; say the reason in the commit.",
        ]
    )


async def _measured(admin_dsn: str, folder: Path) -> Measured:
    with clock_by_hand(folder) as hand, uncollected():
        async with open_town(admin_dsn, hand) as town:
            return await measure(town)


def measured(admin_dsn: str) -> Measured:
    """Measure on this server."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measured(admin_dsn, Path(folder)))


def main() -> None:
    """Measure and write."""
    before = read() if FILE.exists() else {}
    with still_server() as dsn:
        now = numbers_of(measured(dsn).usual)
    write(now)
    sys.stdout.write("\n".join(moved(before, now)) + f"\n{len(now)} numbers in {FILE}\n")


if __name__ == "__main__":
    main()
