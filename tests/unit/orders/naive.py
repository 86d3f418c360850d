"""The rules of an order once more, as naively as can be: one unit after the other, and a list of what was paid back.

Written from the rulebook, without a look at the service. It is told what was read, in the order in which it was read,
and says what the order is then, and how a command should be answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from shared.policies.model import Marketplace, Orders

Answer = str
"""`ok`, or the reason of a refusal."""


@dataclass(slots=True)
class Unit:
    """One piece of one line: what it cost, and what became of it."""

    item: str
    cost: int
    is_canceled: bool = False
    shipment: str | None = None


@dataclass(slots=True)
class Parcel:
    """One confirmed shipment."""

    shipped_at: datetime
    delivered_at: datetime | None = None


@dataclass(slots=True)
class Naive:
    """One order, from its placement on."""

    numbers: Orders
    zone: ZoneInfo
    placed_at: datetime
    expected_ship_date: date
    units: list[Unit]
    verified_at: datetime | None = None
    released_at: datetime | None = None
    ended: str | None = None
    wishes: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)
    parcels: dict[str, Parcel] = field(default_factory=dict)
    back: list[tuple[dict[str, int], int]] = field(default_factory=list)
    refunded: list[str] = field(default_factory=list)
    bank: list[int] = field(default_factory=list)
    lost: int = 0
    due_later: list[tuple[dict[str, int], int, bool]] = field(default_factory=list)
    requests: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    is_rated: bool = False
    granted: set[str] = field(default_factory=set)

    # ------------------------------------------------------------------------------------------------ time

    @property
    def hold_end(self) -> datetime:
        return self.placed_at + self.numbers.hold

    @property
    def expiry(self) -> datetime:
        return self.placed_at + self.numbers.verification

    @property
    def cutoff(self) -> datetime:
        """O11: 30 days from the order, or until the local midnight that ends the 30th day from the ship date."""
        if self.numbers.ship_confirmation_from == "order_date":
            return self.placed_at + self.numbers.ship_confirmation
        assert self.released_at is not None
        late = self.released_at - self.hold_end
        days = late.days + (1 if late % timedelta(days=1) else 0)
        last_day = self.expected_ship_date + timedelta(days=days + self.numbers.ship_confirmation.days)
        return datetime.combine(last_day + timedelta(days=1), time(0), self.zone)

    def release_if_due(self, by: datetime, now: datetime) -> None:
        if self.released_at is None and self.ended is None and self.verified_at is not None:
            at = max(self.verified_at, self.hold_end)
            if at <= by and at <= now:
                self.released_at = at

    # ----------------------------------------------------------------------------------------------- state

    def open(self, item: str | None = None) -> list[Unit]:
        """What is neither shipped nor canceled."""
        return [one for one in self.standing(item) if one.shipment is None]

    def standing(self, item: str | None = None) -> list[Unit]:
        return [one for one in self.units if not one.is_canceled and item in (None, one.item)]

    def status(self) -> str:
        if self.ended:
            return "Canceled"
        if self.released_at is None:
            return "Pending"
        if self.open():
            return "PartiallyShipped" if self.parcels else "Unshipped"
        are_there = all(parcel.delivered_at is not None for parcel in self.parcels.values())
        return "Delivered" if are_there else "Shipped"

    # ----------------------------------------------------------------------------------------------- money

    def cost(self, item: str) -> int:
        return sum(one.cost for one in self.units if one.item == item)

    def left_of_line(self, item: str) -> int:
        gone = sum(amounts.get(item, 0) for amounts, _ in self.back)
        return max(0, self.cost(item) - gone)

    def not_back(self) -> int:
        """What the buyer paid and has not got back; open chargebacks hold of it."""
        gone = sum(amount for _, amount in self.back) + self.lost
        by_lines = sum(self.left_of_line(item) for item in self.items())
        return max(0, min(sum(one.cost for one in self.units) - gone, by_lines))

    def items(self) -> list[str]:
        return list(dict.fromkeys(one.item for one in self.units))

    def worth(self, lines: Mapping[str, int]) -> int:
        total = 0
        for item, count in lines.items():
            of_item = [one for one in self.units if one.item == item]
            canceled = sum(one.is_canceled for one in of_item)
            if count >= len(of_item) - canceled:
                total += self.left_of_line(item)
                continue
            first = min(canceled + self.refunded.count(item), len(of_item) - count)
            cost = sum(one.cost for one in of_item[first : first + count])
            total += min(cost, self.left_of_line(item))
        return min(total, self.not_back())

    def give(self, lines: Mapping[str, int], amount: int) -> None:
        """Note an amount that went back, shared by what the lines cost; the last has the rest."""
        costs = {
            item: sum(one.cost for one in [u for u in self.units if u.item == item][:count])
            for item, count in lines.items()
        }
        shares = {item: amount * cost // (sum(costs.values()) or 1) for item, cost in costs.items()}
        shares[list(lines)[-1]] += amount - sum(shares.values())
        self.back.append((shares, amount))

    def refund(self, lines: Mapping[str, int], amount: int) -> int:
        self.give(lines, amount)
        for item, count in lines.items():
            self.refunded += [item] * count
        return amount

    def pay(self, lines: Mapping[str, int], wanted: int, *, is_claim: bool = False) -> list[int]:
        """Pay back what is due now, and keep in mind what the bank holds. Claims are of whole lines."""
        of_lines = min(sum(self.left_of_line(item) for item in lines), self.not_back())
        most = of_lines if is_claim else self.worth(lines)
        wanted = min(wanted, most)
        now = min(wanted, max(0, self.not_back() - sum(self.bank)))
        if wanted > now:
            self.due_later.append((dict(lines), wanted - now, is_claim))
        return [self.refund(lines, now)] if now else []

    # ------------------------------------------------------------------------------------- what is canceled

    def cancel(self, why: str, lines: Mapping[str, int] | None = None) -> int:
        """Cancel these open units, or all of them, and return what is not charged now."""
        wanted = {item: len(self.open(item)) for item in self.items()} if lines is None else lines
        chosen = {item: wanted[item] for item in self.items() if wanted.get(item)}
        if not chosen:
            return 0
        due = 0
        for item, count in chosen.items():
            of_item = [one for one in self.units if one.item == item]
            gone = sum(one.is_canceled for one in of_item)
            due += min(sum(one.cost for one in of_item[gone : gone + count]), self.left_of_line(item))
            self._strike(item, count)
        due = 0 if why == "claim_granted" else min(due, self.not_back())
        amount = min(due, max(0, self.not_back() - sum(self.bank)))
        if due > amount:
            self.due_later.append((chosen, due - amount, False))
        self.give(chosen, amount)
        if not self.standing():
            self.ended = why
        return amount

    def _strike(self, item: str, count: int) -> None:
        """Cancel so many open units of an item; which of them makes no difference."""
        for one in self.open(item)[:count]:
            one.is_canceled = True

    # ---------------------------------------------------------------------------------------- what is heard

    def paid(self, verdict: str, at: datetime, now: datetime) -> None:
        self.release_if_due(at, now)
        if self.ended:
            return
        if self.released_at is not None:
            if verdict in ("refused", "fraud") and at < self.released_at and not self.parcels:
                self.cancel(verdict)
        elif self.verified_at is None and at >= self.expiry:
            return
        elif verdict in ("refused", "fraud"):
            self.cancel(verdict)
        elif verdict == "verified" and self.verified_at is None:
            self.verified_at = at
            self.release_if_due(now, now)

    def wished(self, at: datetime, now: datetime, lines: Mapping[str, int] | None = None) -> Answer:
        """O2: in time if dated before the release, while nothing is shipped."""
        self.release_if_due(at, now)
        if lines and not set(lines) <= set(self.items()):
            return "unknown_line"
        if self.ended or (self.released_at is None and self.verified_at is None and at >= self.expiry):
            return "order_canceled"
        if self.released_at is None or (at < self.released_at and not self.parcels):
            answer = self.cancelable(lines)
            if answer == "ok":
                self.cancel("buyer", lines)
            return answer
        self.wishes.append((at, frozenset(lines or self.items())))
        return "cancellation_refused"

    def cancelable(self, lines: Mapping[str, int] | None) -> Answer:
        if not lines:
            return "ok" if self.open() else "order_shipped"
        for item, count in lines.items():
            if not self.open(item):
                is_shipped = any(one.shipment for one in self.standing(item))
                return "order_shipped" if is_shipped else "order_canceled"
            if count > len(self.open(item)):
                return "nothing_left"
        return "ok"

    def grant(self, claim_id: str, lines: Mapping[str, int], compensation: int) -> None:
        if compensation:
            self.give(lines, compensation)
        if self.released_at is None or self.ended or claim_id in self.granted:
            return
        unshipped = {item: min(count, len(self.open(item))) for item, count in lines.items()}
        if any(unshipped.values()):
            self.granted.add(claim_id)
            self.cancel("claim_granted", unshipped)

    def charged_back(self, amount: int, at: datetime, now: datetime) -> None:
        self.release_if_due(at, now)
        self.bank.append(amount)

    def bank_decided(self, *, buyer_won: bool, keeps: int, at: datetime, now: datetime) -> list[int]:
        self.release_if_due(at, now)
        if self.bank:
            self.bank.pop(0)
        self.lost += keeps if buyer_won else 0
        if self.bank:
            return []
        later, self.due_later = self.due_later, []
        return [paid for lines, due, is_claim in later for paid in self.pay(lines, due, is_claim=is_claim)]

    def deadline(self, kind: str, due_at: datetime, now: datetime) -> None:
        """T2: a deadline asks."""
        if kind == "hold_end":
            self.release_if_due(due_at, now)
        elif kind == "verification_due" and self.released_at is None and self.verified_at is None:
            self.cancel("verification_expired")
        elif kind == "ship_confirmation_due" and self.released_at is not None and not self.ended:
            self.cancel("ship_confirmation_expired")

    # -------------------------------------------------------------------------------------------- commands

    def may_ship(self, at: datetime, now: datetime) -> Answer:
        self.release_if_due(at, now)
        if self.ended:
            return "order_canceled"
        if self.released_at is None or at < self.released_at:
            return "order_pending"
        return "too_late" if self.open() and at >= self.cutoff else "ok"

    def confirm(self, name: str, lines: Mapping[str, int], at: datetime, now: datetime) -> Answer:
        answer = self.may_ship(at, now)
        if answer != "ok":
            return answer
        for item, count in lines.items():
            if count > len(self.open(item)):
                return "order_canceled" if self._is_gone(item) else "nothing_left"
        chosen = [u for item, count in lines.items() for u in self.open(item)[:count]] or self.open()
        if not chosen:
            return "order_canceled" if any(one.is_canceled for one in self.units) else "nothing_left"
        for one in chosen:
            one.shipment = name
        self.parcels[name] = Parcel(at)
        return "ok"

    def _is_gone(self, item: str) -> bool:
        """Nothing of the item is left, and some of it was canceled."""
        return not self.open(item) and any(one.is_canceled for one in self.units if one.item == item)

    def cancel_by_seller(
        self, lines: Mapping[str, int] | None, at: datetime, now: datetime
    ) -> tuple[Answer, bool]:
        """Return the answer, and whether it counts in the cancellation rate (O9)."""
        answer = self.may_ship(at, now)
        answer = self.cancelable(lines) if answer == "ok" else answer
        if answer != "ok":
            return answer, False
        named = {item for item in self.items() if self.open(item) and (not lines or item in lines)}
        wished = {item for when, items in self.wishes if when <= at for item in items}
        self.cancel("seller", lines or None)
        return "ok", not named <= wished

    def refund_by_seller(
        self, lines: Mapping[str, int] | None, amount: int, at: datetime, now: datetime
    ) -> tuple[Answer, int]:
        """Return the answer, and at most how much could be refunded."""
        self.release_if_due(at, now)
        if self.ended:
            return "order_canceled", 0
        if self.released_at is None or at < self.released_at:
            return "order_pending", 0
        for item, count in (lines or {}).items():
            if count > len(self.standing(item)):
                return ("nothing_left" if self.standing(item) else "order_canceled"), 0
        named = lines or {item: len(self.standing(item)) for item in self.items() if self.standing(item)}
        most = max(0, min(self.worth(named), self.not_back() - sum(self.bank)))
        if amount <= 0:
            return "invalid_amount", most
        if amount > most:
            return "amount_exceeds_left", most
        self.refund(named, amount)
        return "ok", most

    def change(self, message: str, at: datetime, now: datetime) -> Answer:
        answer = self.may_ship(at, now)
        if answer == "ok" and not self.open():
            answer = "order_shipped"
        if answer == "ok" and message in self.changed:
            answer = "request_used"
        if answer == "ok" and message not in self.requests:
            answer = "not_requested"
        if answer == "ok":
            self.changed.add(message)
        return answer

    def rate(self, at: datetime, now: datetime) -> Answer:
        self.release_if_due(at, now)
        if self.ended and self.ended != "seller":
            return "order_canceled"
        if not self.ended and (self.released_at is None or at < self.released_at):
            return "order_pending"
        if self.is_rated:
            return "already_rated"
        self.is_rated = True
        return "ok"


def naive(
    marketplace: Marketplace,
    numbers: Orders,
    placed_at: datetime,
    ship_date: date,
    lines: Sequence[tuple[str, int, int, int, int]],
) -> Naive:
    """Make an order of lines: item, how many, price of one, and shipping and tax of all."""
    units = [Unit(item, cost) for item, count, *money in lines for cost in costs(count, *money)]
    return Naive(numbers, marketplace.zone, placed_at, ship_date, units)


def costs(count: int, price: int, *extras: int) -> list[int]:
    """What each unit costs: the price, and its part of the rest, so that the first so many make up their share."""
    parts = [sum(extra * number // count for extra in extras) for number in range(count + 1)]
    return [price + after - before for before, after in pairwise(parts)]
