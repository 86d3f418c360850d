"""Whether the buyer has back what a contact is about (M2): the order, or the units that are to be returned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate

from services.messaging.domain.model import Contact, MoneyBack, Order, Return, Units

Amounts = Mapping[str, int]
"""Minor units by order item."""


def refunded_at(order: Order, contact: Contact, back: Return | None) -> datetime | None:
    """Return when the buyer had all back that the contact is about, if that was since it was opened."""
    whole = _order_refunded_at(order)
    found = [] if whole is None or whole < contact.opened_at else [whole]
    if back is not None:
        found += [
            at for at in (_settled_at(order, contact, back), _lines_refunded_at(order, contact, back)) if at
        ]
    return min(found, default=None)


def _order_refunded_at(order: Order) -> datetime | None:
    paid = sum(line.paid_for(line.quantity) for line in order.lines)
    by_date = _by_date(order.money_back)
    sums = accumulate(money.amount_minor for money in by_date)
    return next((money.at for money, so_far in zip(by_date, sums, strict=True) if so_far >= paid), None)


def _settled_at(order: Order, contact: Contact, back: Return) -> datetime | None:
    """Return when the seller's refund without return was paid: it is all that is left of its lines."""
    if all(answer.answer != "refund_without_return" for answer in back.answers):
        return None
    return min((money.at for money in order.money_back if money.contact_id in contact.names), default=None)


def _lines_refunded_at(order: Order, contact: Contact, back: Return) -> datetime | None:
    """Return when the refunds of its lines, since it was opened, came to what these units cost, or to all left."""
    left = {line.order_item_id: line.paid_for(line.quantity) for line in order.lines}
    asked = requested(back)
    need: dict[str, int] | None = None
    for money in _by_date(order.money_back):
        if need is None and money.at >= contact.opened_at:
            need = {item: min(left[item], cost) for item, cost in _cost(order, asked).items()}
        shares = _shares(order, money, left)
        left = {item: left[item] - shares.get(item, 0) for item in left}
        if need is not None and any(need.values()):
            need = {item: max(0, still - shares.get(item, 0)) for item, still in need.items()}
            if not any(need.values()):
                return money.at
    return None


def requested(back: Return, until: datetime | None = None) -> Mapping[str, int]:
    """Return the units that are to be returned. A later request for the same line says how many in all."""
    asked = [request for request in back.requests if until is None or request.at <= until]
    return most(*(added(request.lines) for request in asked))


def most(*counts: Mapping[str, int]) -> Mapping[str, int]:
    """Return the largest count of each order item."""
    units: dict[str, int] = {}
    for item, quantity in (each for count in counts for each in count.items()):
        units[item] = max(units.get(item, 0), quantity)
    return units


def added(lines: Sequence[Units]) -> Mapping[str, int]:
    """Add up lines by order item: one may be named more than once."""
    units: dict[str, int] = {}
    for line in lines:
        units[line.order_item_id] = units.get(line.order_item_id, 0) + line.quantity
    return units


def canceled_units(order: Order, until: datetime) -> Mapping[str, int]:
    """Return the units that were canceled by then."""
    return added(
        [line for money in order.money_back if money.canceled and money.at <= until for line in money.lines]
    )


def _cost(order: Order, units: Mapping[str, int]) -> Amounts:
    return {
        line.order_item_id: line.paid_for(min(units[line.order_item_id], line.quantity))
        for line in order.lines
        if line.order_item_id in units
    }


def _shares(order: Order, money: MoneyBack, left: Amounts) -> Amounts:
    """Divide an amount among the lines that it is for: first for their units, then for what else is left of them."""
    cost = _cost(order, added(money.lines))
    units = {item: min(cost[item], left[item]) for item in cost}
    rest = {item: left[item] - units[item] for item in units}
    beyond = money.amount_minor - sum(units.values())
    of_units, of_rest = _divide(money.amount_minor, units), _divide(beyond, rest)
    return {item: of_units[item] + of_rest[item] for item in units}


def _divide(amount_minor: int, weights: Amounts) -> Amounts:
    """Divide an amount in proportion, and at most the weights themselves; every unit of it is given to some line."""
    whole = sum(weights.values())
    amount = max(0, min(amount_minor, whole))
    ends = [amount * part // whole if whole else 0 for part in accumulate(weights.values())]
    return {item: end - start for item, start, end in zip(weights, [0, *ends], ends, strict=False)}


def _by_date(money_back: Sequence[MoneyBack]) -> Sequence[MoneyBack]:
    return sorted(money_back, key=lambda money: money.at)
