"""O2, O9: what the seller, the buyer and support cancel by command, until when, and what it counts as."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.orders.domain.events import (
    CancellationRefused,
    CommandRefused,
    LinesCanceled,
    OrderCanceled,
    OrderReleased,
    OrderShipped,
    StockReleased,
    TimerCanceled,
)
from services.orders.domain.inputs import CancelOrder, DeadlineExpired
from services.orders.domain.model import Actor, Asked, CancellationRequested, Quantity, status_of
from services.orders.domain.refusals import RefusalReason
from tests.unit.orders.build import (
    BUYER,
    CUTOFF,
    EXPIRY,
    HOLD_END,
    NEXT_DAY,
    NOON,
    SELLER,
    SETTLED,
    STRANGERS,
    SUPPORT,
    cancellation,
    confirmed,
    line,
    orders,
    pending,
    received,
    reserved,
    stocked,
    unshipped,
    usd,
    verified,
)

MINUTE = timedelta(minutes=1)
MICROSECOND = timedelta(microseconds=1)
LAMP = Quantity("lamp", 1)
SHADE = Quantity("shade", 1)
TWO_LINES = (line(), line("shade", 1, unit_price=1500))


def refusal(events: tuple[object, ...], command: CancelOrder, now: datetime = NEXT_DAY) -> CommandRefused:
    decided = orders.given(*events).when(command, now=now)  # type: ignore[arg-type]
    return decided.then_no_change().the(CommandRefused)


# --------------------------------------------------------------------------------------------- the seller


def test_the_seller_cancels_an_unshipped_order_and_it_counts() -> None:
    decided = orders.given(*unshipped()).when(cancellation(note="No more of these."), now=NEXT_DAY)
    told = decided.the(OrderCanceled)
    assert (told.at, told.reason, told.by, told.amount) == (NEXT_DAY, "seller", "seller", usd(4000))
    assert told.counts_in_cancellation_rate
    assert told.asked == Asked("cancel-1", SELLER, "No more of these.")
    assert len(decided.every(TimerCanceled)) == 2
    assert status_of(decided.state.order) == "Canceled"


def test_the_seller_cancels_some_lines_and_the_rest_stands() -> None:
    decided = orders.given(*unshipped(*TWO_LINES)).when(cancellation(LAMP), now=NEXT_DAY)
    told = decided.the(LinesCanceled)
    assert (told.lines, told.amount) == ((LAMP,), usd(2000))
    assert status_of(decided.state.order) == "Unshipped"


def test_the_seller_cancels_what_is_left_of_a_partial_shipment() -> None:
    given = orders.given(*unshipped(), confirmed(LAMP))
    decided = given.when(cancellation(), now=NEXT_DAY)
    assert decided.the(LinesCanceled).lines == (LAMP,)
    decided.the(OrderShipped)
    assert status_of(decided.state.order) == "Shipped"


def test_what_the_seller_cancels_is_given_back_to_the_listing() -> None:
    given = orders.given(stocked("sku-lamp", 5), received(), reserved("sku-lamp", 2), *unshipped()[1:])
    assert given.when(cancellation(LAMP), now=NEXT_DAY).the(StockReleased).quantity == 1


def test_lines_already_confirmed_are_not_canceled() -> None:
    partial = (*unshipped(*TWO_LINES), confirmed(SHADE))
    assert refusal(partial, cancellation(SHADE)).reason == "order_shipped"
    assert refusal((*unshipped(), confirmed()), cancellation()).reason == "order_shipped"
    too_many = refusal((*unshipped(), confirmed(LAMP)), cancellation(Quantity("lamp", 2)))
    assert (too_many.reason, too_many.params) == ("nothing_left", (("left", 1),))


def test_the_same_cancellation_again_changes_nothing() -> None:
    canceled = orders.given(*unshipped()).when(cancellation(), now=NEXT_DAY)
    refused = canceled.when(cancellation(), now=NEXT_DAY).then_no_change()
    assert refused.the(CommandRefused).reason == "order_canceled"
    part = orders.given(*unshipped(*TWO_LINES)).when(cancellation(SHADE), now=NEXT_DAY)
    assert part.when(cancellation(SHADE), now=NEXT_DAY).then_no_change().the(CommandRefused).reason == (
        "order_canceled"
    )


def test_a_line_that_the_order_has_not_is_refused() -> None:
    assert refusal(unshipped(), cancellation(Quantity("chair", 1))).reason == "unknown_line"
    assert refusal(pending(), cancellation(Quantity("chair", 1), actor=BUYER)).reason == "unknown_line"


def test_a_pending_order_is_not_the_sellers_to_cancel() -> None:
    assert refusal(pending(), cancellation()).rule == "O4"
    assert refusal(unshipped(), cancellation(at=HOLD_END - MICROSECOND)).reason == "order_pending"
    decided = orders.given(received(), verified()).when(cancellation(at=HOLD_END), now=NEXT_DAY)
    decided.the(OrderReleased)
    assert decided.the(OrderCanceled).at == HOLD_END


def test_from_the_cutoff_on_it_is_canceled_already() -> None:
    orders.given(*unshipped()).when(cancellation(at=CUTOFF - MICROSECOND), now=CUTOFF).the(OrderCanceled)
    assert refusal(unshipped(), cancellation(at=CUTOFF), CUTOFF).reason == "too_late"


@pytest.mark.parametrize(
    ("actor", "reason"),
    list(zip(STRANGERS, ["not_the_seller", *["not_the_buyer"] * 2, *["not_permitted"] * 2], strict=True)),
)
def test_nobody_else_cancels(actor: Actor, reason: RefusalReason) -> None:
    assert refusal(unshipped(), cancellation(actor=actor)).reason == reason
    assert refusal(pending(), cancellation(actor=actor)).reason == reason


def test_a_cancellation_dated_ahead_of_the_clock_is_refused() -> None:
    ahead = cancellation(at=NEXT_DAY + MINUTE + MICROSECOND)
    assert refusal(unshipped(), ahead).reason == "in_the_future"
    orders.given(*unshipped()).when(cancellation(at=NEXT_DAY + MINUTE), now=NEXT_DAY).the(OrderCanceled)


# ------------------------------------------------------------------------------------- as the buyer wished


@pytest.mark.parametrize(
    ("wished_at", "counts"), [(NEXT_DAY - MICROSECOND, False), (NEXT_DAY, False), (NEXT_DAY + MINUTE, True)]
)
def test_a_cancellation_that_the_buyer_had_asked_for_does_not_count(
    wished_at: datetime, *, counts: bool
) -> None:
    wished = orders.given(*unshipped()).when(CancellationRequested(wished_at), now=NEXT_DAY + MINUTE)
    decided = wished.when(cancellation(), now=NEXT_DAY + MINUTE)
    assert decided.the(OrderCanceled).counts_in_cancellation_rate is counts


def test_only_what_the_buyer_had_asked_for_is_excused() -> None:
    wish = cancellation(SHADE, actor=BUYER)
    wished = orders.given(*unshipped(*TWO_LINES)).when(wish, now=NEXT_DAY)
    wished.then(CancellationRefused(NEXT_DAY, "released", (SHADE,), Asked("cancel-1", BUYER)))
    assert not wished.when(cancellation(SHADE), now=NEXT_DAY).the(LinesCanceled).counts_in_cancellation_rate
    assert wished.when(cancellation(LAMP), now=NEXT_DAY).the(LinesCanceled).counts_in_cancellation_rate
    assert wished.when(cancellation(), now=NEXT_DAY).the(OrderCanceled).counts_in_cancellation_rate


def test_a_later_wish_does_not_hide_that_there_was_an_earlier_one() -> None:
    wished = orders.given(*unshipped()).when(CancellationRequested(HOLD_END), now=NEXT_DAY)
    again = wished.when(CancellationRequested(NEXT_DAY), now=NEXT_DAY)
    decided = again.when(cancellation(at=NEXT_DAY - MINUTE), now=NEXT_DAY)
    assert not decided.the(OrderCanceled).counts_in_cancellation_rate


# ---------------------------------------------------------------------------------- the buyer, and support


@pytest.mark.parametrize(("actor", "by"), [(BUYER, "buyer"), (SUPPORT, "support")])
def test_a_pending_order_is_canceled_by_the_buyer_or_support(actor: Actor, by: str) -> None:
    decided = orders.given(*pending()).when(cancellation(at=NOON, actor=actor), now=NOON)
    told = decided.the(OrderCanceled)
    assert (told.reason, told.by, told.counts_in_cancellation_rate) == ("buyer", by, False)


def test_some_lines_of_a_pending_order_are_canceled_and_the_rest_is_released() -> None:
    decided = orders.given(received(*TWO_LINES), verified()).when(
        cancellation(LAMP, at=NOON, actor=BUYER), now=NOON
    )
    assert decided.the(LinesCanceled).amount == usd(2000)
    assert status_of(decided.state.order) == "Pending"
    hold_end = DeadlineExpired("hold_end", HOLD_END)
    released = decided.when(hold_end, now=HOLD_END)
    rest = released.when(DeadlineExpired("ship_confirmation_due", SETTLED), now=SETTLED)
    assert rest.the(OrderCanceled).lines == (LAMP, SHADE)
    too_many = decided.when(cancellation(Quantity("lamp", 2), at=NOON, actor=BUYER), now=NOON)
    assert too_many.then_no_change().the(CommandRefused).params == (("left", 1),)
    all_of_it = decided.when(cancellation(LAMP, SHADE, at=NOON, actor=BUYER), now=NOON)
    all_of_it.the(OrderCanceled)


def test_a_wish_dated_before_the_release_cancels_though_it_is_read_after_it() -> None:
    in_time = cancellation(at=HOLD_END - MICROSECOND, actor=BUYER)
    decided = orders.given(*unshipped()).when(in_time, now=NEXT_DAY)
    assert decided.the(OrderCanceled).at == HOLD_END - MICROSECOND
    shipped = orders.given(*unshipped(), confirmed(LAMP)).when(in_time, now=NEXT_DAY)
    assert shipped.the(CancellationRefused).why == "shipped"


@pytest.mark.parametrize("actor", [BUYER, SUPPORT])
def test_a_later_wish_is_refused_each_time_and_the_seller_sees_it(actor: Actor) -> None:
    wish = cancellation(at=HOLD_END, actor=actor, note="I changed my mind.")
    refused = orders.given(*unshipped()).when(wish, now=NEXT_DAY)
    refused.then(
        CancellationRefused(HOLD_END, "released", (), Asked("cancel-1", actor, "I changed my mind."))
    )
    again = cancellation(at=HOLD_END, actor=actor, command_id="cancel-2")
    assert refused.when(again, now=NEXT_DAY).then_no_change().every(CancellationRefused)


def test_a_wish_on_a_canceled_order_is_refused() -> None:
    canceled = orders.given(*pending()).when(CancellationRequested(NOON), now=NOON)
    refused = canceled.when(cancellation(actor=BUYER), now=NEXT_DAY).then_no_change()
    assert refused.the(CommandRefused).reason == "order_canceled"


def test_a_wish_after_the_21_days_finds_the_order_canceled() -> None:
    orders.given(*pending()).when(cancellation(at=EXPIRY - MICROSECOND, actor=BUYER), now=EXPIRY).the(
        OrderCanceled
    )
    assert refusal(pending(), cancellation(at=EXPIRY, actor=BUYER), EXPIRY).reason == "order_canceled"


def test_a_command_on_an_order_that_has_not_come_says_nothing_for_it_waits() -> None:
    orders.given().when(cancellation(), now=NEXT_DAY).then_nothing()
