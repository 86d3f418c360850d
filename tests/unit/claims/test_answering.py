"""The seller answers the claim: they always may, and where the policy says so they must (C9, C6.5, P2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.claims.domain.events import (
    BuyerCompensated,
    ClaimAnswered,
    ClaimClosed,
    ClaimFiled,
    ClaimGranted,
    CommandRefused,
    EvidenceAdded,
    GrantVoided,
    LateAnswerSeen,
    SellerDebited,
    SellerReimbursed,
    TimerCanceled,
    TimerSet,
)
from services.claims.domain.inputs import Actor, ClaimCommand, Input
from services.claims.domain.money import Money
from services.claims.domain.state import Granted, UnderInvestigation
from tests.unit.claims.builders import (
    APPEAL,
    BUYER,
    CLASSIC,
    DAY,
    FILED,
    HOUR,
    INSTANT,
    INVESTIGATOR,
    PAID,
    SELLER,
    SUPPORT,
    Story,
    add,
    answer,
    appeal,
    broken,
    contacted,
    damaged,
    deadline,
    delivered,
    file_claim,
    not_found,
    policies,
    refund,
    rule,
    timers,
    under_investigation,
)

DUE = FILED + 7 * DAY
FIRED = deadline("answer_due", "claim-1", DUE)


def classic(*inputs: Input) -> Story:
    return under_investigation(*inputs, policy=CLASSIC)


def reason(story: Story, command: ClaimCommand) -> str:
    told = story.when(command, now=command.at).then_no_change()
    return told.the(CommandRefused).refusal.reason


def test_a_seller_may_answer_though_nobody_asked() -> None:
    told = under_investigation().when(answer(), now=FILED + DAY)
    told.then_kinds(ClaimAnswered)
    assert told.state is not None
    assert isinstance(told.state.decided.claims[0], UnderInvestigation)
    told.when(answer(at=FILED + 2 * DAY), now=FILED + 2 * DAY).then_kinds(ClaimAnswered)


def test_nothing_is_no_answer() -> None:
    assert reason(under_investigation(), answer(text=" ")) == "incomplete_form"
    under_investigation().when(answer(text="", evidence=("scan-1",)), now=FILED + DAY).the(ClaimAnswered)


@pytest.mark.parametrize("actor", [BUYER, SUPPORT, INVESTIGATOR, Actor("seller", "seller-2")])
def test_only_the_orders_own_seller_answers(actor: Actor) -> None:
    assert reason(under_investigation(), answer(actor=actor)) == "not_permitted"


def test_a_decided_claim_is_not_answered_any_more() -> None:
    for story in (
        under_investigation(rule("denied")),
        contacted(file_claim()),
        contacted(file_claim(), appeal()),
    ):
        assert reason(story, answer(at=FILED + 3 * DAY)) == "claim_decided"


# ---------------------------------------------------------------------------------------------- the deadline


def test_where_the_policy_wants_an_answer_a_clock_runs_from_the_filing() -> None:
    told = contacted(delivered(), policy=CLASSIC).when(not_found(), now=FILED + HOUR)
    assert told.the(ClaimFiled).respond_by == DUE
    assert ("answer_due", DUE) in timers(told.events)
    told = contacted(delivered()).when(not_found(), now=FILED)
    assert told.the(ClaimFiled).respond_by is None


def test_silence_until_the_deadline_grants_the_claim() -> None:
    told = classic().when(FIRED, now=DUE)
    assert told.the(ClaimGranted).automatic
    assert told.the(SellerDebited).rules == ("C6.5",)


@pytest.mark.parametrize("beside", [-INSTANT, timedelta(0)])
def test_an_answer_until_the_deadline_stops_the_clock(beside: timedelta) -> None:
    story = classic().when(answer(at=DUE + beside), now=DUE + beside)
    assert not story.every(ClaimGranted)
    assert len(story.every(TimerCanceled)) == (1 if beside else 0)
    story.when(FIRED, now=DUE + HOUR).then_nothing()


def test_an_answer_after_the_deadline_is_heard_and_grants_all_the_same() -> None:
    story = classic().when(answer(at=DUE + INSTANT), now=DUE + INSTANT).then_kinds(ClaimAnswered)
    assert story.when(FIRED, now=DUE + HOUR).the(ClaimGranted).automatic


def test_the_deadline_to_answer_is_nobodys_where_a_replacement_is_wanted() -> None:
    command = file_claim(wanted="replacement", amount=0, reason="delivered_not_found")
    told = contacted(delivered(), policy=CLASSIC).when(command, now=FILED)
    assert timers(told.events) == []


def test_a_policy_without_the_ground_sets_no_clock() -> None:
    policy = policies(without=frozenset({"C6.2", "C6.5"}), answer_window=7 * DAY)
    told = contacted(delivered(), policy=policy).when(not_found(), now=FILED)
    assert timers(told.events) == []


def test_who_asks_for_the_item_back_has_answered() -> None:
    story = broken(damaged(), refund(return_first=True, at=FILED + DAY), policy=CLASSIC)
    story.when(FIRED, now=DUE).then_nothing()


# ------------------------------------------------------------------------------------------- read after it


@pytest.mark.parametrize(("beside", "voids"), [(-INSTANT, 1), (timedelta(0), 1), (INSTANT, 0)])
def test_an_answer_in_time_that_is_read_after_the_grant_voids_it(beside: timedelta, voids: int) -> None:
    story = classic().when(FIRED, now=DUE)
    told = story.when(answer(at=DUE + beside), now=DUE + HOUR)
    assert len(told.every(GrantVoided)) == len(told.every(SellerReimbursed)) == voids
    if not voids:
        assert told.then_no_change().the(CommandRefused).refusal.reason == "claim_decided"


def test_after_the_void_the_claim_is_not_granted_by_that_silence_again() -> None:
    story = classic(FIRED).when(answer(at=DUE), now=DUE + HOUR)
    assert story.state is not None
    assert isinstance(story.state.decided.claims[0], UnderInvestigation)
    again = story.when(rule("granted", at=DUE + DAY), now=DUE + DAY)
    assert again.every(BuyerCompensated) == []
    assert again.the(SellerDebited).amount == Money(PAID, "USD")


def test_a_demand_for_the_item_that_is_dated_in_time_counts_as_an_answer() -> None:
    story = broken(damaged(), FIRED, policy=CLASSIC)
    told = story.when(refund(return_first=True, at=DUE - INSTANT), now=DUE + HOUR)
    assert told.the(ClaimAnswered).answer.text == ""
    assert told.the(GrantVoided).amount == Money(PAID, "USD")
    at_once = story.when(refund(at=DUE - INSTANT), now=DUE + HOUR).then_no_change()
    assert at_once.the(CommandRefused).refusal.reason == "claim_decided"


def test_an_appeal_does_not_keep_an_answer_in_time_from_voiding_the_grant() -> None:
    story = classic(FIRED, appeal(at=DUE + HOUR))
    told = story.when(answer(at=DUE), now=DUE + 2 * HOUR)
    assert told.the(GrantVoided).answered_at == DUE
    assert told.state is not None
    assert isinstance(told.state.decided.claims[0], UnderInvestigation)


def test_an_answer_read_after_the_claim_closed_moves_no_money_but_is_seen() -> None:
    story = classic(FIRED)
    assert story.state is not None
    claim = story.state.decided.claims[0]
    assert isinstance(claim, Granted)
    closed = story.when(deadline("appeal_end", "claim-1", claim.closes_at), now=claim.closes_at)
    closed.then_kinds(ClaimClosed)
    told = closed.when(answer(at=DUE), now=DUE + APPEAL + HOUR).then_no_change()
    told.then_kinds(LateAnswerSeen, CommandRefused)


# ---------------------------------------------------------------------------------------------- evidence


@pytest.mark.parametrize("actor", [BUYER, SUPPORT, SELLER])
def test_either_side_adds_to_the_case_also_on_appeal(actor: Actor) -> None:
    under_investigation().when(add(actor=actor), now=FILED + DAY).then_kinds(EvidenceAdded)
    story = contacted(file_claim(), appeal(at=FILED + HOUR))
    story.when(add(actor=actor), now=FILED + DAY).then_kinds(EvidenceAdded)


def test_evidence_is_something_and_comes_before_the_decision() -> None:
    assert reason(under_investigation(), add(evidence=())) == "incomplete_form"
    assert reason(under_investigation(), add(actor=INVESTIGATOR)) == "not_permitted"
    assert reason(contacted(file_claim()), add()) == "claim_decided"


def test_evidence_of_the_buyer_documents_extra_charges_that_had_none() -> None:
    """C1: then they may be granted on top."""
    command = file_claim(reason="delivered_not_found", extra=Money(500, "USD"), amount=PAID)
    story = contacted(delivered(), policy=policies(without=frozenset({"C6.2"}))).when(command, now=FILED)
    assert reason(story, rule("granted", PAID + 500)) == "amount_exceeds_left"
    of_seller = story.when(add(actor=SELLER), now=FILED + DAY)
    assert reason(of_seller, rule("granted", PAID + 500)) == "amount_exceeds_left"
    told = story.when(add(), now=FILED + DAY).when(rule("granted", PAID + 500), now=FILED + DAY)
    assert told.the(ClaimGranted).amount == Money(PAID + 500, "USD")


def test_the_clock_to_answer_is_set_once() -> None:
    told = classic().when(add(), now=FILED + DAY)
    assert told.every(TimerSet) == []
