"""Windows that slide with the clock, in the marketplace's days, at a cost that does not grow with the orders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter

from services.performance.domain.model import SellerRow
from shared.contracts.data import Data
from shared.contracts.performance import HealthChanged
from shared.contracts.timer import Schedule
from tests.unit.performance.build import (
    DAY,
    OPENED,
    PLACED,
    RELEASED,
    canceled,
    granted,
    opened,
    received,
    released,
    responded,
)
from tests.unit.performance.office import INSTANT, Office, fired, message

MIDNIGHT = datetime(2026, 3, 10, 7, tzinfo=UTC)
"""The start of 10 March in Los Angeles, where summer time has begun two days before."""


def office(*bodies: Data) -> Office:
    made = Office(PLACED)
    made.hear(received(), released(), *bodies)
    return made


def test_an_order_leaves_each_window_with_its_day() -> None:
    made = office(canceled(), granted())
    assert (made.cancellations, made.defects) == ((0, 0), (1, 1))
    made = office(canceled(at=RELEASED))
    made.go_to(MIDNIGHT + 7 * DAY - INSTANT)
    assert made.cancellations == (1, 1)
    [health] = made.go_to(MIDNIGHT + 7 * DAY)
    assert isinstance(health, HealthChanged)
    assert (made.cancellations, made.defects, health.at) == ((0, 0), (0, 1), MIDNIGHT + 7 * DAY)
    made.hear(granted())
    made.go_to(MIDNIGHT + 60 * DAY - INSTANT)
    assert made.defects == (1, 1)
    made.go_to(MIDNIGHT + 60 * DAY)
    assert made.defects == (0, 0)
    assert made.seller().buckets == ()


def test_a_cancellation_counts_for_the_day_it_was_made_so_one_after_thirty_days_does() -> None:
    cutoff = PLACED + 30 * DAY
    made = office()
    made.go_to(cutoff)
    made.hear(canceled(at=cutoff))
    assert made.cancellations == (1, 0)
    made.go_to(cutoff + 8 * DAY)
    assert made.cancellations == (0, 0)


def test_a_contact_leaves_thirty_days_after_its_own_day() -> None:
    made = office(opened(), responded())
    made.go_to(MIDNIGHT + 32 * DAY - INSTANT)
    assert made.answered == (1, 1)
    made.go_to(MIDNIGHT + 32 * DAY)
    assert made.answered == (0, 0)


def test_a_day_asks_once_for_each_of_its_ends_whichever_of_its_orders_asks() -> None:
    made = Office(PLACED)
    made.hear(received("a"), released("a"), received("b"), released("b"))
    asked = made.every(Schedule)
    assert [timer.due_at for timer in asked] == [MIDNIGHT + 7 * DAY, MIDNIGHT + 60 * DAY]
    assert {timer.order_id for timer in asked} == {"a"}
    assert len({timer.subject_id for timer in asked}) == 1
    other = Office(PLACED)
    other.hear(received("b"), released("b"))
    assert {timer.timer_id for timer in other.every(Schedule)} == {timer.timer_id for timer in asked}


def test_a_days_end_that_comes_twice_or_late_changes_nothing_more() -> None:
    made = office()
    week, two_months = made.every(Schedule)
    made.go_to(MIDNIGHT + 90 * DAY)
    assert made.defects == (0, 0)
    assert made.hear(*(like_fired(timer, made) for timer in (week, two_months, week))) == []


def like_fired(timer: Schedule, made: Office) -> Data:
    return fired(timer, made.now)


def test_late_news_land_in_their_own_day() -> None:
    made = office()
    made.hear(received("later", at=PLACED + 30 * DAY), released("later", at=PLACED + 30 * DAY))
    made.hear(granted(at=RELEASED + 5 * DAY))
    [first, second] = made.seller().buckets
    assert (first.tally.defective, second.tally.defective) == (1, 0)
    assert made.defects == (1, 2)


def test_news_of_a_day_that_no_window_reaches_change_no_rate_but_the_trend() -> None:
    made = office()
    made.go_to(MIDNIGHT + 61 * DAY)
    assert [type(each).__name__ for each in made.hear(granted(at=made.now))] == ["DefectCounted"]
    assert made.seller().buckets == ()
    [released_, granted_] = made.daily()
    assert (released_.change.released, granted_.change.defective) == (1, 1)
    assert released_.place == granted_.place


def test_days_are_those_of_the_marketplace() -> None:
    late_evening = datetime(2026, 3, 11, 6, 59, tzinfo=UTC)
    made = Office(late_evening)
    made.hear(received("us", at=late_evening), released("us", at=late_evening))
    cn = {"marketplace_id": "cn", "policy_id": "2021-zh"}
    made.hear(received("cn", at=late_evening, **cn), released("cn", at=late_evening))
    days = {bucket.place.marketplace_id: bucket.place.day.isoformat() for bucket in made.seller().buckets}
    assert days == {"us": "2026-03-10", "cn": "2026-03-11"}
    assert made.defects == (0, 2)
    rate = made.rates().order_defect_rate
    assert (rate.from_.isoformat(), rate.to.isoformat()) == ("2026-01-10", "2026-03-11")


def test_what_is_dated_ahead_of_the_clock_does_not_move_the_windows() -> None:
    made = office()
    made.now = RELEASED
    made.apply(message(granted(at=RELEASED + 300 * DAY)))
    assert made.seller().as_of == RELEASED
    assert made.defects == (1, 1)


@pytest.mark.parametrize("orders", [10, 300])
def test_a_seller_with_many_orders_is_kept_in_as_much_as_one_with_few(orders: int) -> None:
    made = Office(PLACED)
    for number in range(orders):
        name, at = f"order-{number}", PLACED + timedelta(days=number % 10)
        made.hear(received(name, at=at), released(name, at=at), granted(name, at=at), canceled(name, at=at))
    assert len(made.seller().buckets) == 10
    assert made.defects[1] == orders
    kept = len(TypeAdapter(SellerRow).dump_json(made.seller()))
    digits = 5 * 10 * len(str(orders))
    assert kept < 2600 + digits


def test_however_long_a_seller_sells_no_more_days_are_kept_than_a_window_has() -> None:
    made = Office(PLACED)
    for number in range(200):
        at = PLACED + timedelta(days=number)
        made.go_to(at)
        made.hear(received(f"order-{number}", at=at), released(f"order-{number}", at=at))
    assert len(made.seller().buckets) == 60
    assert (made.defects, made.cancellations) == ((0, 60), (0, 7))


def test_the_end_of_summer_time_moves_midnight_not_the_days() -> None:
    placed = datetime(2026, 10, 31, 19, tzinfo=UTC)
    made = Office(placed)
    made.hear(received(at=placed), released(at=placed))
    [week, _] = made.every(Schedule)
    assert week.due_at == datetime(2026, 11, 7, 8, tzinfo=UTC)


def test_a_contact_of_before_the_window_is_in_no_number() -> None:
    made = office(opened())
    made.go_to(OPENED + 40 * DAY)
    made.hear(responded())
    assert made.answered == (0, 0)
