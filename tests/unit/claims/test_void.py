"""An answer dated in time and read after the grant takes it back, if silence alone had granted (C6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.claims.domain.events import (
    BuyerCompensated,
    ClaimClosed,
    ClaimDenied,
    ClaimGranted,
    CommandRefused,
    GrantVoided,
    InformationProvided,
    LateAnswerSeen,
    Noted,
    SellerDebited,
    SellerReimbursed,
    TimerCanceled,
    TimerSet,
)
from services.claims.domain.explanation import Facts
from services.claims.domain.money import Money
from services.claims.domain.state import AwaitingInformation, Debit, Granted, OrderState, UnderInvestigation
from tests.unit.claims.builders import (
    ANSWER_BY,
    DAY,
    FILED,
    HOUR,
    INSTANT,
    PAID,
    WINDOW,
    Story,
    after,
    answered,
    ask,
    contacted,
    deadline,
    delivered,
    file_claim,
    not_found,
    provide,
    received,
    released,
    rule,
    shipped,
    under_investigation,
    wrote,
)

PAID_OUT = Money(PAID, "USD")
DUE = FILED + WINDOW


def granted_by_silence() -> Story:
    """Give a claim granted at its filing because of an unanswered contact, and of nothing else."""
    return after(received(), released(), shipped(), delivered(), wrote(), not_found())


def granted_by_missed_request() -> Story:
    return under_investigation(ask(at=FILED), deadline("information_due", "ask-1", DUE))


def shape(state: OrderState | None) -> type:
    assert state is not None
    return type(state.decided.claims[0])


def test_an_answer_in_time_read_after_the_grant_reimburses_the_seller_and_reopens_the_claim() -> None:
    told = granted_by_silence().when(answered(at=ANSWER_BY), now=FILED + HOUR)
    told.then_kinds(Noted, GrantVoided, SellerReimbursed, TimerCanceled)
    assert told.the(GrantVoided).amount == told.the(SellerReimbursed).amount == PAID_OUT
    assert shape(told.state) is UnderInvestigation
    assert told.the(TimerCanceled).kind == "appeal_end"


@pytest.mark.parametrize(("offset", "voids"), [(-INSTANT, 1), (timedelta(0), 1), (INSTANT, 0)])
def test_only_an_answer_dated_in_time_does_so(offset: timedelta, voids: int) -> None:
    told = granted_by_silence().when(answered(at=ANSWER_BY + offset), now=FILED + HOUR)
    assert len(told.every(GrantVoided)) == voids


def test_the_buyer_keeps_the_money_and_the_marketplace_bears_it() -> None:
    state = granted_by_silence().when(answered(at=ANSWER_BY), now=FILED + HOUR).state
    assert state is not None
    ledger = state.decided.claims[0].case.ledger
    assert ledger.compensated_minor == PAID
    assert ledger.debits == (Debit(1, PAID, is_standing=False),)


def test_information_provided_in_time_and_read_after_the_grant_voids_it_as_well() -> None:
    told = granted_by_missed_request().when(provide(at=DUE), now=DUE + HOUR)
    told.then_kinds(InformationProvided, GrantVoided, SellerReimbursed, TimerCanceled)
    assert told.the(GrantVoided).answered_at == DUE


def test_information_dated_too_late_is_refused_once_the_claim_is_decided() -> None:
    told = granted_by_missed_request().when(provide(at=DUE + INSTANT), now=DUE + HOUR)
    assert told.then_no_change().the(CommandRefused).refusal.reason == "claim_decided"


def test_an_answer_that_was_read_late_is_marked_in_the_explanation() -> None:
    for read_after, is_late in (
        (10 * timedelta(minutes=1), False),
        (10 * timedelta(minutes=1) + INSTANT, True),
    ):
        told = granted_by_missed_request().when(provide(at=DUE), now=DUE + read_after)
        facts = Facts(told.the(GrantVoided).explanation[-1].facts)
        assert facts.value("is_read_late") is is_late


def test_it_voids_nothing_if_another_ground_holds() -> None:
    """Also undelivered at the EDD: the answer is noted, the grant stands."""
    story = contacted(file_claim())
    story.when(answered(at=ANSWER_BY), now=FILED + HOUR).then_kinds(Noted)


def test_a_ground_that_held_at_the_grant_is_not_taken_back_by_a_scan_that_is_read_late() -> None:
    story = contacted(file_claim()).when(delivered(at=FILED - HOUR), now=FILED + HOUR).then_kinds(Noted)
    story.when(answered(at=ANSWER_BY), now=FILED + HOUR).then_kinds(Noted)


def test_a_scan_or_a_confirmation_that_is_read_late_voids_nothing_by_itself() -> None:
    story = after(received(), released(), wrote(), answered(), file_claim())
    story = story.when(shipped(), now=FILED + HOUR).then_kinds(Noted)
    story.when(delivered(at=FILED - HOUR), now=FILED + HOUR).then_kinds(Noted)


def test_one_of_two_unanswered_contacts_answered_in_time_voids_nothing() -> None:
    story = after(
        received(), released(), shipped(), delivered(), wrote(), wrote(contact_id="contact-2"), not_found()
    )
    story = story.when(answered(at=ANSWER_BY), now=FILED + HOUR).then_kinds(Noted)
    both = story.when(answered(at=ANSWER_BY, contact_id="contact-2"), now=FILED + HOUR)
    assert both.the(GrantVoided).amount == PAID_OUT


def test_what_an_investigator_granted_is_not_voided_by_an_answer() -> None:
    story = under_investigation(ask(at=FILED), rule("granted", at=FILED + HOUR))
    told = story.when(provide(at=FILED + DAY), now=DUE).then_no_change()
    assert told.the(CommandRefused).refusal.reason == "claim_decided"


def test_a_voided_grant_of_the_marketplaces_moves_no_money() -> None:
    order = received(fulfilment="marketplace")
    story = after(order, released(), shipped(), delivered(), wrote(), not_found())
    told = story.when(answered(at=ANSWER_BY), now=FILED + HOUR)
    told.then_kinds(Noted, GrantVoided, TimerCanceled)
    assert told.the(GrantVoided).amount == Money(0, "USD")


def test_an_earlier_answer_that_is_read_after_a_later_one_counts() -> None:
    story = granted_by_silence().when(answered(at=ANSWER_BY + HOUR), now=FILED + HOUR).then_kinds(Noted)
    told = story.when(answered(at=ANSWER_BY - HOUR), now=FILED + HOUR)
    assert told.the(GrantVoided).answered_at == ANSWER_BY - HOUR
    again = told.when(answered(at=ANSWER_BY), now=FILED + 2 * HOUR)
    again.then_nothing()


def test_information_given_in_time_counts_though_a_late_answer_was_read_before_it() -> None:
    story = under_investigation(ask(at=FILED), provide(at=DUE + INSTANT))
    story = story.when(deadline("information_due", "ask-1", DUE), now=DUE + HOUR)
    story = story.when(provide(at=DUE), now=DUE + HOUR)
    assert story.the(GrantVoided).amount == PAID_OUT


def test_after_a_void_a_request_whose_time_still_runs_is_waited_for() -> None:
    story = under_investigation(
        ask(at=FILED),
        ask(at=FILED + DAY, request_id="ask-2"),
        deadline("information_due", "ask-1", DUE),
    )
    told = story.when(provide(at=DUE), now=DUE + HOUR)
    assert shape(told.state) is AwaitingInformation
    assert told.every(TimerSet) == [TimerSet("information_due", "ask-2", DUE + DAY)]
    again = told.when(deadline("information_due", "ask-2", DUE + DAY), now=DUE + DAY)
    assert again.the(ClaimGranted).ordinal == 2


# ------------------------------------------------------------------------------------------ after a void


def voided() -> Story:
    return granted_by_silence().when(answered(at=ANSWER_BY), now=FILED + HOUR)


@pytest.mark.parametrize("amount", [PAID, PAID - 1, 1])
def test_a_later_grant_debits_anew_and_sends_the_buyer_nothing_of_amount_0(amount: int) -> None:
    told = voided().when(rule("granted", amount), now=FILED + DAY)
    told.then_kinds(ClaimGranted, SellerDebited, TimerSet)
    assert told.the(SellerDebited).amount == Money(amount, "USD")
    assert told.the(SellerDebited).ordinal == 2
    assert told.the(ClaimGranted).compensation == Money(0, "USD")


def test_a_later_grant_of_more_pays_the_buyer_what_is_missing() -> None:
    story = after(received(), released(), shipped(), delivered(), wrote(), not_found(amount=1000))
    story = story.when(answered(at=ANSWER_BY), now=FILED + HOUR)
    told = story.when(rule("granted", 1500), now=FILED + DAY)
    assert told.the(SellerDebited).amount == Money(1500, "USD")
    assert told.the(BuyerCompensated).amount == Money(500, "USD")


def test_what_a_voided_grant_paid_can_still_be_granted_but_not_more_than_was_paid_for_the_lines() -> None:
    told = voided().when(rule("granted", PAID + 1), now=FILED + DAY)
    said = told.then_no_change().the(CommandRefused).refusal
    assert (said.reason, said.max_amount) == ("amount_exceeds_left", PAID_OUT)


def test_a_denial_after_a_void_leaves_the_money_with_the_buyer() -> None:
    told = voided().when(rule("denied"), now=FILED + DAY)
    told.then_kinds(ClaimDenied, TimerSet)


def test_a_later_automatic_grant_after_a_void_counts_as_the_second() -> None:
    story = voided().when(wrote(at=FILED + HOUR, contact_id="contact-2"), now=FILED + HOUR)
    due_at = FILED + HOUR + WINDOW
    told = story.when(deadline("judge_again", "claim-1", due_at), now=due_at)
    told.then_kinds(ClaimGranted, SellerDebited, TimerSet)
    again = told.when(answered(at=due_at, contact_id="contact-2"), now=due_at + HOUR)
    assert again.the(SellerReimbursed).ordinal == 2
    third = again.when(rule("granted", PAID, at=due_at + HOUR), now=due_at + HOUR)
    assert third.the(SellerDebited).ordinal == 3
    assert third.every(BuyerCompensated) == []


# ---------------------------------------------------------------------------------------------- at the end


@pytest.mark.parametrize("story", [granted_by_silence(), granted_by_missed_request()])
def test_an_answer_read_after_the_claim_closed_moves_no_money_but_is_seen(story: Story) -> None:
    assert story.state is not None
    claim = story.state.decided.claims[0]
    assert isinstance(claim, Granted)
    closes_at = claim.closes_at
    closed = story.when(deadline("appeal_end", "claim-1", closes_at), now=closes_at)
    closed.then_kinds(ClaimClosed)
    late = closed.when(answered(at=ANSWER_BY), now=closes_at + DAY)
    later = late.when(provide(at=DUE), now=closes_at + DAY)
    seen = [*late.every(LateAnswerSeen), *later.every(LateAnswerSeen)]
    assert [each.claim_id for each in seen] == ["claim-1"]
    moved = (SellerReimbursed, SellerDebited, BuyerCompensated, GrantVoided)
    assert not [event for event in (*late.events, *later.events) if isinstance(event, moved)]
