"""Carriers' numbers, and the orders that wait for a scan of one (O15). Which forms are valid is data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from services.messaging.domain.model import Policy
from shared.values import dataclass, replace

DELIVERY_SCANS_MAX = 20
"""Of one tracking number, the newest: more would be years of a number used again and again."""


@dataclass(frozen=True, slots=True)
class Tracking:
    """One carrier's number: when its parcels were delivered, oldest first, and the orders that wait for it.

    Scans are kept whoever they are for: a buyer may tell the number of a return when it is there already.
    """

    delivered_at: tuple[datetime, ...] = ()
    orders: tuple[str, ...] = ()


def scanned(tracking: Tracking, at: datetime) -> Tracking:
    """Keep a scan."""
    scans = sorted({*tracking.delivered_at, at})
    return replace(tracking, delivered_at=tuple(scans[-DELIVERY_SCANS_MAX:]))


def awaited(tracking: Tracking, order_id: str) -> Tracking:
    """Let an order wait for scans of the number."""
    return tracking if order_id in tracking.orders else replace(tracking, orders=(*tracking.orders, order_id))


def awaited_only_by(tracking: Tracking, orders: Sequence[str]) -> Tracking:
    """Let these orders wait on, and forget the others: numbers are used again."""
    return replace(tracking, orders=tuple(orders))


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


def is_valid(carrier: str, number: str, policy: Policy) -> bool:
    """Say whether the marketplace knows the carrier, and the number has that carrier's form."""
    has_form = policy.forms.get(normal_carrier(carrier))
    return has_form is not None and has_form(normal_number(number))
