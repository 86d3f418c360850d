"""A picture as SVG elements; what is written in it is escaped by the library that writes it."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

CHARACTER = 6.8
"""About as wide as a character is at the size of the pictures' text; more than most are."""


class Drawing:
    """An SVG image of so many units; `title` says in a sentence what is to be seen, for those who do not see it."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self._root = Element("svg", {"viewBox": f"0 0 {width:g} {height:g}", "role": "img"})
        SubElement(self._root, "title").text = title

    def line(self, x1: float, y1: float, x2: float, y2: float, style: str) -> None:
        """Draw a straight line."""
        self._add("line", style, x1=x1, y1=y1, x2=x2, y2=y2)

    def box(self, x: float, y: float, width: float, height: float, style: str) -> None:
        """Draw a box."""
        self._add("rect", style, x=x, y=y, width=width, height=height)

    def path(self, steps: str, style: str) -> None:
        """Draw a path, in SVG's own letters."""
        self._add("path", style, d=steps)

    def text(self, x: float, y: float, text: str, style: str = "", anchor: str = "start") -> None:
        """Write a text that begins, ends or has its middle at a place."""
        self._add("text", style, x=x, y=y, **{"text-anchor": anchor}).text = text

    def marker(self, x: float, y: float, shape: int, style: str) -> None:
        """Draw one of four shapes that are told apart without their colour."""
        steps = (
            "m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z",  # circle
            "m-4 -4h8v8h-8z",  # square
            "m0 -5l5 9h-10z",  # triangle
            "m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z",  # diamond
        )[shape % 4]
        self.path(f"M{x:.1f} {y:.1f}{steps}", style)

    def svg(self) -> Markup:
        """Return it, to be put into a page."""
        return Markup(tostring(self._root, encoding="unicode"))  # noqa: S704 - escaped as it was written

    def _add(self, name: str, style: str, **attributes: float | str) -> Element:
        written = {
            key: value if isinstance(value, str) else f"{value:.1f}" for key, value in attributes.items()
        }
        return SubElement(self._root, name, {**({"class": style} if style else {}), **written})
