"""A run as one HTML page, made of its JSON alone: it loads nothing, and needs no script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.cli.bench.rounds import Figure
from services.cli.bench.saved import Run, SavedCurves, SavedDots
from services.cli.bench.targets import Standing
from services.cli.bench.telling import words
from services.cli.bench.telling.pictures.bullet import bullet
from services.cli.bench.telling.pictures.curves import curves
from services.cli.bench.telling.pictures.dots import dots

_TEMPLATE = "page.html"
_SIGNS = {Standing.AS_AIMED: "✓✓", Standing.MET: "✓", Standing.MISSED: "✗"}


def write(run: Run, json_path: Path) -> Path:
    """Write the page beside the JSON; return its path."""
    path = json_path.with_suffix(".html")
    path.write_text(render(run), encoding="utf-8")
    return path


def render(run: Run) -> str:
    """Return the page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"picture": _picture, "numbers": _numbers}
    return environment.get_template(_TEMPLATE).render(
        run=run,
        rows_of=lambda name, target: list(words.rows_of(name, target)),
        signs=_SIGNS,
        bullet=bullet,
        headline=words.headline(run),
        standings=words.standings(run),
        not_figures=words.NOT_FIGURES,
        how=words.HOW,
        ratios=words.RATIOS,
        machine=words.machine(run.machine),
    )


def _picture(picture: SavedDots | SavedCurves) -> Markup:
    return dots(picture) if isinstance(picture, SavedDots) else curves(picture)


def _numbers(picture: SavedDots | SavedCurves) -> dict[str, Any]:
    """Return what a picture shows as a table: a row of cells for each side, or for each x of curves."""
    if isinstance(picture, SavedDots):
        rounds = max((len(each) for each in picture.sides.values()), default=0)
        return {
            "headings": [picture.unit, "median", *(f"round {number + 1}" for number in range(rounds))],
            "rows": [
                [side, *([words.number(Figure(each).median)] if each else []), *map(words.number, each)]
                for side, each in picture.sides.items()
            ],
        }
    sides = {side: dict(points) for side, points in picture.sides.items()}
    xs = sorted({x for points in sides.values() for x in points})
    return {
        "headings": [f"{picture.x}, {picture.y}", *sides],
        "rows": [
            [words.number(x), *(words.number(at[x]) if x in at else "" for at in sides.values())] for x in xs
        ],
    }
