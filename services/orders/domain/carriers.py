"""How carriers and their numbers are written (O15). Which forms are valid is data, and comes with the policy."""

from __future__ import annotations

import re
from functools import lru_cache


def normal_carrier(code: str) -> str:
    """Carrier codes are compared without case."""
    return code.strip().upper()


def normal_number(number: str) -> str:
    """People write tracking numbers with blanks and dashes, and in either case."""
    return re.sub(r"[\s-]", "", number).upper()


@lru_cache(maxsize=4096)
def number_key(carrier: str, number: str) -> str:
    """Name a parcel: the same however its carrier and number are written. Empty where there is no number."""
    normal = normal_number(number)
    return f"{normal_carrier(carrier)}/{normal}" if normal else ""
