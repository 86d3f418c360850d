"""How one thing changes with another: a line for each side, named where it ends, or below where names are long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from services.cli.bench.saved import SavedCurves
from services.cli.bench.telling import words
from services.cli.bench.telling.pictures.drawing import CHARACTER, Drawing
from services.cli.bench.telling.pictures.scales import Scale, decades, from_zero

_WIDTH, _HEIGHT = 380.0, 250.0
_LEFT, _TOP, _BOTTOM = 44.0, 26.0, 208.0
_KEY = 18.0
_LONG_FROM = 18
"""From so many characters on, names stand below the picture: beside it they would leave no room for it."""
_MARKED_MAX = 12
"""A line of more points has a mark only where it ends."""
_APART = 15.0
"""Names of lines that end close together are moved this far apart."""

Points = Sequence[tuple[float, float]]


def curves(picture: SavedCurves) -> Markup:
    """Draw it."""
    sides = {side: points for side, points in picture.sides.items() if points}
    longest = max((len(side) for side in sides), default=0)
    is_named_below = longest >= _LONG_FROM
    below = _KEY * len(sides) if is_named_below else 0.0
    drawing = Drawing(_WIDTH, _HEIGHT + below, _title(picture, sides))
    points = [point for each in sides.values() for point in each]
    beside = 14.0 if is_named_below else CHARACTER * longest + 14
    x = (decades if picture.x_log else _between)([x for x, _ in points], _LEFT, _WIDTH - beside)
    y = (decades if picture.y_log else from_zero)([y for _, y in points], _BOTTOM, _TOP)
    _axes(drawing, picture, x, y)
    for number, each in enumerate(sides.values()):
        _line(drawing, [(x.at(along), y.at(up)) for along, up in each], number)
    if is_named_below:
        _names_below(drawing, list(sides))
    else:
        ends = {side: (x.at(each[-1][0]), y.at(each[-1][1])) for side, each in sides.items()}
        _names_beside(drawing, ends)
    return drawing.svg()


def _line(drawing: Drawing, places: Points, number: int) -> None:
    steps = " L".join(f"{across:.1f} {down:.1f}" for across, down in places)
    drawing.path(f"M{steps}", f"curve side-{number % 5}")
    for across, down in places if len(places) <= _MARKED_MAX else places[-1:]:
        drawing.marker(across, down, number, f"point side-{number % 5}")


def _names_beside(drawing: Drawing, ends: Mapping[str, tuple[float, float]]) -> None:
    downs = _apart({side: down for side, (_, down) in ends.items()})
    for number, (side, down) in enumerate(downs):
        drawing.text(ends[side][0] + 9, down + 4, side, f"name side-{number % 5}")


def _names_below(drawing: Drawing, sides: Sequence[str]) -> None:
    for number, side in enumerate(sides):
        down = _HEIGHT + _KEY * number + 8
        drawing.marker(10, down - 4, number, f"point side-{number % 5}")
        drawing.text(22, down, side, f"name side-{number % 5}")


def _between(values: Sequence[float], start: float, end: float) -> Scale:
    """Make a scale from the first to the last x."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    return Scale(low, high if high > low else low + 1, start, end)


def _axes(drawing: Drawing, picture: SavedCurves, x: Scale, y: Scale) -> None:
    for tick in y.ticks():
        drawing.line(x.start, y.at(tick), x.end, y.at(tick), "grid")
        drawing.text(x.start - 6, y.at(tick) + 4, words.short(tick), "small", "end")
    for tick in x.ticks():
        drawing.line(x.at(tick), _BOTTOM, x.at(tick), _BOTTOM + 4, "tick")
        drawing.text(x.at(tick), _BOTTOM + 17, words.short(tick), "small", "middle")
    drawing.text(4, 13, _named(picture.y, is_log=picture.y_log), "small")
    drawing.text(x.end, _BOTTOM + 35, _named(picture.x, is_log=picture.x_log), "small", "end")


def _named(axis: str, *, is_log: bool) -> str:
    return f"{axis}, logarithmic" if is_log else axis


def _apart(ends: Mapping[str, float]) -> Sequence[tuple[str, float]]:
    """Move the names of lines that end close together apart, downwards; keep the order of the sides."""
    placed: dict[str, float] = {}
    lowest = -_APART
    for side, down in sorted(ends.items(), key=lambda end: end[1]):
        lowest = placed[side] = max(down, lowest + _APART)
    return [(side, placed[side]) for side in ends]


def _title(picture: SavedCurves, sides: Mapping[str, Points]) -> str:
    told = "; ".join(
        f"{side}: {words.number(points[0][1])} at {words.short(points[0][0])}, "
        f"{words.number(points[-1][1])} at {words.short(points[-1][0])}"
        for side, points in sides.items()
    )
    return f"{picture.title}: {picture.y} by {picture.x}. {told}"
