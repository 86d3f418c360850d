"""Carriers and the form of their tracking numbers (O15).

The forms are the carriers' published ones; where a number has a check digit, it is checked. A carrier that is
not here has no form that a number could have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Form = Callable[[str], bool]


def normal_carrier(code: str) -> str:
    """Carrier codes are compared without case."""
    return code.strip().upper()


def normal_number(number: str) -> str:
    """People write tracking numbers with blanks and dashes, and in either case."""
    return re.sub(r"[\s-]", "", number).upper()


def number_key(carrier: str, number: str) -> str:
    """Name a parcel: the same however its carrier and number are written. Empty where there is no number."""
    normal = normal_number(number)
    return f"{normal_carrier(carrier)}/{normal}" if normal else ""


def is_valid_number(carrier: str, number: str) -> bool:
    """Say whether a number has the form of this carrier."""
    return any(form(normal_number(number)) for form in FORMS.get(normal_carrier(carrier), ()))


def _matching(pattern: str, check: Form = lambda _number: True) -> Form:
    compiled = re.compile(pattern)
    return lambda number: compiled.fullmatch(number) is not None and check(number)


def _mod_10(digits: str) -> bool:
    """The last digit makes the sum, weighted 1, 3, 1, 3 … from the right, a multiple of ten."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return weighted % 10 == 0 and digits.strip("0") != ""


def _ups(number: str) -> bool:
    """Letters count as digits (A is 2); every second one counts twice."""
    values = [int(char) if char.isdigit() else (ord(char) - 63) % 10 for char in number[2:-1]]
    weighted = sum(value * (2 if place % 2 else 1) for place, value in enumerate(values))
    return number[-1] == str(-weighted % 10)


def _s10(number: str) -> bool:
    """UPU S10: two letters, eight digits, a check digit, the country."""
    weighted = sum(
        int(digit) * weight for digit, weight in zip(number[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True)
    )
    return int(number[10]) == {10: 0, 11: 5}.get(11 - weighted % 11, 11 - weighted % 11)


FORMS: Mapping[str, tuple[Form, ...]] = {
    "UPS": (_matching(r"1Z[A-Z0-9]{15}[0-9]", _ups),),
    "USPS": (
        _matching(r"9[1-5][0-9]{20}(?:[0-9]{4})?", _mod_10),
        _matching(r"420(?:[0-9]{5}|[0-9]{9})9[1-5][0-9]{20}", lambda number: _mod_10(number[-22:])),
        _matching(r"420[0-9]{5}9[1-5][0-9]{24}", lambda number: _mod_10(number[-26:])),
        _matching(r"[0-9]{20}", lambda number: _mod_10(number) or _mod_10("91" + number)),
        _matching(r"[A-Z]{2}[0-9]{9}US", _s10),
    ),
}
