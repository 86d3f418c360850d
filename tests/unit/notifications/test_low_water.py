"""From which instant the queue of mails is read: never above a mail that may still come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.notifications.mailer.low_water import LowWaterMark

NOON = datetime(2021, 3, 10, 12, tzinfo=UTC)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_the_first_look_is_from_the_beginning() -> None:
    assert LowWaterMark().since == BEGINNING


def test_it_is_never_above_the_earliest_mail() -> None:
    mark = LowWaterMark()
    mark.rise(NOON - 3600 * SECOND, NOON)
    assert mark.since == NOON - 3600 * SECOND


def test_it_stays_behind_now_for_mails_that_are_being_committed() -> None:
    mark = LowWaterMark()
    for next_due in (None, NOON, NOON + 3600 * SECOND):
        mark.rise(next_due, NOON)
        assert mark.since == NOON - 30 * SECOND


def test_it_follows_a_clock_that_is_set_back() -> None:
    mark = LowWaterMark()
    mark.rise(None, NOON)
    mark.rise(None, NOON - 3600 * SECOND)
    assert mark.since == NOON - 3630 * SECOND


def test_once_a_minute_one_look_is_from_the_beginning() -> None:
    mark = LowWaterMark()
    whole = []
    for seconds in range(200):
        whole += [seconds] if mark.since == BEGINNING else []
        mark.rise(None, NOON + seconds * SECOND)
    assert whole == [0, 61, 122, 183]
