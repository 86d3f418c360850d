"""O11, O12, T1, T2: shipment is confirmed by the cutoff, or what is left is canceled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.orders.domain.events import (
    LinesCanceled,
    OrderCanceled,
    OrderReleased,
    OrderShipped,
    ShipByWarned,
    TimerSet,
)
from services.orders.domain.inputs import DeadlineExpired
from services.orders.domain.model import PaymentNews, Policy, Quantity, TimerKind, status_of
from services.orders.domain.timeline import Deadline, deadlines
from tests.support.given_when_then import Specification
from tests.unit.orders.build import (
    CUTOFF,
    EXPIRY,
    HOLD_END,
    NEXT_DAY,
    NOON,
    POLICY,
    SETTLED,
    WARNING,
    confirmation,
    confirmed,
    orders,
    pending,
    received,
    unshipped,
    usd,
    verified,
)

MINUTE = timedelta(minutes=1)
WARN = DeadlineExpired("ship_by_warning", WARNING)
CANCEL = DeadlineExpired("ship_confirmation_due", SETTLED)


def under(policy: Policy) -> Specification:  # type: ignore[type-arg]
    return replace(orders, policy=policy)


def test_what_is_not_confirmed_by_the_cutoff_is_canceled_dated_at_the_cutoff() -> None:
    decided = orders.given(*unshipped()).when(CANCEL, now=SETTLED + timedelta(hours=9))
    decided.then(
        OrderCanceled(
            at=CUTOFF,
            reason="ship_confirmation_expired",
            by="marketplace",
            lines=(Quantity("lamp", 2),),
            counts_in_cancellation_rate=True,
            amount=usd(4000),
        )
    )
    assert status_of(decided.state.order) == "Canceled"
    decided.when(CANCEL, now=SETTLED + timedelta(hours=9)).then_nothing()


def test_only_the_unconfirmed_lines_are_canceled_and_the_order_is_then_shipped() -> None:
    decided = orders.given(*unshipped(), confirmed(Quantity("lamp", 1))).when(CANCEL, now=SETTLED)
    decided.then_kinds(LinesCanceled, OrderShipped)
    assert decided.the(LinesCanceled).lines == (Quantity("lamp", 1),)
    assert decided.the(OrderShipped).at == CUTOFF
    assert status_of(decided.state.order) == "Shipped"


def test_the_cutoff_of_a_shipped_order_changes_nothing() -> None:
    orders.given(*unshipped(), confirmed()).when(CANCEL, now=SETTLED).then_nothing()


def test_the_seller_is_warned_a_week_before_the_cutoff() -> None:
    decided = orders.given(*unshipped()).when(WARN, now=WARNING + MINUTE)
    decided.then(ShipByWarned(WARNING, CUTOFF))
    decided.when(WARN, now=WARNING + MINUTE).then_nothing()


def test_nobody_is_warned_of_an_order_that_is_shipped_or_canceled() -> None:
    orders.given(*unshipped(), confirmed()).when(WARN, now=WARNING).then_nothing()
    canceled = orders.given(*unshipped()).when(CANCEL, now=SETTLED)
    canceled.when(WARN, now=SETTLED).then_nothing()


def test_a_partially_shipped_order_is_warned_of() -> None:
    decided = orders.given(*unshipped(), confirmed(Quantity("lamp", 1))).when(WARN, now=WARNING)
    decided.then_kinds(ShipByWarned)


def test_an_order_released_in_the_last_week_is_warned_of_at_once() -> None:
    patient = replace(POLICY, verification=timedelta(days=40))
    at = WARNING + MINUTE
    decided = (
        under(patient)
        .given(replace(received(), verification_expires_at=NOON + timedelta(days=40)))
        .when(PaymentNews("verified", at), now=at)
    )
    assert decided.the(ShipByWarned) == ShipByWarned(at, CUTOFF)
    assert decided.every(TimerSet) == [TimerSet("ship_confirmation_due", SETTLED)]


def test_a_release_read_late_sets_a_timer_that_is_already_due() -> None:
    """The order was released in time; only we were away. The warning is dated at its own due time."""
    decided = orders.given(*pending()).when(PaymentNews("verified", NOON), now=WARNING + MINUTE)
    assert TimerSet("ship_by_warning", WARNING) in decided.events


def test_a_policy_may_count_from_the_expected_ship_date_until_local_midnight() -> None:
    policy = replace(POLICY, ship_confirmation_from="expected_ship_date")
    decided = under(policy).given(*pending()).when(PaymentNews("verified", NOON), now=HOLD_END)
    # 30 days after 3 March is 2 April; it ends when 3 April begins in Los Angeles, in summer time.
    midnight = datetime(2021, 4, 3, 7, tzinfo=UTC)
    assert decided.the(OrderReleased).confirm_by == midnight


@pytest.mark.parametrize("kind", ["hold_end", "verification_due", "ship_by_warning", "ship_confirmation_due"])
def test_a_timer_that_was_moved_or_is_none_of_ours_changes_nothing(kind: TimerKind) -> None:
    other = DeadlineExpired(kind, NOON + timedelta(days=77))
    for events in ((), pending(), unshipped(), (*unshipped(), confirmed())):
        orders.given(*events).when(other, now=SETTLED).then_nothing()


# -------------------------------------------------------------------------- what people see, and may do


def test_a_pending_order_shows_its_hold_and_the_end_of_its_verification() -> None:
    row = orders.given(*pending()).state.row
    assert deadlines(row, NOON) == [
        Deadline("hold_end", HOLD_END, "order_released"),
        Deadline("verification_due", EXPIRY, "order_canceled"),
    ]
    assert deadlines(row, HOLD_END) == [Deadline("verification_due", EXPIRY, "order_canceled")]


def test_a_verified_order_shows_when_it_is_released() -> None:
    row = orders.given(received(), verified(NOON + MINUTE)).state.row
    assert deadlines(row, NOON) == [Deadline("hold_end", HOLD_END, "order_released")]


def test_an_unshipped_order_shows_the_cutoff_and_not_when_it_takes_effect() -> None:
    row = orders.given(*unshipped()).state.row
    assert deadlines(row, NEXT_DAY) == [
        Deadline("ship_by_warning", WARNING, "ship_by_warned"),
        Deadline("ship_confirmation_due", CUTOFF, "order_canceled"),
    ]
    warned = orders.given(*unshipped(), ShipByWarned(WARNING, CUTOFF)).state.row
    assert deadlines(warned, WARNING) == [Deadline("ship_confirmation_due", CUTOFF, "order_canceled")]


def test_a_partially_shipped_order_shows_that_only_its_rest_would_be_canceled() -> None:
    row = orders.given(*unshipped(), confirmed(Quantity("lamp", 1))).state.row
    assert deadlines(row, WARNING) == [Deadline("ship_confirmation_due", CUTOFF, "lines_canceled")]


def test_a_shipped_or_canceled_order_has_no_deadline() -> None:
    assert deadlines(orders.given(*unshipped(), confirmed()).state.row, NEXT_DAY) == []
    canceled = orders.given(*unshipped()).when(CANCEL, now=SETTLED).state.row
    assert deadlines(canceled, CUTOFF) == []
    assert deadlines(orders.given().state.row, NOON) == []


def test_a_confirmation_of_the_last_line_stops_only_the_timers_that_are_still_to_come() -> None:
    at = WARNING + MINUTE
    given = orders.given(*unshipped(), ShipByWarned(WARNING, CUTOFF))
    decided = given.when(confirmation(at=at), now=at)
    assert [event.kind for event in decided.events if hasattr(event, "kind")] == ["ship_confirmation_due"]
