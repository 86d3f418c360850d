"""A seller's rates as they are now, day by day, and the orders behind each number: read by the read-only role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from services.cli.errors import not_found, not_reachable
from services.cli.reader import built
from services.cli.times import written
from services.performance.domain.health import (
    ANSWERED,
    CANCELLATIONS,
    ORDER_DEFECTS,
    Measure,
    health_of,
    reached,
)
from services.performance.domain.model import OF_ORDERS, Rate, SellerRow, Tally
from services.performance.domain.policy import Policies
from services.performance.store import KINDS
from services.performance.translate.policies import policies_of
from shared.kit.sql import queries
from shared.kit.states import body_from_json
from shared.policies import Catalogue

if TYPE_CHECKING:
    import asyncpg

SQL = queries("services.cli", "sellers.sql")


@dataclass(frozen=True, slots=True)
class Measured:
    """One of the rates: how it is made, what counts against the seller in it, and what else it is made of."""

    name: str
    measure: Measure
    against: tuple[str, ...]
    of: tuple[str, ...]
    is_best_high: bool = False


MEASURED = (
    Measured("order_defect_rate", ORDER_DEFECTS, tuple(sorted(OF_ORDERS)), ("released",)),
    Measured("pre_fulfilment_cancel_rate", CANCELLATIONS, ("cancellation",), ("released",)),
    Measured("answered_in_time_rate", ANSWERED, ("late_answer",), ("answered_in_time",), is_best_high=True),
)


@dataclass(frozen=True, slots=True)
class Day:
    """What one day adds to a rate."""

    day: date
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Behind:
    """One thing behind a number; `stands` is false for what was taken back. `contest` is how far a contest is."""

    counts: str
    day: date
    order_id: str
    name: str
    claim_id: str | None
    contact_id: str | None
    stands: bool
    contest_id: str | None
    contest: str | None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        is_defect = self.counts not in {"released", "answered_in_time"}
        found = {
            "counts": self.counts,
            "day": self.day.isoformat(),
            "order_id": self.order_id,
            "defect_id": self.name if is_defect else None,
            "claim_id": self.claim_id,
            "contact_id": self.contact_id,
            "stands": self.stands,
            "contest_id": self.contest_id,
            "contest": self.contest,
        }
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Listed:
    """The latest of what is behind a number, and whether there is more."""

    rows: Sequence[Behind]
    has_more: bool

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"shown": [row.to_json() for row in self.rows], "more": self.has_more}


@dataclass(frozen=True, slots=True)
class RateReport:
    """A rate, its days, what counts against the seller, and what else it is made of."""

    measured: Measured
    rate: Rate
    trend: Sequence[Day]
    against: Listed
    of: Listed

    @property
    def share(self) -> float | None:
        """The rate itself; None of nothing."""
        return self.rate.numerator / self.rate.denominator if self.rate.denominator else None

    @property
    def is_met(self) -> bool:
        """Whether the target is reached: below it, or for what is best high at least at it."""
        if self.share is None:
            return True
        return self.share >= self.rate.target if self.measured.is_best_high else self.share < self.rate.target

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "numerator": self.rate.numerator,
            "denominator": self.rate.denominator,
            "rate": self.share,
            "target": self.rate.target,
            "met": self.is_met,
            "from": self.rate.first.isoformat(),
            "to": self.rate.last.isoformat(),
            "trend": [
                {"day": day.day.isoformat(), "numerator": day.numerator, "denominator": day.denominator}
                for day in self.trend
            ],
            "against": self.against.to_json(),
            "of": self.of.to_json(),
        }


@dataclass(frozen=True, slots=True)
class SellerReport:
    """A seller's health at an instant."""

    seller_id: str
    as_of: datetime
    marketplaces: Sequence[str]
    rates: Sequence[RateReport]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "seller_id": self.seller_id,
            "as_of": written(self.as_of),
            "marketplaces": list(self.marketplaces),
            "rates": {rate.measured.name: rate.to_json() for rate in self.rates},
        }


async def report(
    connection: asyncpg.Connection[Any], seller_id: str, now: datetime, catalogue: Catalogue, rows_max: int
) -> SellerReport:
    """Read a seller's rates as of now. Raises CommandError when nothing is known of the seller."""
    if "performance" not in await built(connection):
        raise not_reachable(
            "Performance has not run in this database.",
            "its schema has no tables.",
            "start the service, and wait until it is ready.",
        )
    found = await connection.fetchrow(SQL["seller"], seller_id)
    seller = (
        SellerRow() if found is None else body_from_json(KINDS[1], found["schema_version"], found["body"])
    )
    policies, as_of = policies_of(catalogue), max(now, seller.as_of or now)
    health = health_of(seller, as_of, policies)
    if health is None:
        raise not_found(
            f"Nothing counts for the seller {seller_id} yet.",
            "no order of theirs was released, and no contact answered or overdue.",
            "see that it is a seller's id, written as on the orders.",
        )
    reader = _Reader(connection, seller_id, seller, as_of, policies, rows_max)
    rates = (health.order_defects, health.cancellations, health.answered)
    told = [await reader.rate(measured, rate) for measured, rate in zip(MEASURED, rates, strict=True)]
    return SellerReport(seller_id, as_of, seller.marketplaces, told)


@dataclass(frozen=True, slots=True)
class _Reader:
    connection: asyncpg.Connection[Any]
    seller_id: str
    seller: SellerRow
    as_of: datetime
    policies: Policies
    rows_max: int

    async def rate(self, measured: Measured, rate: Rate) -> RateReport:
        return RateReport(
            measured,
            rate,
            await self._trend(measured.measure, rate),
            await self._behind(measured, measured.against),
            await self._behind(measured, measured.of),
        )

    async def _trend(self, measure: Measure, rate: Rate) -> Sequence[Day]:
        rows = await self.connection.fetch(SQL["trend"], self.seller_id, rate.first, rate.last)
        counts = {row["day"]: measure.count(_tally(row)) for row in rows}
        days = [rate.first + timedelta(days=number) for number in range((rate.last - rate.first).days + 1)]
        return [Day(day, *counts.get(day, (0, 0))) for day in days]

    async def _behind(self, measured: Measured, counts: Sequence[str]) -> Listed:
        places = [
            bucket.place for bucket in reached(self.seller, measured.measure, self.as_of, self.policies)
        ]
        rows = await self.connection.fetch(
            SQL["behind"],
            self.seller_id,
            list(counts),
            [place.day for place in places],
            [place.marketplace_id for place in places],
            [place.policy_id for place in places],
            self.rows_max + 1,
        )
        return Listed([Behind(**dict(row)) for row in rows[: self.rows_max]], len(rows) > self.rows_max)


def _tally(row: Mapping[str, Any]) -> Tally:
    return Tally(row["released"], row["defective"], row["canceled"], row["contacts"], row["answered"])
