"""A number of a target: where it lies, with its range, to what it must be and what we aim at."""

from __future__ import annotations

from markupsafe import Markup

from services.cli.bench.rounds import Figure
from services.cli.bench.targets import Part, Standing
from services.cli.bench.telling import words
from services.cli.bench.telling.pictures.drawing import Drawing
from services.cli.bench.telling.pictures.scales import Scale

_WIDTH, _HEIGHT = 300.0, 46.0
_EDGE = 6.0
_MIDDLE, _HALF = 13.0, 9.0
_LABEL = 40.0
_BESIDE = 0.42
"""How much of the span of the numbers is left free on both sides of them: room for the words below."""
_LOG_FROM = 8.0
"""From this ratio of the largest to the smallest on, the scale is logarithmic."""


def bullet(part: Part, figure: Figure) -> Markup:
    """Draw it. What is good enough has a ground, what is as aimed a stronger one."""
    scale = _scale(part, figure)
    drawing = Drawing(_WIDTH, _HEIGHT, _title(part, figure))
    drawing.box(_EDGE, _MIDDLE - _HALF, _WIDTH - 2 * _EDGE, 2 * _HALF, "track")
    goals = [(part.must, "must")] if part.aim is None else [(part.must, "must"), (part.aim, "aim")]
    good_end = scale.start if part.is_at_most else scale.end
    for value, name in goals:
        at = scale.at(value)
        drawing.box(min(at, good_end), _MIDDLE - _HALF, abs(good_end - at), 2 * _HALF, f"zone {name}")
    for value, name in goals:
        at = scale.at(value)
        drawing.line(at, _MIDDLE - _HALF - 3, at, _MIDDLE + _HALF + 3, f"goal {name}")
        drawing.text(at, _LABEL, f"{name} {words.limit(part, value)}", "small", _anchor(part, name))
    standing = part.standing(figure.median)
    style = "missed" if standing is Standing.MISSED else "reached"
    drawing.line(scale.at(figure.low), _MIDDLE, scale.at(figure.high), _MIDDLE, f"range {style}")
    drawing.marker(scale.at(figure.median), _MIDDLE, 3 if style == "missed" else 0, f"dot {style}")
    return drawing.svg()


def _anchor(part: Part, name: str) -> str:
    """Let the two words grow away from each other."""
    if part.aim is None or part.aim == part.must:
        return "middle"
    is_left = (part.must < part.aim) == (name == "must")
    return "end" if is_left else "start"


def _scale(part: Part, figure: Figure) -> Scale:
    values = [figure.low, figure.high, part.must, *([] if part.aim is None else [part.aim])]
    low, high = min(values), max(values)
    if low > 0 and high / low > _LOG_FROM:
        beside = (high / low) ** _BESIDE
        return Scale(low / beside, high * beside, _EDGE, _WIDTH - _EDGE, is_log=True)
    beside = ((high - low) or abs(high) or 1.0) * _BESIDE
    return Scale(low - beside, high + beside, _EDGE, _WIDTH - _EDGE)


def _title(part: Part, figure: Figure) -> str:
    aim = "" if part.aim is None else f", the aim is {words.limit(part, part.aim)}"
    return (
        f"{words.with_unit(figure.median, part.unit)}, from {words.number(figure.low)} to "
        f"{words.number(figure.high)}; it must be {words.limit(part, part.must)}{aim}"
    )
