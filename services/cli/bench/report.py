"""Tells what a run came to: on a terminal, and kept in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from services.cli import screen


def tell(found: Mapping[str, Any]) -> None:
    """Print the table of targets, the rounds of each side, the notes, and the machine."""
    from rich.table import Table

    table = Table("", "target", "measured", "range", "must", "aim", "measure", box=None, pad_edge=False)
    for name, target in found["targets"].items():
        for row in rows_of(name, target):
            mark = "[green]ok[/]" if row["met"] else "[bold red]missed[/]"
            table.add_row(
                mark, row["id"], row["measured"], row["range"], row["must"], row["aim"], row["measure"]
            )
    screen.out().print(table)
    for benchmark in found["benchmarks"].values():
        for picture in benchmark["pictures"]:
            if picture["kind"] == "dots":
                screen.write_line(f"\n{picture['title']}, {picture['unit']}:")
                for side, rounds in picture["sides"].items():
                    screen.write_line(f"  {side}: {', '.join(_number(rate) for rate in rounds)}")
        for note in benchmark["notes"]:
            screen.write_line(f"  {note}")
    screen.write_line(f"\n{machine_line(found['machine'])}")


def save(found: Mapping[str, Any], path: Path) -> None:
    """Keep the JSON."""
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def rows_of(name: str, target: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a row for each part of a target, in words: id, measure, measured, range, must, aim, met."""
    parts = list(target["must"]) if isinstance(target["must"], dict) else [None]
    for part in parts:
        values = {key: value if part is None else value[part] for key, value in _by_part(target).items()}
        limit = "at most " if values["at_most"] else ""
        unit = values["unit"] if values["unit"] == "x" else f" {values['unit']}"
        reached = (
            values["measured"] <= values["must"]
            if values["at_most"]
            else values["measured"] >= values["must"]
        )
        yield {
            "id": name if part is None else f"{name} ({part})",
            "measure": target["measure"],
            "measured": f"{_number(values['measured'])}{unit}",
            "range": f"{_number(values['low'])} to {_number(values['high'])}",
            "must": f"{limit}{_number(values['must'])}{unit}",
            "aim": "" if values["aim"] is None else f"{limit}{_number(values['aim'])}{unit}",
            "met": reached,
        }


def _by_part(target: Mapping[str, Any]) -> dict[str, Any]:
    return {key: target[key] for key in ("measured", "low", "high", "must", "aim", "unit", "at_most")}


def machine_line(machine: Mapping[str, Any]) -> str:
    """Say in one line what it was measured on."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"{machine['cores']} cores ({machine['processor']}); fsync {machine['fsync_ms_median']:.2f} ms, "
        f"p99 {machine['fsync_ms_p99']:.2f} ms; {versions}"
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004
