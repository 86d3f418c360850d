"""O2, O5, C10: who may cancel what until when, what is given back, and what need not be paid."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.orders.domain.events import (
    CancellationRefused,
    CommandRefused,
    Event,
    LinesCanceled,
    ListingRestored,
    OrderCanceled,
    OrderDelivered,
    OrderReleased,
    OrderShipped,
    StockReleased,
    TimerCanceled,
)
from services.orders.domain.inputs import DeadlineExpired
from services.orders.domain.model import CancellationRequested, PaymentNews, Quantity, status_of
from tests.unit.orders.build import (
    EXPIRY,
    HOLD_END,
    NEXT_DAY,
    NOON,
    SETTLED,
    WARNING,
    confirmation,
    confirmed,
    granted,
    line,
    orders,
    pending,
    received,
    reserved,
    scan,
    stocked,
    unshipped,
    usd,
    verified,
)

MINUTE = timedelta(minutes=1)


def wish(at: datetime) -> CancellationRequested:
    return CancellationRequested(at)


def canceled_by_buyer(at: datetime) -> OrderCanceled:
    return OrderCanceled(
        at=at,
        reason="buyer",
        by="buyer",
        lines=(Quantity("lamp", 2),),
        counts_in_cancellation_rate=False,
        amount=usd(4000),
    )


# ---------------------------------------------------------------------------------------------- the buyer


def test_the_buyer_cancels_during_the_hold() -> None:
    at = NOON + MINUTE
    orders.given(*pending()).when(wish(at), now=at).then(
        canceled_by_buyer(at), TimerCanceled("hold_end", HOLD_END), TimerCanceled("verification_due", EXPIRY)
    )


def test_the_buyer_cancels_after_the_hold_while_payment_is_still_unverified() -> None:
    at = HOLD_END + timedelta(days=2)
    decided = orders.given(*pending()).when(wish(at), now=at)
    decided.then(canceled_by_buyer(at), TimerCanceled("verification_due", EXPIRY))


def test_a_cancellation_asked_for_before_the_release_cancels_though_it_is_read_after_it() -> None:
    at = HOLD_END - MINUTE
    decided = orders.given(*unshipped()).when(wish(at), now=NEXT_DAY)
    decided.then(
        canceled_by_buyer(at),
        TimerCanceled("ship_by_warning", WARNING),
        TimerCanceled("ship_confirmation_due", SETTLED),
    )


def test_a_cancellation_asked_for_before_the_release_is_refused_once_something_is_shipped() -> None:
    at = HOLD_END - MINUTE
    decided = orders.given(*unshipped(), confirmed(Quantity("lamp", 1))).when(wish(at), now=NEXT_DAY)
    decided.then(CancellationRefused(at, "shipped"))


@pytest.mark.parametrize("at", [HOLD_END, HOLD_END + MINUTE])
def test_a_cancellation_asked_for_at_the_release_or_later_is_refused(at: datetime) -> None:
    orders.given(*unshipped()).when(wish(at), now=at).then(CancellationRefused(at, "released"))


def test_a_late_wish_read_before_the_timer_of_the_hold_finds_the_order_released() -> None:
    at = HOLD_END + MINUTE
    decided = orders.given(received(), verified()).when(wish(at), now=at)
    assert decided.the(OrderReleased).at == HOLD_END
    assert decided.the(CancellationRefused) == CancellationRefused(at, "released")


def test_the_same_wish_is_refused_once_and_one_between_two_adds_nothing() -> None:
    refused = orders.given(*unshipped()).when(wish(NEXT_DAY), now=NEXT_DAY)
    refused.when(wish(NEXT_DAY), now=NEXT_DAY).then_nothing()
    first = refused.when(wish(NEXT_DAY - MINUTE), now=NEXT_DAY)
    first.then(CancellationRefused(NEXT_DAY - MINUTE, "released"))
    first.when(wish(NEXT_DAY - MINUTE / 2), now=NEXT_DAY).then_nothing()
    first.when(wish(NEXT_DAY - MINUTE), now=NEXT_DAY).then_nothing()
    again = refused.when(wish(NEXT_DAY + MINUTE), now=NEXT_DAY + MINUTE)
    again.then(CancellationRefused(NEXT_DAY + MINUTE, "released"))


def test_the_seller_sees_the_wish() -> None:
    refused = orders.given(*unshipped()).when(wish(NEXT_DAY), now=NEXT_DAY)
    assert getattr(refused.state.order, "wished_at", None) == NEXT_DAY
    assert status_of(refused.state.order) == "Unshipped"


def test_a_canceled_order_is_not_canceled_again() -> None:
    canceled = orders.given(*pending()).when(wish(NOON + MINUTE), now=NOON + MINUTE)
    canceled.when(wish(NOON + MINUTE), now=NOON + MINUTE).then_nothing()
    canceled.when(wish(NEXT_DAY), now=NEXT_DAY).then_nothing()


def test_a_wish_after_the_21_days_leaves_the_order_to_their_deadline() -> None:
    orders.given(*pending()).when(wish(EXPIRY), now=EXPIRY).then_nothing()


# ------------------------------------------------------------------------------------------------- stock


def test_canceled_quantity_is_given_back() -> None:
    given = orders.given(stocked("sku-lamp", 5), received(), reserved("sku-lamp", 2))
    decided = given.when(wish(NOON + MINUTE), now=NOON + MINUTE)
    assert decided.the(StockReleased) == StockReleased("seller-1", "sku-lamp", 2, NOON + MINUTE)
    assert not decided.every(ListingRestored)
    assert decided.state.stock["sku-lamp"].available == 5
    assert decided.state.row.reserved == {}


def test_a_withdrawn_listing_returns_with_what_is_given_back() -> None:
    given = orders.given(stocked("sku-lamp", 2), received(), reserved("sku-lamp", 2))
    decided = given.when(PaymentNews("refused", NOON + MINUTE), now=NOON + MINUTE)
    assert decided.the(ListingRestored) == ListingRestored("seller-1", "sku-lamp", 2, NOON + MINUTE)


def test_what_was_not_taken_is_not_given_back() -> None:
    """The sku was stocked for the first time after the order came."""
    given = orders.given(received(), stocked("sku-lamp", 5))
    decided = given.when(wish(NOON + MINUTE), now=NOON + MINUTE)
    assert not decided.every(StockReleased)
    assert decided.state.stock["sku-lamp"].available == 5


def test_only_the_canceled_part_is_given_back() -> None:
    given = orders.given(stocked("sku-lamp", 5), received(), reserved("sku-lamp", 2), *unshipped()[1:])
    shipped = given.when(confirmation(Quantity("lamp", 1)), now=NEXT_DAY)
    decided = shipped.when(DeadlineExpired("ship_confirmation_due", SETTLED), now=SETTLED)
    assert decided.the(StockReleased).quantity == 1
    assert decided.state.stock["sku-lamp"].available == 4


# ------------------------------------------------------------------------------------- what is not charged


def test_a_whole_order_canceled_is_not_charged_at_all() -> None:
    lines = (line(shipping=499, tax=331), line("shade", 1, unit_price=1250, shipping=1, tax=99))
    decided = orders.given(received(*lines)).when(wish(NOON + MINUTE), now=NOON + MINUTE)
    assert decided.the(OrderCanceled).amount == usd(2 * 2000 + 499 + 331 + 1250 + 1 + 99)


def test_part_of_a_line_is_not_charged_in_proportion_and_the_last_unit_takes_the_remainder() -> None:
    lines = (line("lamp", 3, unit_price=1000, shipping=100, tax=50),)
    one = Quantity("lamp", 1)
    first = orders.given(*unshipped(*lines)).when(granted(one, claim_id="free of charge"), now=NEXT_DAY)
    assert first.the(LinesCanceled).amount == usd(0)
    events: list[Event] = [*unshipped(*lines), confirmed(one)]
    rest = orders.given(*events).when(DeadlineExpired("ship_confirmation_due", SETTLED), now=SETTLED)
    assert rest.the(LinesCanceled).amount == usd(2000 + 66 + 33)
    last = first.when(DeadlineExpired("ship_confirmation_due", SETTLED), now=SETTLED)
    assert last.the(OrderCanceled).amount == usd(2000 + (100 - 33) + (50 - 16))


# ------------------------------------------------------------------------------------------ granted claims


def test_a_grant_cancels_what_is_not_yet_shipped_with_nothing_further_to_pay() -> None:
    decided = orders.given(*unshipped()).when(granted(), now=NEXT_DAY)
    canceled = decided.the(OrderCanceled)
    assert (canceled.reason, canceled.by, canceled.amount) == ("claim_granted", "marketplace", usd(0))
    assert (canceled.claim_id, canceled.counts_in_cancellation_rate) == ("claim-1", False)


def test_a_grant_leaves_what_is_shipped_and_the_order_is_then_shipped() -> None:
    given = orders.given(*unshipped(), confirmed(Quantity("lamp", 1)))
    decided = given.when(granted(), now=NEXT_DAY)
    decided.then_kinds(LinesCanceled, OrderShipped, TimerCanceled, TimerCanceled)
    assert decided.the(LinesCanceled).lines == (Quantity("lamp", 1),)


def test_an_order_whose_open_lines_are_canceled_is_delivered_when_the_others_were() -> None:
    given = orders.given(*unshipped()).when(confirmation(Quantity("lamp", 1)), now=NEXT_DAY)
    delivered = given.when(scan(NEXT_DAY + timedelta(days=2)), now=NEXT_DAY + timedelta(days=2))
    at = NEXT_DAY + timedelta(days=5)
    decided = delivered.when(granted(at=at), now=at)
    assert decided.the(OrderShipped).at == at
    assert decided.the(OrderDelivered).at == at
    assert status_of(decided.state.order) == "Delivered"


def test_a_grant_of_shipped_lines_cancels_nothing() -> None:
    orders.given(*unshipped(), confirmed()).when(granted(), now=NEXT_DAY).then_nothing()


def test_a_grant_cancels_only_the_lines_that_it_is_about() -> None:
    given = orders.given(*unshipped(line(), line("shade", 1)))
    decided = given.when(granted(Quantity("shade", 1)), now=NEXT_DAY)
    assert decided.the(LinesCanceled).lines == (Quantity("shade", 1),)
    assert status_of(decided.state.order) == "Unshipped"


def test_a_claim_granted_anew_after_a_void_cancels_nothing_more() -> None:
    once = orders.given(*unshipped(line("lamp", 3))).when(granted(Quantity("lamp", 1)), now=NEXT_DAY)
    once.when(granted(Quantity("lamp", 1)), now=NEXT_DAY + MINUTE).then_nothing()
    other = once.when(granted(Quantity("lamp", 1), claim_id="claim-2"), now=NEXT_DAY)
    assert other.the(LinesCanceled).lines == (Quantity("lamp", 1),)


def test_a_grant_on_a_canceled_order_changes_nothing() -> None:
    canceled = orders.given(*pending()).when(wish(NOON + MINUTE), now=NOON + MINUTE)
    canceled.when(granted(), now=NEXT_DAY).then_nothing()


def test_a_shipment_of_lines_canceled_by_a_grant_is_refused() -> None:
    canceled = orders.given(*unshipped(line(), line("shade", 1))).when(granted(), now=NEXT_DAY)
    refused = canceled.when(confirmation(Quantity("lamp", 1)), now=NEXT_DAY)
    assert refused.then_no_change().the(CommandRefused).reason == "order_canceled"
