"""O17, M4, C8, C15: money goes back by command, for a return, or for a claim, and never more than is left."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.orders.domain.actions import actions
from services.orders.domain.events import CommandRefused, LinesCanceled, OrderCanceled, RefundRecorded
from services.orders.domain.inputs import (
    ClaimFiled,
    ClaimRefunded,
    DeadlineExpired,
    ReturnReceived,
    ReturnWaived,
)
from services.orders.domain.model import Actor, Money, Quantity
from tests.unit.orders.build import (
    BUYER,
    HOLD_END,
    NEXT_DAY,
    SELLER,
    SETTLED,
    STRANGERS,
    SUPPORT,
    cancellation,
    confirmed,
    granted,
    line,
    orders,
    pending,
    refund,
    unshipped,
    usd,
)

LAMP = Quantity("lamp", 1)
LAMPS = Quantity("lamp", 2)
SHADE = Quantity("shade", 1)
TWO_LINES = unshipped(line(), line("shade", 1, unit_price=1500))
MINUTE = timedelta(minutes=1)
CANCEL = DeadlineExpired("ship_confirmation_due", SETTLED)


# ------------------------------------------------------------------------------------------ by the seller


def test_the_seller_refunds_the_whole_order() -> None:
    decided = orders.given(*TWO_LINES).when(refund(5500), now=NEXT_DAY)
    told = decided.the(RefundRecorded)
    assert (told.at, told.amount, told.lines) == (NEXT_DAY, usd(5500), (LAMPS, SHADE))
    assert (told.cause, told.claim_id, told.contact_id) == ("seller", None, None)
    assert told.asked is not None
    assert (told.asked.command_id, told.asked.actor, told.asked.note) == ("refund-1", SELLER, "a scratch")


def test_the_seller_refunds_part_of_a_line() -> None:
    decided = orders.given(*TWO_LINES).when(refund(500, LAMP), now=NEXT_DAY)
    assert decided.the(RefundRecorded).lines == (LAMP,)


def test_a_line_named_twice_is_refunded_as_the_sum() -> None:
    decided = orders.given(*unshipped()).when(refund(4000, LAMP, LAMP), now=NEXT_DAY)
    assert decided.the(RefundRecorded).lines == (LAMPS,)


def test_the_same_refund_again_changes_nothing() -> None:
    once = orders.given(*unshipped()).when(refund(500), now=NEXT_DAY)
    once.when(refund(500), now=NEXT_DAY).then_nothing()


@pytest.mark.parametrize("status", ["unshipped", "partially shipped", "shipped"])
def test_an_order_is_refunded_in_whatever_state_it_is_once_released(status: str) -> None:
    shipped = {"unshipped": (), "partially shipped": (confirmed(LAMP),), "shipped": (confirmed(),)}[status]
    orders.given(*unshipped(), *shipped).when(refund(4000), now=NEXT_DAY).the(RefundRecorded)


def test_more_than_is_left_is_refused_with_the_most_that_can_be_refunded() -> None:
    once = orders.given(*unshipped()).when(refund(500), now=NEXT_DAY)
    decided = once.when(refund(3501, command_id="refund-2"), now=NEXT_DAY)
    refusal = decided.then_no_change().the(CommandRefused)
    assert (refusal.reason, refusal.rule) == ("amount_exceeds_left", "C15")
    assert dict(refusal.params) == {"max_amount": usd(3500)}
    once.when(refund(3500, command_id="refund-2"), now=NEXT_DAY).the(RefundRecorded)


def test_more_than_the_named_units_cost_is_refused_and_the_last_unit_takes_the_remainder() -> None:
    three = orders.given(*unshipped(line("lamp", 3, unit_price=1000, shipping=100, tax=50)))
    refused = three.when(refund(1050, LAMP), now=NEXT_DAY).the(CommandRefused)
    assert dict(refused.params) == {"max_amount": usd(1000 + 33 + 16)}
    one = three.when(refund(1049, LAMP), now=NEXT_DAY)
    two = one.when(refund(1050, LAMP, command_id="2"), now=NEXT_DAY)
    refused = two.when(refund(9999, LAMP, command_id="3"), now=NEXT_DAY).the(CommandRefused)
    assert dict(refused.params) == {"max_amount": usd(3150 - 1049 - 1050)}
    two.when(refund(3150 - 1049 - 1050, LAMP, command_id="3"), now=NEXT_DAY).the(RefundRecorded)


def test_one_line_is_not_refunded_with_what_another_cost() -> None:
    decided = orders.given(*TWO_LINES).when(refund(1501, SHADE), now=NEXT_DAY)
    assert dict(decided.the(CommandRefused).params) == {"max_amount": usd(1500)}


def test_a_refund_of_the_whole_order_is_shared_by_what_its_lines_cost() -> None:
    once = orders.given(*TWO_LINES).when(refund(1100), now=NEXT_DAY)
    refused = once.when(refund(9999, SHADE, command_id="2"), now=NEXT_DAY).the(CommandRefused)
    assert dict(refused.params) == {"max_amount": usd(1200)}


@pytest.mark.parametrize("amount", [0, -1, -4000])
def test_nothing_and_less_than_nothing_is_no_refund(amount: int) -> None:
    decided = orders.given(*unshipped()).when(refund(amount), now=NEXT_DAY)
    assert decided.then_no_change().the(CommandRefused).reason == "invalid_amount"


def test_another_currency_is_refused_with_the_orders_own() -> None:
    decided = orders.given(*unshipped()).when(refund(100, currency="EUR"), now=NEXT_DAY)
    refusal = decided.then_no_change().the(CommandRefused)
    assert (refusal.reason, refusal.params) == ("wrong_currency", (("currency", "USD"),))


@pytest.mark.parametrize("actor", [*STRANGERS, BUYER, SUPPORT])
def test_only_the_orders_own_seller_refunds(actor: Actor) -> None:
    decided = orders.given(*unshipped()).when(refund(100, actor=actor), now=NEXT_DAY)
    assert decided.then_no_change().the(CommandRefused).reason == "not_the_seller"


def test_a_pending_order_is_not_refunded() -> None:
    decided = orders.given(*pending()).when(refund(100), now=NEXT_DAY)
    assert decided.then_no_change().the(CommandRefused).reason == "order_pending"
    early = orders.given(*unshipped()).when(refund(100, at=HOLD_END - MINUTE), now=NEXT_DAY)
    assert early.then_no_change().the(CommandRefused).reason == "order_pending"


def test_a_canceled_order_is_not_refunded() -> None:
    canceled = orders.given(*unshipped()).when(CANCEL, now=SETTLED)
    decided = canceled.when(refund(100, at=SETTLED), now=SETTLED)
    assert decided.then_no_change().the(CommandRefused).reason == "order_canceled"


def test_lines_that_the_order_has_not_or_has_no_more_are_refused() -> None:
    given = orders.given(*TWO_LINES).when(cancellation(SHADE), now=NEXT_DAY)
    unknown = given.when(refund(100, Quantity("chair", 1)), now=NEXT_DAY).then_no_change()
    assert unknown.the(CommandRefused).reason == "unknown_line"
    canceled = given.when(refund(100, SHADE), now=NEXT_DAY).then_no_change()
    assert canceled.the(CommandRefused).reason == "order_canceled"
    too_many = given.when(refund(100, Quantity("lamp", 3)), now=NEXT_DAY).then_no_change()
    assert (too_many.the(CommandRefused).reason, too_many.the(CommandRefused).params) == (
        "nothing_left",
        (("left", 2),),
    )


def test_a_refund_dated_ahead_of_the_clock_is_refused() -> None:
    ahead = refund(100, at=NEXT_DAY + MINUTE + timedelta(microseconds=1))
    decided = orders.given(*unshipped()).when(ahead, now=NEXT_DAY)
    assert decided.then_no_change().the(CommandRefused).reason == "in_the_future"


# ------------------------------------------------------------------ what is canceled, and what claims paid


def test_what_was_refunded_is_not_left_uncharged_again() -> None:
    once = orders.given(*unshipped()).when(refund(1500), now=NEXT_DAY)
    decided = once.when(CANCEL, now=SETTLED)
    assert decided.the(OrderCanceled).amount == usd(2500)


def test_what_was_not_charged_is_not_refunded_again() -> None:
    canceled = orders.given(*TWO_LINES).when(cancellation(LAMPS), now=NEXT_DAY)
    assert canceled.the(LinesCanceled).amount == usd(4000)
    refused = canceled.when(refund(1501), now=NEXT_DAY).the(CommandRefused)
    assert dict(refused.params) == {"max_amount": usd(1500)}


def test_what_a_claim_paid_is_not_refunded_again() -> None:
    paid = orders.given(*TWO_LINES, confirmed(LAMPS, SHADE)).when(granted(compensation=3000), now=NEXT_DAY)
    refused = paid.when(refund(2501), now=NEXT_DAY).the(CommandRefused)
    assert dict(refused.params) == {"max_amount": usd(2500)}
    paid.when(refund(2500), now=NEXT_DAY).the(RefundRecorded)


def test_a_compensation_that_is_heard_twice_counts_once_and_one_granted_anew_adds() -> None:
    once = orders.given(*unshipped(), confirmed()).when(granted(compensation=1000), now=NEXT_DAY)
    once.when(granted(compensation=1000), now=NEXT_DAY).then_nothing()
    anew = once.when(granted(compensation=500, at=NEXT_DAY + MINUTE), now=NEXT_DAY + MINUTE)
    refused = anew.when(refund(4000), now=NEXT_DAY).the(CommandRefused)
    assert dict(refused.params) == {"max_amount": usd(2500)}


def test_extra_charges_that_a_claim_paid_take_nothing_from_other_lines() -> None:
    documented = orders.given(*TWO_LINES, confirmed(LAMPS, SHADE)).when(
        ClaimFiled("claim-1", usd(700)), now=NEXT_DAY
    )
    paid = documented.when(granted(compensation=4700), now=NEXT_DAY)
    refused = paid.when(refund(9999), now=NEXT_DAY).the(CommandRefused)
    assert dict(refused.params) == {"max_amount": usd(1500)}


# ------------------------------------------------------------------------------- what buyers send back


def test_a_refund_of_what_came_back_is_for_the_return() -> None:
    back = orders.given(*TWO_LINES, confirmed(LAMPS, SHADE)).when(
        ReturnReceived("contact-1", (LAMPS,)), now=NEXT_DAY
    )
    told = back.when(refund(4000, LAMPS), now=NEXT_DAY).the(RefundRecorded)
    assert (told.cause, told.contact_id) == ("return", "contact-1")
    part = back.when(refund(2000, LAMP), now=NEXT_DAY).the(RefundRecorded)
    assert (part.cause, part.contact_id) == ("return", "contact-1")


def test_a_refund_of_more_than_came_back_is_the_sellers_own() -> None:
    back = orders.given(*TWO_LINES, confirmed(LAMPS, SHADE)).when(
        ReturnReceived("contact-1", (LAMP,)), now=NEXT_DAY
    )
    for lines in ((LAMPS,), (SHADE,), ()):
        told = back.when(refund(100, *lines), now=NEXT_DAY).the(RefundRecorded)
        assert (told.cause, told.contact_id) == ("seller", None)


def test_a_refund_of_what_came_back_on_two_contacts_names_neither() -> None:
    first = orders.given(*unshipped(), confirmed()).when(ReturnReceived("one", (LAMP,)), now=NEXT_DAY)
    both = first.when(ReturnReceived("two", (LAMP,)), now=NEXT_DAY)
    told = both.when(refund(4000), now=NEXT_DAY).the(RefundRecorded)
    assert (told.cause, told.contact_id) == ("return", None)


def test_a_return_that_is_heard_twice_changes_nothing() -> None:
    back = orders.given(*unshipped(), confirmed()).when(ReturnReceived("one", (LAMP,)), now=NEXT_DAY)
    back.when(ReturnReceived("one", (LAMP,)), now=NEXT_DAY).then_nothing()


def test_a_return_that_is_waived_pays_back_what_is_left_of_its_lines_once() -> None:
    once = orders.given(*TWO_LINES, confirmed(LAMPS, SHADE)).when(refund(1500, LAMP), now=NEXT_DAY)
    waived = ReturnWaived("contact-1", "answer-1", (LAMPS,), NEXT_DAY)
    decided = once.when(waived, now=NEXT_DAY)
    told = decided.the(RefundRecorded)
    assert (told.amount, told.cause, told.contact_id) == (usd(2500), "return", "contact-1")
    assert (told.lines, told.asked) == ((LAMPS,), None)
    decided.when(waived, now=NEXT_DAY).then_nothing()


def test_lines_that_are_waived_later_on_the_same_return_are_paid_back_too() -> None:
    lamp = orders.given(*TWO_LINES, confirmed(LAMPS, SHADE)).when(
        ReturnWaived("contact-1", "answer-1", (LAMPS,), NEXT_DAY), now=NEXT_DAY
    )
    shade = lamp.when(ReturnWaived("contact-1", "answer-2", (SHADE,), NEXT_DAY), now=NEXT_DAY)
    assert shade.the(RefundRecorded).lines == (SHADE,)


def test_a_return_that_is_waived_when_nothing_is_left_pays_nothing() -> None:
    all_of_it = orders.given(*unshipped(), confirmed()).when(refund(4000), now=NEXT_DAY)
    all_of_it.when(ReturnWaived("contact-1", "answer-1", (LAMPS,), NEXT_DAY), now=NEXT_DAY).then_nothing()


# ------------------------------------------------------------------------------------------------- claims


def test_a_claim_that_the_seller_refunds_is_recorded_once() -> None:
    refunded = ClaimRefunded("claim-1", (LAMPS,), usd(3000), NEXT_DAY)
    decided = orders.given(*unshipped(), confirmed()).when(refunded, now=NEXT_DAY)
    told = decided.the(RefundRecorded)
    assert (told.amount, told.cause, told.claim_id, told.lines) == (usd(3000), "claim", "claim-1", (LAMPS,))
    decided.when(refunded, now=NEXT_DAY).then_nothing()


def test_a_claim_is_refunded_by_what_is_left_when_a_refund_crossed_it() -> None:
    crossed = orders.given(*unshipped(), confirmed()).when(refund(2500), now=NEXT_DAY)
    refunded = crossed.when(ClaimRefunded("claim-1", (LAMPS,), usd(4000), NEXT_DAY), now=NEXT_DAY)
    assert refunded.the(RefundRecorded).amount == usd(1500)


def test_a_claims_documented_extra_charges_are_refunded_beyond_what_was_paid() -> None:
    documented = orders.given(*unshipped(), confirmed()).when(ClaimFiled("claim-1", usd(700)), now=NEXT_DAY)
    refunded = documented.when(ClaimRefunded("claim-1", (LAMPS,), usd(4700), NEXT_DAY), now=NEXT_DAY)
    assert refunded.the(RefundRecorded).amount == usd(4700)
    undocumented = orders.given(*unshipped(), confirmed())
    capped = undocumented.when(ClaimRefunded("claim-1", (LAMPS,), usd(4700), NEXT_DAY), now=NEXT_DAY)
    assert capped.the(RefundRecorded).amount == usd(4000)


def test_a_claim_refunded_before_the_order_shipped_leaves_nothing_to_charge() -> None:
    refunded = orders.given(*unshipped()).when(
        ClaimRefunded("claim-1", (LAMPS,), usd(4000), NEXT_DAY), now=NEXT_DAY
    )
    assert refunded.when(CANCEL, now=SETTLED).the(OrderCanceled).amount == usd(0)


# ------------------------------------------------------------------------------------------ other currencies


@pytest.mark.parametrize(("currency", "paid"), [("JPY", 3001), ("KWD", 12345), ("KRW", 999_999_999)])
def test_amounts_are_whole_smallest_units_of_any_currency(currency: str, paid: int) -> None:
    free = Money(0, currency)
    one = line("lamp", 1)
    placed_line = type(one)("lamp", one.sku, one.title, 1, Money(paid, currency), free, free)
    given = orders.given(*unshipped(placed_line))
    refused = given.when(refund(paid + 1, currency=currency), now=NEXT_DAY).the(CommandRefused)
    assert dict(refused.params) == {"max_amount": Money(paid, currency)}
    decided = given.when(refund(paid, currency=currency), now=NEXT_DAY)
    assert decided.the(RefundRecorded).amount == Money(paid, currency)
    assert "refund_order" not in actions(decided.state.row, NEXT_DAY).get("seller", ())
