"""The seller refunds: in full, in part, or once the item is back (C8, C6.5)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.claims.domain.events import (
    ClaimClosed,
    ClaimFiled,
    ClaimGranted,
    ClaimRefundedBySeller,
    CommandRefused,
    GrantVoided,
    LateAnswerSeen,
    Noted,
    ReturnRequired,
    SellerDebited,
    SellerReimbursed,
    TimerCanceled,
    TimerSet,
)
from services.claims.domain.inputs import Actor, ClaimCommand, FileClaim, Input
from services.claims.domain.money import Money, Units
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import AwaitingReturn, Closed, RefundedBySeller, UnderInvestigation
from tests.unit.claims.builders import (
    ANSWER_BY,
    BUYER,
    DAY,
    FILED,
    HOUR,
    INSTANT,
    INVESTIGATOR,
    PAID,
    SELLER,
    Story,
    after,
    answered,
    appeal,
    ask,
    asked_to_return,
    broken,
    came_back,
    canceled,
    contacted,
    damaged,
    deadline,
    delivered,
    file_claim,
    line,
    missing_parcel,
    not_found,
    received,
    refund,
    refunded,
    released,
    rule,
    sent_back,
    shipped,
    timers,
    under_investigation,
    wrote,
)

ASKED = FILED + DAY
SEND_BY = ASKED + 14 * DAY
BACK = ASKED + 3 * DAY
REFUND_BY = BACK + timedelta(hours=48)


def money(amount_minor: int) -> Money:
    return Money(amount_minor, "USD")


def refusal(story: Story, command: ClaimCommand, now: datetime | None = None) -> Refusal:
    told = story.when(command, now=now or command.at).then_no_change()
    return told.the(CommandRefused).refusal


def shape(story: Story) -> type:
    assert story.state is not None
    return type(story.state.decided.claims[0])


# --------------------------------------------------------------------------------------------------- in full


def test_a_refund_in_full_ends_the_claim_and_says_how_much() -> None:
    told = under_investigation().when(refund(), now=FILED + DAY)
    told.then_kinds(ClaimRefundedBySeller, ClaimClosed)
    assert told.the(ClaimRefundedBySeller).amount == money(PAID)
    assert told.state is not None
    claim = told.state.decided.claims[0]
    assert isinstance(claim, Closed)
    assert isinstance(claim.was, RefundedBySeller)
    assert claim.end == "refunded"


def test_it_pays_what_was_claimed_not_what_was_paid() -> None:
    told = missing_parcel(not_found(amount=1000)).when(refund(), now=FILED + DAY)
    assert told.the(ClaimRefundedBySeller).amount == money(1000)


def test_it_pays_documented_extra_charges_too() -> None:
    command = file_claim(
        reason="delivered_not_found", amount=PAID + 500, extra=money(500), evidence=("bill-1",)
    )
    told = missing_parcel(command).when(refund(), now=FILED + DAY)
    assert told.the(ClaimRefundedBySeller).amount == money(PAID + 500)


def test_who_wanted_a_replacement_without_an_amount_is_refunded_in_full() -> None:
    command = file_claim(wanted="replacement", amount=0, reason="delivered_not_found")
    told = missing_parcel(command).when(refund(), now=FILED + DAY)
    assert told.the(ClaimRefundedBySeller).amount == money(PAID)


def test_what_was_refunded_cannot_be_claimed_again() -> None:
    story = under_investigation(refund())
    again = not_found(at=FILED + 2 * DAY, claim_id="claim-2", amount=1)
    assert story.when(again, now=again.at).events[0].refusal.reason == "amount_exceeds_paid"  # type: ignore[union-attr]


def test_the_refund_that_orders_records_for_the_claim_is_not_counted_twice() -> None:
    order = received(line("item-1", paid_minor=600), line("item-2", paid_minor=400))
    parcel = shipped(Units("item-1", 1), Units("item-2", 1))
    story = after(
        order, released(), parcel, delivered(), wrote(), answered(), not_found(amount=600), refund()
    )
    story = story.when(refunded(600, claim_id="claim-1"), now=FILED + 2 * DAY).then_kinds(Noted)
    command = file_claim(
        Units("item-2", 1), at=FILED + 2 * DAY, claim_id="claim-2", amount=400, reason="delivered_not_found"
    )
    other = story.when(command, now=command.at)
    assert other.when(rule("granted", claim_id="claim-2"), now=FILED + 3 * DAY).the(ClaimGranted).amount == (
        money(400)
    )


@pytest.mark.parametrize("actor", [BUYER, INVESTIGATOR, Actor("seller", "seller-2")])
def test_only_the_orders_own_seller_refunds(actor: Actor) -> None:
    assert refusal(under_investigation(), refund(actor=actor)).reason == "not_permitted"


def test_a_decided_claim_is_not_refunded() -> None:
    for story in (under_investigation(rule("denied")), contacted(file_claim(), appeal(at=FILED + HOUR))):
        assert refusal(story, refund(at=FILED + 2 * DAY)).reason == "claim_decided"


def test_a_refund_after_the_sellers_deadline_finds_the_claim_granted() -> None:
    due_at = FILED + 2 * DAY
    told = under_investigation(ask(at=FILED)).when(refund(at=due_at), now=due_at)
    assert told.the(ClaimGranted).automatic
    assert told.the(CommandRefused).refusal.reason == "claim_decided"


def test_where_nothing_is_left_nothing_is_refunded() -> None:
    story = missing_parcel(not_found(), canceled(not_charged=PAID, at=FILED))
    said = refusal(story, refund())
    assert (said.reason, said.max_amount) == ("amount_exceeds_left", money(0))


def test_what_a_voided_grant_has_paid_is_not_paid_again() -> None:
    story = after(received(), released(), shipped(), delivered(), wrote(), not_found(amount=1000))
    story = story.when(answered(at=ANSWER_BY), now=FILED + HOUR)
    assert refusal(story, refund()).reason == "amount_exceeds_left"


# --------------------------------------------------------------------------------------------------- in part


def test_a_partial_refund_leaves_the_claim_open_for_the_rest() -> None:
    story = under_investigation().when(refunded(1000), now=FILED + DAY).then_kinds(Noted)
    assert shape(story) is UnderInvestigation
    told = story.when(rule("granted"), now=FILED + 2 * DAY)
    assert told.the(SellerDebited).amount == money(PAID - 1000)
    said = refusal(story, rule("granted", PAID - 999))
    assert (said.reason, said.max_amount) == ("amount_exceeds_left", money(PAID - 1000))


def test_a_grant_by_rule_pays_only_the_rest_too() -> None:
    due_at = FILED + 2 * DAY
    story = under_investigation(ask(at=FILED), refunded(1000, at=FILED + HOUR))
    told = story.when(deadline("information_due", "ask-1", due_at), now=due_at)
    assert told.the(ClaimGranted).amount == money(PAID - 1000)


def test_a_claim_of_a_part_is_open_for_what_it_still_asks() -> None:
    story = missing_parcel(not_found(amount=1500)).when(refunded(1000), now=FILED + DAY)
    assert story.when(refund(at=FILED + 2 * DAY), now=FILED + 2 * DAY).the(
        ClaimRefundedBySeller
    ).amount == money(500)


def test_refunds_that_leave_nothing_end_the_claim_as_refunded_by_the_seller() -> None:
    story = under_investigation(refunded(1000))
    told = story.when(refunded(PAID - 1000, at=FILED + 2 * DAY), now=FILED + 2 * DAY)
    told.then_kinds(Noted, ClaimRefundedBySeller, ClaimClosed)
    ended = told.the(ClaimRefundedBySeller)
    assert (ended.amount, ended.command) == (money(0), None)


def test_a_refund_of_another_item_is_none_of_the_claim() -> None:
    order = received(line("item-1", paid_minor=600), line("item-2", paid_minor=400))
    parcel = shipped(Units("item-1", 1), Units("item-2", 1))
    story = after(order, released(), parcel, delivered(), wrote(), answered(), not_found(amount=600))
    told = story.when(refunded(400, Units("item-2", 1)), now=FILED + DAY).then_kinds(Noted)
    assert told.when(rule("granted"), now=FILED + DAY).the(ClaimGranted).amount == money(600)


def test_a_refund_of_the_whole_order_is_spread_over_its_lines() -> None:
    order = received(line("item-1", paid_minor=600), line("item-2", paid_minor=400))
    parcel = shipped(Units("item-1", 1), Units("item-2", 1))
    story = after(order, released(), parcel, delivered(), wrote(), answered(), not_found(amount=600))
    told = story.when(refunded(500, Units("item-1", 1), Units("item-2", 1)), now=FILED + DAY)
    assert told.when(rule("granted"), now=FILED + DAY).the(ClaimGranted).amount == money(300)


def test_a_refund_before_the_filing_leaves_less_to_claim() -> None:
    story = contacted(delivered(), answered(), refunded(1000, at=FILED - HOUR))
    said = story.when(not_found(), now=FILED).events[0]
    assert said.refusal.max_amount == money(PAID - 1000)  # type: ignore[union-attr]
    told = story.when(not_found(amount=PAID - 1000), now=FILED)
    told.when(refunded(1, at=FILED), now=FILED).then_kinds(Noted)


def test_a_refund_dated_after_the_filing_and_read_before_it_ends_the_claim_at_once() -> None:
    story = contacted(delivered(), answered()).when(refunded(300, at=FILED + HOUR), now=FILED + HOUR)
    told = story.when(not_found(amount=300), now=FILED + HOUR)
    told.then_kinds(ClaimFiled, ClaimRefundedBySeller, ClaimClosed)


# ------------------------------------------------------------------------------------- the item back first


def demanded(*more: Input) -> Story:
    return broken(damaged(), refund(return_first=True, at=ASKED), *more)


def test_a_seller_may_ask_for_the_item_back_first() -> None:
    told = broken(damaged()).when(refund(return_first=True, at=ASKED), now=ASKED + HOUR)
    assert told.the(ReturnRequired).send_by == SEND_BY
    assert ("return_due", SEND_BY) in timers(told.events)
    assert shape(told) is AwaitingReturn


def test_an_item_that_is_not_sent_in_14_days_closes_the_claim_without_a_refund() -> None:
    told = demanded().when(deadline("return_due", "claim-1", SEND_BY), now=SEND_BY + HOUR)
    told.then(ClaimClosed("claim-1", SEND_BY))
    assert told.state is not None
    claim = told.state.decided.claims[0]
    assert isinstance(claim, Closed)
    assert claim.end == "not_returned"


@pytest.mark.parametrize(("beside", "closes"), [(-INSTANT, 0), (timedelta(0), 0), (INSTANT, 1)])
def test_an_item_counts_as_sent_by_its_date(beside: timedelta, closes: int) -> None:
    story = demanded().when(sent_back(at=SEND_BY + beside), now=SEND_BY + HOUR)
    told = story.when(deadline("return_due", "claim-1", SEND_BY), now=SEND_BY + HOUR)
    assert len(told.every(ClaimClosed)) == closes


def test_one_sent_in_time_and_heard_of_after_the_end_is_seen_by_an_operator() -> None:
    story = demanded(deadline("return_due", "claim-1", SEND_BY))
    told = story.when(sent_back(at=SEND_BY), now=SEND_BY + HOUR)
    told.then_kinds(Noted, LateAnswerSeen)
    assert story.when(sent_back(at=SEND_BY + INSTANT), now=SEND_BY + HOUR).every(LateAnswerSeen) == []


def test_once_it_is_sent_the_buyers_clock_is_off_and_once_it_is_back_the_sellers_runs() -> None:
    sent = demanded().when(sent_back(at=ASKED + DAY), now=ASKED + DAY)
    assert sent.the(TimerCanceled) == TimerCanceled("return_due", "claim-1", SEND_BY)
    back = sent.when(came_back(at=BACK), now=BACK)
    assert back.the(TimerSet) == TimerSet("return_refund_due", "claim-1", REFUND_BY)


def test_what_comes_back_without_being_announced_was_sent() -> None:
    told = demanded().when(came_back(at=BACK), now=BACK)
    assert told.the(TimerCanceled).kind == "return_due"
    assert told.the(TimerSet).kind == "return_refund_due"


def test_all_that_is_claimed_is_to_be_sent() -> None:
    order = received(line(quantity=2, paid_minor=1000))
    parcel = shipped(Units("item-1", 2))
    story = after(order, released(), parcel, delivered(), asked_to_return(), answered(contact_id="return-1"))
    story = story.when(_two(), now=FILED)
    story = story.when(refund(return_first=True, at=ASKED), now=ASKED)
    half = story.when(sent_back(at=ASKED + DAY), now=ASKED + DAY)
    assert half.every(TimerCanceled) == []
    told = story.when(sent_back(Units("item-1", 2), at=ASKED + DAY), now=ASKED + DAY)
    assert told.the(TimerCanceled).kind == "return_due"


def test_what_comes_back_in_parts_is_back_once_a_receipt_says_all_of_it() -> None:
    order = received(line(quantity=2, paid_minor=1000))
    parcel = shipped(Units("item-1", 2))
    story = after(order, released(), parcel, delivered(), asked_to_return(), answered(contact_id="return-1"))
    demand = story.when(_two(), now=FILED).when(refund(return_first=True, at=ASKED), now=ASKED)
    first = demand.when(came_back(Units("item-1", 1), at=BACK), now=BACK)
    assert first.every(TimerSet) == []
    again = first.when(came_back(Units("item-1", 1), at=BACK), now=BACK + HOUR)
    assert again.every(TimerSet) == []
    whole = again.when(came_back(Units("item-1", 2), at=BACK + HOUR), now=BACK + HOUR)
    assert whole.the(TimerSet) == TimerSet("return_refund_due", "claim-1", REFUND_BY + HOUR)


def _two() -> FileClaim:
    return file_claim(Units("item-1", 2), issue="not_as_expected", reason="damaged", amount=1000)


def test_back_and_not_refunded_in_48_hours_it_is_granted() -> None:
    told = demanded(came_back(at=BACK)).when(
        deadline("return_refund_due", "claim-1", REFUND_BY), now=REFUND_BY
    )
    assert told.the(ClaimGranted).automatic
    assert told.the(SellerDebited).rules == ("C6.5",)
    assert told.the(SellerDebited).amount == money(PAID)


def test_back_and_refunded_the_claim_ends() -> None:
    told = demanded(came_back(at=BACK)).when(refund(at=REFUND_BY - INSTANT), now=REFUND_BY)
    told.then_kinds(ClaimRefundedBySeller, ClaimClosed)
    told.when(deadline("return_refund_due", "claim-1", REFUND_BY), now=REFUND_BY).then_nothing()


def test_who_wanted_a_replacement_gets_the_money_that_was_promised_for_the_item() -> None:
    command = damaged(wanted="replacement", amount=0)
    story = broken(command, refund(return_first=True, at=ASKED), came_back(at=BACK))
    told = story.when(deadline("return_refund_due", "claim-1", REFUND_BY), now=REFUND_BY)
    assert told.the(ClaimGranted).amount == money(PAID)


def test_a_refund_in_time_that_is_heard_of_after_the_grant_takes_it_back() -> None:
    story = demanded(came_back(at=BACK), deadline("return_refund_due", "claim-1", REFUND_BY))
    told = story.when(refunded(PAID, at=REFUND_BY), now=REFUND_BY + HOUR)
    assert told.the(GrantVoided).amount == told.the(SellerReimbursed).amount == money(PAID)
    assert told.the(ClaimRefundedBySeller).amount == money(0)
    late = story.when(refunded(PAID, at=REFUND_BY + INSTANT), now=REFUND_BY + HOUR)
    assert late.every(GrantVoided) == []


def test_a_partial_refund_does_not_stop_the_sellers_clock() -> None:
    story = demanded(came_back(at=BACK), refunded(1000, at=BACK + HOUR))
    told = story.when(deadline("return_refund_due", "claim-1", REFUND_BY), now=REFUND_BY)
    assert told.the(ClaimGranted).amount == money(PAID - 1000)


@pytest.mark.parametrize(
    ("story", "reason"),
    [
        (under_investigation(), "nothing_to_return"),
        (demanded(), "return_already_required"),
        (broken(came_back(at=FILED - HOUR), damaged()), "already_received"),
    ],
)
def test_what_cannot_or_need_not_be_sent_is_not_asked_for(story: Story, reason: str) -> None:
    command = refund(return_first=True, at=FILED + 2 * DAY)
    said = refusal(story, command)
    assert (said.rule, said.reason) == ("C8", reason)


def test_an_investigator_may_decide_while_the_item_is_waited_for() -> None:
    told = demanded().when(rule("denied", at=FILED + 2 * DAY), now=FILED + 2 * DAY)
    assert [each.kind for each in told.every(TimerCanceled)] == ["return_due"]


def test_somebody_may_be_asked_while_the_item_is_waited_for() -> None:
    story = demanded(ask("buyer", at=ASKED))
    assert shape(story) is AwaitingReturn
    due_at = ASKED + 2 * DAY
    told = story.when(deadline("information_due", "ask-1", due_at), now=due_at)
    assert shape(told) is AwaitingReturn


def test_a_clock_of_the_return_is_set_by_the_seller_who_asked() -> None:
    """An item that is on its way already need only arrive."""
    story = broken(sent_back(at=FILED - HOUR), damaged())
    told = story.when(refund(return_first=True, at=ASKED, actor=SELLER), now=ASKED)
    assert timers(told.events) == []
    back = told.when(came_back(at=BACK), now=BACK)
    assert back.the(TimerSet).due_at == REFUND_BY
