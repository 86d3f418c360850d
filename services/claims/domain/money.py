"""Money: what a line, or a part of it, is worth (C1, C6, C15), in whole smallest units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's smallest unit."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Line:
    """One order item: how many were bought, and what was paid for all of them (price, shipping and tax)."""

    order_item_id: str
    quantity: int
    paid_minor: int


@dataclass(frozen=True, slots=True)
class Units:
    """Some units of one order item."""

    order_item_id: str
    quantity: int


def merged(units: Iterable[Units]) -> dict[str, int]:
    """Add up the quantities by order item, in the order in which the items are first named."""
    found: dict[str, int] = {}
    for each in units:
        found[each.order_item_id] = found.get(each.order_item_id, 0) + each.quantity
    return found


@dataclass(frozen=True, slots=True)
class Taken:
    """What of a line is spoken for: by cancellations and by other claims."""

    quantity: int = 0
    minor: int = 0


def share_minor(line: Line, taken: Taken, quantity: int) -> int:
    """Say what `quantity` more units are worth: in proportion, rounded down, the last with the rest."""
    left = max(0, line.paid_minor - taken.minor)
    if taken.quantity + quantity >= line.quantity:
        return left
    return min(left, line.paid_minor * max(0, quantity) // line.quantity)


def take(line: Line, taken: Taken, quantity: int) -> Taken:
    """Speak for `quantity` units more, never for more than there are."""
    quantity = min(quantity, line.quantity - taken.quantity)
    if quantity <= 0:
        return taken
    return Taken(taken.quantity + quantity, taken.minor + share_minor(line, taken, quantity))


def taken_by(lines: Iterable[Line], claims_on_units: Iterable[Mapping[str, int]]) -> dict[str, Taken]:
    """Go through what was taken, one after the other, and say what of each line is gone."""
    taken = {line.order_item_id: Taken() for line in lines}
    by_id = {line.order_item_id: line for line in lines}
    for quantities in claims_on_units:
        for item, quantity in quantities.items():
            if item in by_id:
                taken[item] = take(by_id[item], taken[item], quantity)
    return taken
