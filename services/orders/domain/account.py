"""What is left of what was paid: for lines, and for the whole order (C15). In the order's smallest unit.

Refunds, cancellations not charged, compensations and lost chargebacks together never exceed what was paid, plus the
extra charges that a claim documents and is paid for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from services.orders.domain.model import (
    Canceled,
    Chargeback,
    ClaimMoney,
    Line,
    Money,
    OrderRow,
    Pending,
    Placed,
    Quantity,
    Released,
    standing_units,
)
from shared.values import dataclass


def paid_minor(placed: Placed) -> int:
    """Return what was paid for the whole order."""
    return sum(line.paid_minor for line in placed.lines)


def in_order_currency(amount: Money, placed: Placed) -> int:
    """Return an amount of a bank's in the order's currency: of another, it may be all that was paid."""
    return amount.amount_minor if amount.currency == placed.currency else paid_minor(placed)


def shares(placed: Placed, lines: Iterable[Quantity], amount_minor: int) -> dict[str, int]:
    """Share an amount among the lines that it is for, by what they cost, rounded down; the last has the rest."""
    by_item = placed.by_item
    named = [line for line in lines if line.order_item_id in by_item]
    worth = [by_item[line.order_item_id].amount_of(line.quantity) for line in named]
    total = sum(worth)
    shared: dict[str, int] = {}
    rest = amount_minor
    for line, part in zip(named, worth, strict=True):
        share = amount_minor * part // total if total else 0
        shared[line.order_item_id] = shared.get(line.order_item_id, 0) + share
        rest -= share
    if named:
        shared[named[-1].order_item_id] += rest
    return shared


def counted(lines: Iterable[Quantity]) -> dict[str, int]:
    """Add up the quantities by order item, in the order in which they are first named."""
    units: dict[str, int] = {}
    for line in lines:
        units[line.order_item_id] = units.get(line.order_item_id, 0) + line.quantity
    return units


def added(to: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Add counts by name."""
    return {name: to.get(name, 0) + more.get(name, 0) for name in {**to, **more}}


@dataclass(frozen=True)
class Balance:
    """What is left of an order as its row stands. What is asked again is counted once."""

    row: OrderRow
    placed: Placed

    @cached_property
    def held_minor(self) -> int:
        """What open chargebacks hold."""
        return sum(one.held_minor for one in self.row.account.chargebacks if is_open(one))

    @cached_property
    def unspent_minor(self) -> int:
        """What the buyer has not got back of the whole order; open chargebacks may hold of it."""
        account, heard = self.row.account, self.row.heard
        extra = sum(min(claim.extra_minor, claim.paid_minor) for claim in heard.claims.values())
        spent = sum(account.given.values()) + sum(heard.compensated.values()) + account.lost_minor
        by_lines = sum(self.unspent_of_line(line) for line in self.placed.lines)
        return max(0, min(paid_minor(self.placed) + extra - spent, by_lines))

    @property
    def left_minor(self) -> int:
        """What may still be paid back of the whole order."""
        return self.free_for(None)

    def free_for(self, claim_id: str | None) -> int:
        """What no open chargeback holds; for a claim, also of the extra charges that it documents."""
        return max(0, self.unspent_minor + self._extra_left(claim_id) - self.held_minor)

    def unspent_of_line(self, line: Line) -> int:
        """What the buyer has not got back of a line."""
        account, heard, item = self.row.account, self.row.heard, line.order_item_id
        return max(0, line.paid_minor - account.given.get(item, 0) - heard.compensated.get(item, 0))

    def unspent_of(self, lines: Iterable[Quantity]) -> int:
        """What the buyer has not got back of these units; of the last of a line, all that is left of it."""
        by_item = self.placed.by_item
        parts = (self._unspent_of_units(by_item[one.order_item_id], one.quantity) for one in lines)
        return min(self.unspent_minor, sum(parts))

    def left_of(self, lines: Iterable[Quantity]) -> int:
        """What may still be paid back for these units."""
        return min(self.unspent_of(lines), self.left_minor)

    def not_charged_for(self, lines: Iterable[Quantity]) -> int:
        """What the buyer need not pay for units that are canceled now, and has not got back already."""
        by_item = self.placed.by_item
        canceled = self._canceled()
        total = 0
        for one in lines:
            line, gone = by_item[one.order_item_id], canceled.get(one.order_item_id, 0)
            worth = line.amount_of(gone + one.quantity) - line.amount_of(gone)
            total += min(worth, self.unspent_of_line(line))
        return min(total, self.unspent_minor)

    def left_of_claim(self, claim_id: str, lines: Iterable[Quantity]) -> int:
        """What the buyer has not got back of a claim's lines, and of the extra charges that it documents."""
        by_item = self.placed.by_item
        items = {one.order_item_id for one in lines} & by_item.keys()
        of_lines = sum(self.unspent_of_line(by_item[item]) for item in items)
        return min(of_lines, self.unspent_minor) + self._extra_left(claim_id)

    def _extra_left(self, claim_id: str | None) -> int:
        claim = ClaimMoney() if claim_id is None else self.row.heard.claims.get(claim_id, ClaimMoney())
        return max(0, claim.extra_minor - claim.paid_minor)

    def _unspent_of_units(self, line: Line, units: int) -> int:
        canceled = self._canceled().get(line.order_item_id, 0)
        unspent = self.unspent_of_line(line)
        if units >= line.quantity - canceled:
            return unspent
        refunded = self.row.account.refunded_units.get(line.order_item_id, 0)
        gone = min(canceled + refunded, line.quantity - units)
        return min(unspent, line.amount_of(gone + units) - line.amount_of(gone))

    def _canceled(self) -> Mapping[str, int]:
        order = self.row.order
        if isinstance(order, Canceled):
            return {line.order_item_id: line.quantity for line in self.placed.lines}
        return order.canceled if isinstance(order, Pending | Released) else {}


def is_open(chargeback: Chargeback) -> bool:
    """Say whether the bank has yet to decide."""
    return chargeback.opened_at is not None and chargeback.closed_at is None


def all_standing(order: Pending | Released) -> tuple[Quantity, ...]:
    """Return every unit of an order that is not canceled."""
    return tuple(Quantity(item, units) for item, units in standing_units(order).items())
