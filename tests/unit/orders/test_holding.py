"""O2, O3, O7, O8: an order is held, verified or not, and released."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from services.orders.domain.events import (
    OrderCanceled,
    OrderReleased,
    TimerCanceled,
    TimerSet,
    VerificationDelayed,
)
from services.orders.domain.inputs import DeadlineExpired
from services.orders.domain.model import PaymentNews, Quantity, Released, Verdict, status_of
from tests.unit.orders.build import (
    CUTOFF,
    EXPIRY,
    HOLD_END,
    NOON,
    SETTLED,
    WARNING,
    confirmed,
    orders,
    pending,
    received,
    released,
    unshipped,
    usd,
    verified,
)

MINUTE = timedelta(minutes=1)
HOLD_ENDS = DeadlineExpired("hold_end", HOLD_END)
EXPIRES = DeadlineExpired("verification_due", EXPIRY)


def news(verdict: Verdict, at: datetime = NOON + MINUTE) -> PaymentNews:
    return PaymentNews(verdict, at)


def test_a_verified_payment_does_not_end_the_hold() -> None:
    decided = orders.given(*pending()).when(news("verified"), now=NOON + MINUTE)
    decided.then(verified(NOON + MINUTE), TimerCanceled("verification_due", EXPIRY))
    assert status_of(decided.state.order) == "Pending"


def test_a_verified_order_is_released_when_its_hold_ends() -> None:
    decided = orders.given(received(), verified(NOON + MINUTE)).when(HOLD_ENDS, now=HOLD_END)
    decided.then(
        released(HOLD_END), TimerSet("ship_by_warning", WARNING), TimerSet("ship_confirmation_due", SETTLED)
    )
    assert status_of(decided.state.order) == "Unshipped"


def test_a_release_is_dated_at_the_end_of_the_hold_however_late_its_timer_ran() -> None:
    decided = orders.given(received(), verified()).when(HOLD_ENDS, now=HOLD_END + timedelta(hours=5))
    assert decided.the(OrderReleased).at == HOLD_END


def test_the_end_of_the_hold_releases_no_unverified_order() -> None:
    orders.given(*pending()).when(HOLD_ENDS, now=HOLD_END).then_nothing()


def test_verification_after_the_hold_releases_at_once_dated_at_the_verification() -> None:
    at = HOLD_END + timedelta(hours=3)
    decided = orders.given(*pending()).when(news("verified", at), now=at + MINUTE)
    decided.then_kinds(type(verified()), OrderReleased, TimerCanceled, TimerSet, TimerSet)
    assert decided.the(OrderReleased).at == at


def test_a_verification_dated_in_the_hold_and_read_after_it_releases_at_the_end_of_the_hold() -> None:
    decided = orders.given(*pending()).when(news("verified"), now=HOLD_END + timedelta(hours=1))
    assert decided.the(OrderReleased).at == HOLD_END


def test_a_verification_dated_ahead_of_the_clock_releases_when_its_time_comes_and_not_before() -> None:
    at = HOLD_END + timedelta(hours=3)
    decided = orders.given(*pending()).when(news("verified", at), now=NOON)
    decided.then(
        verified(at),
        TimerCanceled("hold_end", HOLD_END),
        TimerCanceled("verification_due", EXPIRY),
        TimerSet("hold_end", at),
    )
    decided.when(HOLD_ENDS, now=HOLD_END).then_nothing()
    assert decided.when(DeadlineExpired("hold_end", at), now=at).the(OrderReleased).at == at


@pytest.mark.parametrize(
    ("late", "days"),
    [
        (timedelta(0), 0),
        (timedelta(microseconds=1), 1),
        (timedelta(hours=24), 1),
        (timedelta(hours=24, seconds=1), 2),
        (timedelta(days=20), 20),
    ],
)
def test_a_late_release_moves_the_dates_by_whole_days_rounded_up(late: timedelta, days: int) -> None:
    at = HOLD_END + late
    moved = orders.given(*pending()).when(news("verified", at), now=at).the(OrderReleased)
    assert moved.expected_ship_date == date(2021, 3, 3) + timedelta(days=days)
    assert moved.delivery_from == date(2021, 3, 6) + timedelta(days=days)
    assert moved.delivery_to == date(2021, 3, 10) + timedelta(days=days)
    assert moved.confirm_by == CUTOFF


def test_a_second_verification_changes_nothing() -> None:
    given = orders.given(received(), verified())
    given.when(news("verified"), now=NOON + MINUTE).then_nothing()
    given.when(news("verified", HOLD_END + MINUTE), now=HOLD_END - MINUTE).then_nothing()


def test_the_end_of_the_hold_changes_nothing_when_it_fires_again() -> None:
    orders.given(*unshipped()).when(HOLD_ENDS, now=HOLD_END + MINUTE).then_nothing()


@pytest.mark.parametrize("verdict", ["delayed", "failed"])
def test_a_delayed_or_failed_verification_leaves_the_order_pending(verdict: Verdict) -> None:
    decided = orders.given(*pending()).when(news(verdict), now=NOON + MINUTE)
    decided.then(VerificationDelayed(NOON + MINUTE, "failed" if verdict == "failed" else "delayed"))
    assert status_of(decided.state.order) == "Pending"


def test_the_same_delay_is_told_once_and_an_earlier_one_not_at_all() -> None:
    decided = orders.given(*pending()).when(news("delayed", NOON + 2 * MINUTE), now=NOON + 2 * MINUTE)
    decided.when(news("delayed", NOON + 2 * MINUTE), now=NOON + 3 * MINUTE).then_nothing()
    decided.when(news("failed", NOON + MINUTE), now=NOON + 3 * MINUTE).then_nothing()
    decided.when(news("failed", NOON + 3 * MINUTE), now=NOON + 3 * MINUTE).then_kinds(VerificationDelayed)


def test_a_verification_may_be_tried_again_after_it_failed() -> None:
    failed = orders.given(*pending()).when(news("failed"), now=NOON + MINUTE)
    assert failed.when(news("verified", HOLD_END), now=HOLD_END).the(OrderReleased).at == HOLD_END


def test_a_delay_read_after_the_verification_changes_nothing() -> None:
    orders.given(received(), verified(NOON + MINUTE)).when(news("delayed"), now=NOON + MINUTE).then_nothing()


@pytest.mark.parametrize(("verdict", "reason"), [("refused", "payment_refused"), ("fraud", "fraud")])
def test_a_refused_payment_and_a_fraud_cancel(verdict: Verdict, reason: str) -> None:
    decided = orders.given(*pending()).when(news(verdict), now=NOON + MINUTE)
    canceled = decided.the(OrderCanceled)
    assert (canceled.reason, canceled.by, canceled.at) == (reason, "payment", NOON + MINUTE)
    assert decided.every(TimerCanceled) == [
        TimerCanceled("hold_end", HOLD_END),
        TimerCanceled("verification_due", EXPIRY),
    ]
    decided.when(news(verdict), now=NOON + MINUTE).then_nothing()


def test_a_fraud_found_while_a_verified_order_is_held_cancels_it() -> None:
    decided = orders.given(received(), verified()).when(news("fraud"), now=NOON + MINUTE)
    assert decided.the(OrderCanceled).reason == "fraud"


def test_a_fraud_dated_before_the_release_and_read_after_it_cancels_as_long_as_nothing_is_shipped() -> None:
    decided = orders.given(*unshipped()).when(news("fraud"), now=HOLD_END + MINUTE)
    assert decided.the(OrderCanceled).at == NOON + MINUTE
    orders.given(*unshipped(), confirmed()).when(news("fraud"), now=HOLD_END + MINUTE).then_nothing()


def test_verification_has_ended_with_the_release() -> None:
    given = orders.given(*unshipped())
    for verdict in ("delayed", "failed", "refused", "fraud", "verified"):
        given.when(news(verdict, HOLD_END + MINUTE), now=HOLD_END + MINUTE).then_nothing()


def test_an_order_unverified_for_21_days_is_canceled() -> None:
    decided = orders.given(*pending()).when(EXPIRES, now=EXPIRY + timedelta(hours=2))
    decided.then(
        OrderCanceled(
            at=EXPIRY,
            reason="verification_expired",
            by="marketplace",
            lines=(Quantity("lamp", 2),),
            counts_in_cancellation_rate=False,
            amount=usd(4000),
        )
    )


def test_a_verified_order_does_not_expire() -> None:
    orders.given(received(), verified()).when(EXPIRES, now=EXPIRY).then_nothing()
    orders.given(*unshipped()).when(EXPIRES, now=EXPIRY).then_nothing()


def test_a_verification_dated_after_the_21_days_does_not_save_the_order() -> None:
    late = orders.given(*pending()).when(news("verified", EXPIRY), now=EXPIRY + MINUTE).then_nothing()
    assert late.when(EXPIRES, now=EXPIRY + MINUTE).the(OrderCanceled).reason == "verification_expired"


def test_a_verification_dated_in_the_21_days_and_read_before_their_deadline_counts() -> None:
    at = EXPIRY - MINUTE
    decided = orders.given(*pending()).when(news("verified", at), now=EXPIRY + MINUTE)
    assert decided.the(OrderReleased).at == at


def test_a_canceled_order_is_never_released() -> None:
    canceled = orders.given(*pending()).when(EXPIRES, now=EXPIRY)
    canceled.when(news("verified"), now=EXPIRY).then_nothing()
    canceled.when(HOLD_ENDS, now=EXPIRY).then_nothing()
    canceled.when(EXPIRES, now=EXPIRY).then_nothing()


def test_an_order_is_judged_by_the_clocks_it_started_with() -> None:
    state = orders.given(*unshipped()).state.order
    assert isinstance(state, Released)
    assert (state.confirm_by, state.expires_at) == (CUTOFF, SETTLED)
