"""A seller's rates, from a few numbers a day: a million orders cost no more than ten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import reduce

from services.performance.domain.events import (
    DayChanged,
    DayLeft,
    DayTimerSet,
    HealthChanged,
    SellerEvent,
    TimeMoved,
)
from services.performance.domain.evolve import evolve_seller, tally_of
from services.performance.domain.model import Bucket, Health, Place, Rate, SellerRow, Tally
from services.performance.domain.policy import Numbers, Policies
from shared.values import dataclass, replace


def move(
    seller: SellerRow, changes: Mapping[Place, Tally], at: datetime, policies: Policies
) -> tuple[Sequence[SellerEvent], SellerRow]:
    """Count what has changed, as of `at` or of what was counted later, and say the rates if they are others now.

    Returns what follows, and the seller as they stand after it.
    """
    as_of = max(at, seller.as_of or at)
    events: list[SellerEvent] = [TimeMoved(as_of)] if as_of != seller.as_of else []
    is_same_day = _is_same_day(seller, changes, as_of, policies)
    if not is_same_day:
        events += [DayLeft(each.place) for each in seller.buckets if _has_left(each.place, as_of, policies)]
    for place in sorted(changes):
        if not _has_left(place, as_of, policies):
            before = tally_of(seller, place)
            events.append(DayChanged(place, changes[place]))
            events += _timers(place, before, before + changes[place], as_of, policies)
    after = reduce(evolve_seller, events, seller)
    if is_same_day and seller.said is not None:
        health: Health | None = _added(seller.said, changes, as_of, policies)
    else:
        health = health_of(after, as_of, policies)
    said = seller.said.numbers if seller.said else None
    if health is None or health.numbers == said:
        return events, after
    news = HealthChanged(health, as_of)
    return [*events, news], evolve_seller(after, news)


def _is_same_day(
    seller: SellerRow, changes: Mapping[Place, Tally], as_of: datetime, policies: Policies
) -> bool:
    """Say whether it is the day of what was said last wherever the seller sells: then no window has moved since."""
    said_at = seller.said_at
    if said_at is None or any(place.marketplace_id not in seller.marketplaces for place in changes):
        return False
    return all(policies.day(each, said_at) == policies.day(each, as_of) for each in seller.marketplaces)


def _added(said: Health, changes: Mapping[Place, Tally], as_of: datetime, policies: Policies) -> Health:
    """Return what was said last and what has changed since: the other days need not be looked at."""

    def added(rate: Rate, measure: Measure) -> Rate:
        moved = [
            measure.count(change)
            for place, change in changes.items()
            if _reaches(place, measure, as_of, policies)
        ]
        return replace(
            rate,
            numerator=rate.numerator + sum(numerator for numerator, _ in moved),
            denominator=rate.denominator + sum(denominator for _, denominator in moved),
        )

    return Health(
        added(said.order_defects, ORDER_DEFECTS),
        added(said.cancellations, CANCELLATIONS),
        added(said.answered, ANSWERED),
    )


@dataclass(frozen=True, slots=True)
class Measure:
    """How one rate is made: how many days it is over, what it counts of a day, and what should be reached."""

    days: Callable[[Numbers], int]
    count: Callable[[Tally], tuple[int, int]]
    target: Callable[[Numbers], float]
    strictest: Callable[[Iterable[float]], float]


ORDER_DEFECTS = Measure(
    lambda numbers: numbers.order_defect_days,
    lambda tally: (tally.defective, tally.released),
    lambda numbers: numbers.order_defect_target,
    min,
)
CANCELLATIONS = Measure(
    lambda numbers: numbers.cancellation_days,
    lambda tally: (tally.canceled, tally.released),
    lambda numbers: numbers.cancellation_target,
    min,
)
ANSWERED = Measure(
    lambda numbers: numbers.answered_days,
    lambda tally: (tally.answered, tally.contacts),
    lambda numbers: numbers.answered_target,
    max,
)


def health_of(seller: SellerRow, as_of: datetime, policies: Policies) -> Health | None:
    """Return the rates as of an instant; None for somebody who has sold nowhere.

    A day counts by the windows of its own policy. What should be reached, and from which day on, is by the policies
    that are in force now where the seller sells: the strictest target, the longest window.
    """
    if not seller.marketplaces:
        return None
    here = [(policies.in_force(each, as_of), policies.day(each, as_of)) for each in seller.marketplaces]
    return Health(
        _rate(seller, ORDER_DEFECTS, here, as_of, policies),
        _rate(seller, CANCELLATIONS, here, as_of, policies),
        _rate(seller, ANSWERED, here, as_of, policies),
    )


def _rate(
    seller: SellerRow,
    measure: Measure,
    here: Sequence[tuple[Numbers, date]],
    as_of: datetime,
    policies: Policies,
) -> Rate:
    counted = [measure.count(bucket.tally) for bucket in reached(seller, measure, as_of, policies)]
    return Rate(
        sum(numerator for numerator, _ in counted),
        sum(denominator for _, denominator in counted),
        measure.strictest(measure.target(numbers) for numbers, _ in here),
        min(today - timedelta(days=max(measure.days(numbers) - 1, 0)) for numbers, today in here),
        max(today for _, today in here),
    )


def reached(seller: SellerRow, measure: Measure, as_of: datetime, policies: Policies) -> Sequence[Bucket]:
    """Return the days of a seller that the window of a rate still reaches."""
    return [each for each in seller.buckets if _reaches(each.place, measure, as_of, policies)]


def _reaches(place: Place, measure: Measure, as_of: datetime, policies: Policies) -> bool:
    last_day = _last_day(place.day, measure.days(policies.of(place.policy_id)))
    return policies.day(place.marketplace_id, as_of) <= last_day


def _last_day(day: date, days: int) -> date:
    """Return the last day whose window still reaches back to `day`."""
    return day + timedelta(days=days - 1)


def _has_left(place: Place, as_of: datetime, policies: Policies) -> bool:
    numbers = policies.of(place.policy_id)
    days = max(numbers.order_defect_days, numbers.cancellation_days, numbers.answered_days)
    return policies.day(place.marketplace_id, as_of) > _last_day(place.day, days)


def _timers(
    place: Place, before: Tally, after: Tally, as_of: datetime, policies: Policies
) -> Iterator[DayTimerSet]:
    """Ask when the day leaves each window that it has just come to count in."""
    numbers = policies.of(place.policy_id)
    windows: set[int] = set()
    if after.released and not before.released:
        windows.add(numbers.order_defect_days)
    if (after.released or after.canceled) and not (before.released or before.canceled):
        windows.add(numbers.cancellation_days)
    if after.contacts and not before.contacts:
        windows.add(numbers.answered_days)
    for days in sorted(windows):
        due_at = policies.start_of(place.marketplace_id, place.day + timedelta(days=days))
        if due_at > as_of:
            yield DayTimerSet(place, due_at)
