"""What a grant pays, who funds it, and what it says (C6, C10, C13, C15)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.claims.domain.events import (
    BuyerCompensated,
    ClaimClosed,
    ClaimFiled,
    ClaimGranted,
    SellerDebited,
    TimerSet,
)
from services.claims.domain.inputs import Label
from services.claims.domain.money import Money, Units
from services.claims.domain.state import Closed, Granted, Ledger, OrderState, UnderInvestigation
from tests.unit.claims.builders import (
    APPEAL,
    DAY,
    FILED,
    HOUR,
    INSTANT,
    PAID,
    SHIP_BY,
    Told,
    after,
    answered,
    ask,
    canceled,
    contacted,
    deadline,
    delivered,
    file_claim,
    line,
    missing_parcel,
    not_found,
    policies,
    provide,
    received,
    released,
    rule,
    shipped,
    under_investigation,
    wrote,
)


def money(amount_minor: int) -> Money:
    return Money(amount_minor, "USD")


def ledger(state: OrderState | None) -> Ledger:
    assert state is not None
    return state.decided.claims[0].case.ledger


def test_silence_of_the_seller_grants_the_claim_at_its_filing() -> None:
    told = contacted().when(file_claim(), now=FILED)
    told.then_kinds(ClaimFiled, ClaimGranted, SellerDebited, BuyerCompensated, TimerSet)
    granted = told.the(ClaimGranted)
    assert (granted.amount, granted.compensation) == (money(PAID), money(PAID))
    assert (granted.funding, granted.automatic, granted.policy_id) == ("seller", True, "2021-en")


def test_one_debit_of_the_same_amount_names_the_rules_that_it_stands_on() -> None:
    told = contacted().when(file_claim(), now=FILED)
    debit, compensation = told.the(SellerDebited), told.the(BuyerCompensated)
    assert debit.amount == compensation.amount == money(PAID)
    assert debit.rules == ("C6.2", "C6.4")
    assert (debit.ordinal, compensation.ordinal, compensation.funding) == (1, 1, "seller")


def test_it_pays_what_was_claimed_not_what_was_paid() -> None:
    assert contacted().when(file_claim(amount=1000), now=FILED).the(ClaimGranted).amount == money(1000)


def test_it_pays_no_extra_charges_those_are_an_investigators() -> None:
    command = file_claim(amount=PAID + 500, extra=money(500), evidence=("bill-1",))
    assert contacted().when(command, now=FILED).the(ClaimGranted).amount == money(PAID)


def test_a_replacement_is_an_investigators_too() -> None:
    story = contacted().when(file_claim(wanted="replacement", amount=0), now=FILED)
    story.then_kinds(ClaimFiled)
    assert story.when(rule("granted", 700), now=FILED + DAY).the(ClaimGranted).amount == money(700)


def test_a_part_of_a_line_is_paid_in_proportion_and_the_last_unit_gets_the_rest() -> None:
    story = after(received(line(quantity=3, paid_minor=1000)), released(), wrote())
    paid = []
    for number in (1, 2, 3):
        most = 334 if number == 3 else 333
        command = file_claim(claim_id=f"claim-{number}", amount=most)
        told = story.when(command, now=FILED)
        paid.append(told.the(ClaimGranted).amount.amount_minor)
        story = told
    assert paid == [333, 333, 334]


def test_units_canceled_after_the_filing_are_not_paid_twice() -> None:
    """What is left is less than what was claimed: what is not charged needs no paying back."""
    order = received(line(quantity=2, paid_minor=1000))
    story = after(order, released(), shipped(Units("item-1", 2)), delivered(), wrote(), answered())
    command = file_claim(Units("item-1", 2), reason="delivered_not_found", amount=1000)
    story = story.when(command, now=FILED).when(canceled(not_charged=500), now=FILED)
    story = story.when(wrote(at=FILED, contact_id="contact-2"), now=FILED)
    due_at = FILED + 2 * DAY
    told = story.when(deadline("judge_again", "claim-1", due_at), now=due_at)
    assert told.the(ClaimGranted).amount == money(500)


def test_with_nothing_left_to_pay_nothing_is_granted() -> None:
    order = received(line(quantity=1, paid_minor=1000))
    story = after(order, released(), shipped(), delivered(), wrote(), answered(), not_found(amount=1000))
    story = story.when(canceled(not_charged=1000), now=FILED)
    story = story.when(wrote(at=FILED, contact_id="contact-2"), now=FILED)
    due_at = FILED + 2 * DAY
    story.when(deadline("judge_again", "claim-1", due_at), now=due_at).then_nothing()


def test_a_cancellation_because_of_the_grant_takes_nothing_from_another_claim() -> None:
    order = received(line("item-1", paid_minor=600), line("item-2", paid_minor=400))
    story = after(order, released(), wrote(), file_claim(amount=600))
    story = story.when(canceled(not_charged=0, by_claim=True), now=FILED)
    command = file_claim(Units("item-2", 1), claim_id="claim-2", amount=400)
    assert story.when(command, now=FILED).the(ClaimGranted).amount == money(400)


# ------------------------------------------------------------------------------------------------ funding


def test_what_the_marketplace_fulfilled_it_pays_itself() -> None:
    story = after(received(fulfilment="marketplace"), released(), shipped(), wrote())
    told = story.when(file_claim(), now=FILED)
    told.then_kinds(ClaimFiled, ClaimGranted, BuyerCompensated, TimerSet)
    assert told.the(BuyerCompensated).funding == "marketplace"
    assert ledger(told.state).debits == ()


@pytest.mark.parametrize(
    ("label", "tracking_valid", "late", "funding"),
    [
        ("marketplace", True, -INSTANT, "marketplace"),
        ("marketplace", True, timedelta(0), "seller"),
        ("marketplace", True, INSTANT, "seller"),
        ("marketplace", False, -INSTANT, "seller"),
        ("seller", True, -INSTANT, "seller"),
    ],
)
def test_shipped_in_time_by_the_marketplaces_label_and_tracked_it_is_the_marketplaces(
    label: Label, late: timedelta, funding: str, *, tracking_valid: bool
) -> None:
    parcel = shipped(at=SHIP_BY + late, label=label, tracking_valid=tracking_valid)
    story = after(received(), released(), parcel, wrote())
    assert story.when(file_claim(), now=FILED).the(ClaimGranted).funding == funding


def test_what_was_delivered_is_the_sellers_whatever_its_label() -> None:
    story = after(received(), released(), shipped(label="marketplace"), delivered(), wrote())
    assert story.when(not_found(), now=FILED).the(ClaimGranted).funding == "seller"


# --------------------------------------------------------------------------------------------------- time


def test_a_decision_is_dated_when_it_is_made_and_can_be_appealed_from_then_on() -> None:
    told = contacted().when(file_claim(), now=FILED + HOUR)
    granted = told.the(ClaimGranted)
    assert (granted.at, granted.closes_at) == (FILED + HOUR, FILED + HOUR + APPEAL)


def test_after_thirty_days_without_an_appeal_the_claim_closes() -> None:
    closes_at = FILED + APPEAL
    story = contacted(file_claim())
    told = story.when(deadline("appeal_end", "claim-1", closes_at), now=closes_at + HOUR)
    told.then(ClaimClosed("claim-1", closes_at))
    assert told.state is not None
    assert isinstance(told.state.decided.claims[0], Closed)
    told.when(deadline("appeal_end", "claim-1", closes_at), now=closes_at + HOUR).then_nothing()


def test_a_deadline_that_was_not_set_asks_for_nothing() -> None:
    closes_at = FILED + APPEAL
    story = contacted(file_claim())
    for fired in (
        deadline("appeal_end", "claim-1", closes_at - DAY),
        deadline("appeal_end", "claim-2", closes_at),
        deadline("judge_again", "claim-1", FILED),
        deadline("information_due", "ask-1", FILED),
        deadline("filing_opens", "contact-1", FILED),
    ):
        story.when(fired, now=closes_at).then_nothing()


def test_a_grant_at_a_deadline_is_dated_when_it_is_made() -> None:
    """What the seller pays, and until when they may appeal, counts from the decision and not from the silence."""
    due_at = FILED + 2 * DAY
    told = under_investigation(ask(at=FILED)).when(
        deadline("information_due", "ask-1", due_at), now=due_at + HOUR
    )
    assert told.the(ClaimGranted).at == due_at + HOUR


def test_what_time_makes_true_waits_for_its_own_deadline_not_for_the_next_fact() -> None:
    """A fact may be read while an answer that was there before it is not: only deadlines wait for all of them."""
    due_at = FILED + 2 * DAY
    story = under_investigation(ask(at=FILED)).when(
        wrote(at=due_at, contact_id="contact-2"), now=due_at + DAY
    )
    assert not story.every(ClaimGranted)
    story = story.when(provide(at=due_at), now=due_at + DAY)
    story.when(deadline("information_due", "ask-1", due_at), now=due_at + DAY).then_nothing()


def test_a_contact_that_is_heard_of_long_after_its_window_is_judged_by_a_deadline_that_fires_at_once() -> (
    None
):
    late = FILED + 9 * DAY
    told = under_investigation().when(wrote(at=FILED, contact_id="contact-2"), now=late)
    due_at = FILED + 2 * DAY
    assert told.every(TimerSet) == [TimerSet("judge_again", "claim-1", due_at)]
    granted = told.when(deadline("judge_again", "claim-1", due_at), now=late).the(ClaimGranted)
    assert granted.at == late


def test_two_claims_of_one_order_are_each_granted_once() -> None:
    order = received(line("item-1", paid_minor=600), line("item-2", paid_minor=400))
    parcel = shipped(Units("item-1", 1), Units("item-2", 1))
    story = after(order, released(), parcel, delivered(), wrote(), answered())
    story = story.when(not_found(amount=600), now=FILED)
    second = file_claim(Units("item-2", 1), claim_id="claim-2", amount=400, reason="delivered_not_found")
    story = story.when(second, now=FILED).when(wrote(at=FILED, contact_id="contact-2"), now=FILED)
    due_at = FILED + 2 * DAY
    first = story.when(deadline("judge_again", "claim-1", due_at), now=due_at)
    other = first.when(deadline("judge_again", "claim-2", due_at), now=due_at)
    assert [told.the(SellerDebited).amount for told in (first, other)] == [money(600), money(400)]
    other.when(deadline("judge_again", "claim-1", due_at), now=due_at).then_nothing()


def test_where_the_policy_only_investigates_silence_the_claim_stays_open() -> None:
    story: Told = under_investigation(ask(at=FILED), policy=policies(on_silence="investigate")).when(
        deadline("information_due", "ask-1", FILED + 2 * DAY), now=FILED + 2 * DAY
    )
    assert story.state is not None
    assert isinstance(story.state.decided.claims[0], UnderInvestigation)


def test_a_granted_claim_remembers_what_granted_it() -> None:
    state = missing_parcel(wrote(contact_id="contact-2"), not_found()).state
    assert state is not None
    granted = state.decided.claims[0]
    assert isinstance(granted, Granted)
    assert granted.held == ("C6.2",)
