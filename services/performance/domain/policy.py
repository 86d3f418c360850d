"""The numbers of a seller's rates, and the days of marketplaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class Numbers:
    """One policy, as far as performance needs it.

    `ahead`: how far ahead of the clock a command may be dated (T5). Each window is a number of days that ends with
    today; the first two rates should be below their targets, the last at least at it.
    `answered_within`: how long after its opening an answer to a contact counts as in time (H2).
    `negative_rating_max`: feedback of so many stars, or fewer, is a defect (H1).
    """

    policy_id: str
    ahead: timedelta
    order_defect_days: int
    order_defect_target: float
    cancellation_days: int
    cancellation_target: float
    answered_within: timedelta
    answered_days: int
    answered_target: float
    negative_rating_max: int


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies, the marketplaces' time zones, and which policy is in force where and when."""

    numbers: Mapping[str, Numbers]
    zones: Mapping[str, str]
    in_force_id: Callable[[str, datetime], str]

    def of(self, policy_id: str) -> Numbers:
        """Return the policy of this id."""
        return self.numbers[policy_id]

    def in_force(self, marketplace_id: str, at: datetime) -> Numbers:
        """Return the policy that is in force in the marketplace at this instant."""
        return self.numbers[self.in_force_id(marketplace_id, at)]

    def day(self, marketplace_id: str, at: datetime) -> date:
        """Return the date that it is in the marketplace at this instant."""
        return _day(at, self.zones[marketplace_id])

    def start_of(self, marketplace_id: str, day: date) -> datetime:
        """Return the instant at which a day begins in the marketplace, as UTC."""
        return _midnight(day, self.zones[marketplace_id])


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=4096)
def _day(at: datetime, zone: str) -> date:
    return at.astimezone(_zone(zone)).date()


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, tzinfo=_zone(zone)).astimezone(UTC)
