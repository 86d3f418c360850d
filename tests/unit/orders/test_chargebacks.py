"""C15, C16: a chargeback is passed on at once; what it holds is not paid back twice, and not forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.orders.domain.account import Balance
from services.orders.domain.events import (
    ChargebackClosed,
    ChargebackOpened,
    CommandRefused,
    EarlyNewsKept,
    HeldRefundDropped,
    OrderCanceled,
    OrderReleased,
    RefundHeld,
    RefundRecorded,
)
from services.orders.domain.inputs import ClaimRefunded, DeadlineExpired, ReturnWaived
from services.orders.domain.model import ChargebackNews, Money, Quantity, Unplaced, World
from tests.unit.orders.build import (
    HOLD_END,
    NEXT_DAY,
    NOON,
    SETTLED,
    chargeback,
    confirmed,
    line,
    orders,
    pending,
    placed,
    received,
    refund,
    stocked,
    unshipped,
    usd,
    verified,
)

DAY = timedelta(days=1)
LAMPS = Quantity("lamp", 2)
OPENED = NEXT_DAY
CLOSED = NEXT_DAY + 20 * DAY
LATER = SETTLED + DAY
CANCEL = DeadlineExpired("ship_confirmation_due", SETTLED)


def left(world: World) -> int:
    assert not isinstance(world.order, Unplaced)
    return Balance(world.row, world.order.placed).left_minor


def test_a_chargeback_is_passed_on_as_it_opens_and_as_it_closes() -> None:
    opened = orders.given(*unshipped(), confirmed()).when(chargeback(), now=OPENED)
    opened.then(ChargebackOpened(OPENED, usd(4000)))
    closed = opened.when(chargeback("seller_won", 0, CLOSED), now=CLOSED)
    closed.then(ChargebackClosed(CLOSED, "seller_won", usd(0)))


def test_the_same_news_again_changes_nothing() -> None:
    opened = orders.given(*unshipped()).when(chargeback(), now=OPENED)
    opened.when(chargeback(), now=OPENED).then_nothing()
    closed = opened.when(chargeback("buyer_won", 4000, CLOSED), now=CLOSED)
    closed.when(chargeback("buyer_won", 4000, CLOSED), now=CLOSED).then_nothing()
    closed.when(chargeback(), now=CLOSED).then_nothing()


def test_a_chargeback_on_an_order_that_has_not_come_is_told_when_it_comes() -> None:
    early = orders.given().when(chargeback(), now=OPENED)
    early.then(EarlyNewsKept(chargeback()))
    early.when(chargeback(), now=OPENED).then_nothing()
    assert early.when(placed(), now=OPENED).the(ChargebackOpened).at == OPENED


def test_a_chargeback_on_an_order_that_nothing_covers_is_told_as_well() -> None:
    early = orders.given(stocked("sku-lamp", 1)).when(chargeback(), now=OPENED)
    came = early.when(placed(), now=OPENED)
    came.the(OrderCanceled)
    came.the(ChargebackOpened)


def test_a_chargeback_after_the_release_is_due_finds_the_order_released() -> None:
    decided = orders.given(received(), verified()).when(chargeback(), now=OPENED)
    assert decided.the(OrderReleased).at == HOLD_END


@pytest.mark.parametrize("events", [pending(), unshipped()])
def test_a_chargeback_is_passed_on_in_whatever_state_the_order_is(events: tuple[object, ...]) -> None:
    at = NOON + timedelta(minutes=1)
    orders.given(*events).when(chargeback(at=at), now=OPENED).the(ChargebackOpened)  # type: ignore[arg-type]


def test_an_end_that_is_read_before_its_opening_is_told_alone() -> None:
    closed = orders.given(*unshipped()).when(chargeback("buyer_won", 4000, CLOSED), now=CLOSED)
    closed.then(ChargebackClosed(CLOSED, "buyer_won", usd(4000)))
    closed.when(chargeback(), now=CLOSED).then_nothing()
    again = closed.when(chargeback(at=CLOSED + DAY), now=CLOSED + DAY)
    again.the(ChargebackOpened)


def test_two_chargebacks_at_once_are_closed_one_after_the_other() -> None:
    both = orders.given(*unshipped()).when(chargeback(amount=1000), now=OPENED)
    both = both.when(chargeback(amount=2000, at=OPENED + DAY), now=OPENED + DAY)
    assert left(both.state) == 1000
    one = both.when(chargeback("seller_won", 0, CLOSED), now=CLOSED)
    assert left(one.state) == 2000
    none = one.when(chargeback("seller_won", 0, CLOSED + DAY), now=CLOSED + DAY)
    assert left(none.state) == 4000


# -------------------------------------------------------------------------------------------- what it holds


def test_what_an_open_chargeback_holds_is_not_refunded() -> None:
    opened = orders.given(*unshipped(), confirmed()).when(chargeback(amount=3000), now=OPENED)
    refused = opened.when(refund(1001), now=OPENED).then_no_change().the(CommandRefused)
    assert (refused.reason, dict(refused.params)) == ("amount_exceeds_left", {"max_amount": usd(1000)})
    opened.when(refund(1000), now=OPENED).the(RefundRecorded)


def test_a_line_is_refunded_from_what_is_not_held_of_the_order() -> None:
    lines = (line(), line("shade", 1, unit_price=1500))
    opened = orders.given(*unshipped(*lines)).when(chargeback(amount=4000), now=OPENED)
    shade = Quantity("shade", 1)
    assert opened.when(refund(1500, shade), now=OPENED).the(RefundRecorded).amount == usd(1500)


def test_what_the_buyer_won_is_gone_and_what_the_seller_won_is_left() -> None:
    opened = orders.given(*unshipped(), confirmed()).when(chargeback(), now=OPENED)
    lost = opened.when(chargeback("buyer_won", 2500, CLOSED), now=CLOSED)
    assert left(lost.state) == 1500
    won = opened.when(chargeback("seller_won", 0, CLOSED), now=CLOSED)
    assert left(won.state) == 4000


def test_a_chargeback_in_another_currency_may_be_of_all_that_was_paid() -> None:
    yen = ChargebackNews("opened", OPENED, Money(1, "JPY"))
    opened = orders.given(*unshipped(), confirmed()).when(yen, now=OPENED)
    assert opened.the(ChargebackOpened).amount == Money(1, "JPY")
    assert left(opened.state) == 0


def test_a_cancellation_meanwhile_is_paid_back_once_the_seller_has_won() -> None:
    opened = orders.given(*unshipped()).when(chargeback(amount=3000), now=OPENED)
    canceled = opened.when(CANCEL, now=SETTLED)
    assert canceled.the(OrderCanceled).amount == usd(1000)
    assert canceled.the(RefundHeld).held.amount_minor == 3000
    closed = canceled.when(chargeback("seller_won", 0, LATER), now=LATER)
    told = closed.the(RefundRecorded)
    assert (told.at, told.amount, told.lines, told.cause) == (LATER, usd(3000), (LAMPS,), "seller")
    assert closed.state.row.heard.held == ()


def test_a_cancellation_meanwhile_is_not_paid_back_again_once_the_buyer_has_won() -> None:
    opened = orders.given(*unshipped()).when(chargeback(), now=OPENED)
    canceled = opened.when(CANCEL, now=SETTLED)
    assert canceled.the(OrderCanceled).amount == usd(0)
    closed = canceled.when(chargeback("buyer_won", 4000, LATER), now=LATER)
    closed.then_kinds(ChargebackClosed, HeldRefundDropped)
    part = canceled.when(chargeback("buyer_won", 1500, LATER), now=LATER)
    assert part.the(RefundRecorded).amount == usd(2500)


def test_a_waived_return_and_a_refunded_claim_are_paid_back_when_the_chargeback_ends() -> None:
    lines = (line(), line("shade", 1, unit_price=1500))
    shipped = orders.given(*unshipped(*lines), confirmed(LAMPS, Quantity("shade", 1)))
    opened = shipped.when(chargeback(amount=5500), now=OPENED)
    waived = opened.when(ReturnWaived("contact-1", "answer-1", (Quantity("shade", 1),), OPENED), now=OPENED)
    waived.then_kinds(RefundHeld)
    waived.when(
        ReturnWaived("contact-1", "answer-1", (Quantity("shade", 1),), OPENED), now=OPENED
    ).then_nothing()
    claimed = waived.when(ClaimRefunded("claim-1", (LAMPS,), usd(4000), OPENED), now=OPENED)
    claimed.then_kinds(RefundHeld)
    closed = claimed.when(chargeback("seller_won", 0, CLOSED), now=CLOSED)
    told = [(one.cause, one.amount, one.contact_id, one.claim_id) for one in closed.every(RefundRecorded)]
    assert told == [("return", usd(1500), "contact-1", None), ("claim", usd(4000), None, "claim-1")]
    closed.when(
        ReturnWaived("contact-1", "answer-1", (Quantity("shade", 1),), OPENED), now=CLOSED
    ).then_nothing()


def test_what_is_held_waits_for_the_last_open_chargeback() -> None:
    opened = orders.given(*unshipped()).when(chargeback(amount=2000), now=OPENED)
    both = opened.when(chargeback(amount=2000, at=OPENED + DAY), now=OPENED + DAY)
    canceled = both.when(CANCEL, now=SETTLED)
    one = canceled.when(chargeback("seller_won", 0, LATER), now=LATER)
    one.then_kinds(ChargebackClosed)
    none = one.when(chargeback("buyer_won", 2000, LATER + DAY), now=LATER + DAY)
    assert none.the(RefundRecorded).amount == usd(2000)
