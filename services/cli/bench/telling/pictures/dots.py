"""Rounds: a dot for each round of each side, on one axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from services.cli.bench.rounds import Figure
from services.cli.bench.saved import SavedDots
from services.cli.bench.telling import words
from services.cli.bench.telling.pictures.drawing import Drawing
from services.cli.bench.telling.pictures.scales import Scale, decades, from_zero

_OURS = "recourse"
_WIDTH = 380.0
_EDGE = 14.0
_SIDE, _AXIS = 42.0, 36.0
_NAME, _STRIP = 14.0, 28.0


def dots(picture: SavedDots) -> Markup:
    """Draw it: a strip for each side under its name, with the median written beside the name."""
    sides = {side: rounds for side, rounds in picture.sides.items() if rounds}
    medians = {side: words.number(Figure(rounds).median) for side, rounds in sides.items()}
    told = ", ".join(f"{side} {median}" for side, median in medians.items())
    bottom = _SIDE * len(sides)
    drawing = Drawing(_WIDTH, bottom + _AXIS, f"{picture.title}, {picture.unit}, medians: {told}")
    values = [value for rounds in sides.values() for value in rounds]
    scale = (decades if picture.log else from_zero)(values, _EDGE, _WIDTH - _EDGE)
    _axis(drawing, scale, bottom, picture)
    who = _who(sides)
    for place, (side, rounds) in enumerate(sides.items()):
        top, number = place * _SIDE, who[_first_word(side)]
        drawing.text(_EDGE, top + _NAME, side, f"name side-{number % 5}")
        drawing.text(_WIDTH - _EDGE, top + _NAME, medians[side], "value", "end")
        drawing.line(_EDGE, top + _STRIP, _WIDTH - _EDGE, top + _STRIP, "strip")
        at = scale.at(Figure(rounds).median)
        drawing.line(at, top + _STRIP - 8, at, top + _STRIP + 8, f"median side-{number % 5}")
        for value in rounds:
            drawing.marker(scale.at(value), top + _STRIP, number, f"round side-{number % 5}")
    return drawing.svg()


def _first_word(side: str) -> str:
    return side.partition(",")[0]


def _who(sides: Mapping[str, Sequence[float]]) -> Mapping[str, int]:
    """Number those who were measured, ourselves first: one has the same colour wherever it is measured."""
    found = sorted(dict.fromkeys(map(_first_word, sides)), key=lambda word: word != _OURS)
    return {word: number for number, word in enumerate(found)}


def _axis(drawing: Drawing, scale: Scale, bottom: float, picture: SavedDots) -> None:
    for tick in scale.ticks():
        drawing.line(scale.at(tick), 18, scale.at(tick), bottom, "grid")
        drawing.text(scale.at(tick), bottom + 13, words.short(tick), "small", "middle")
    log = ", logarithmic" if picture.log else ""
    drawing.text(_WIDTH - _EDGE, bottom + 29, f"{picture.unit}{log}", "small", "end")
