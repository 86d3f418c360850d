"""Whom a decision went against appeals once, and somebody else decides for good (C11, C12, C13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.claims.domain.events import (
    AppealReversed,
    AppealUpheld,
    BuyerCompensated,
    ClaimAppealed,
    ClaimClosed,
    ClaimFiled,
    CommandRefused,
    SellerDebited,
    SellerReimbursed,
    TimerCanceled,
)
from services.claims.domain.inputs import Actor, ClaimCommand
from services.claims.domain.money import Money
from services.claims.domain.outcome import redecide
from services.claims.domain.policy import Policies
from services.claims.domain.refusal import Refusal
from services.claims.domain.rules import GROUNDS
from services.claims.domain.state import Appealed, Closed, Reversed, Upheld
from tests.unit.claims.builders import (
    APPEAL,
    BUYER,
    DAY,
    FILED,
    HOUR,
    INSTANT,
    INVESTIGATOR,
    PAID,
    POLICY,
    SECOND,
    SELLER,
    SPEC,
    SUPPORT,
    ZONES,
    Story,
    after,
    answered,
    appeal,
    contacted,
    deadline,
    delivered,
    file_claim,
    not_found,
    received,
    refund,
    refunded,
    released,
    review,
    rule,
    shipped,
    under_investigation,
    withdraw,
    wrote,
)

REVIEWED = FILED + 3 * DAY
UNTIL = FILED + APPEAL


def money(amount_minor: int) -> Money:
    return Money(amount_minor, "USD")


def granted() -> Story:
    """Give a claim that silence has granted at its filing, at the seller's cost."""
    return contacted(file_claim())


def denied() -> Story:
    return under_investigation(rule("denied"))


def refusal(story: Story, command: ClaimCommand, now: datetime | None = None) -> Refusal:
    told = story.when(command, now=now or command.at).then_no_change()
    return told.the(CommandRefused).refusal


# -------------------------------------------------------------------------------------------- who and when


def test_the_seller_appeals_a_grant_that_was_debited() -> None:
    told = granted().when(appeal(), now=FILED + 2 * DAY)
    told.then_kinds(ClaimAppealed, TimerCanceled)
    assert told.the(ClaimAppealed).by == "seller"
    assert told.the(TimerCanceled) == TimerCanceled("appeal_end", "claim-1", UNTIL)
    assert told.state is not None
    assert isinstance(told.state.decided.claims[0], Appealed)


@pytest.mark.parametrize("actor", [BUYER, SUPPORT])
@pytest.mark.parametrize("verdict", ["denied", "refused"])
def test_the_buyer_appeals_a_denial_and_a_refusal_by_judgement(actor: Actor, verdict: str) -> None:
    story = under_investigation(rule("denied" if verdict == "denied" else "refused"))
    assert story.when(appeal(actor=actor), now=FILED + 2 * DAY).the(ClaimAppealed).by == "buyer"


def test_nobody_appeals_what_went_their_way_or_what_the_marketplace_paid() -> None:
    assert refusal(granted(), appeal(actor=BUYER)).reason == "not_appealable"
    assert refusal(denied(), appeal(actor=SELLER)).reason == "not_appealable"
    ours = after(received(fulfilment="marketplace"), released(), shipped(), wrote(), file_claim())
    for actor in (BUYER, SELLER):
        assert refusal(ours, appeal(actor=actor)).reason == "not_appealable"


def test_what_is_not_decided_or_ended_otherwise_is_not_appealed() -> None:
    for story in (
        under_investigation(),
        under_investigation(withdraw()),
        under_investigation(refund()),
    ):
        for actor in (BUYER, SELLER):
            said = refusal(story, appeal(actor=actor))
            assert (said.rule, said.reason) == ("C11", "not_appealable")


@pytest.mark.parametrize("actor", [INVESTIGATOR, Actor("seller", "seller-2"), Actor("buyer", "buyer-2")])
def test_others_do_not_appeal(actor: Actor) -> None:
    assert refusal(granted(), appeal(actor=actor)).reason == "not_permitted"


def test_an_appeal_brings_something_new() -> None:
    said = refusal(granted(), appeal(explanation=" "))
    assert (said.reason, said.missing) == ("incomplete_form", ("explanation",))


@pytest.mark.parametrize(
    ("beside", "reason"), [(-INSTANT, None), (timedelta(0), None), (INSTANT, "too_late")]
)
def test_an_appeal_is_possible_for_thirty_days(beside: timedelta, reason: str | None) -> None:
    command = appeal(at=UNTIL + beside)
    if reason is None:
        granted().when(command, now=UNTIL + HOUR).the(ClaimAppealed)
    else:
        said = refusal(granted(), command)
        assert (said.rule, said.reason, said.until) == ("C11", reason, UNTIL)


def test_an_appeal_in_time_that_is_read_after_the_end_is_heard() -> None:
    """T5: it is judged by its date."""
    closed = granted().when(deadline("appeal_end", "claim-1", UNTIL), now=UNTIL)
    told = closed.when(appeal(at=UNTIL - INSTANT), now=UNTIL + HOUR)
    assert told.state is not None
    assert isinstance(told.state.decided.claims[0], Appealed)
    assert refusal(closed, appeal(at=UNTIL)).reason == "too_late"


def test_a_decision_is_appealed_once() -> None:
    story = granted().when(appeal(), now=FILED + 2 * DAY)
    assert refusal(story, appeal()).reason == "already_appealed"
    for decided in (review(), review(money=True)):
        ended = story.when(decided, now=REVIEWED)
        assert refusal(ended, appeal(at=REVIEWED + HOUR)).reason == "already_appealed"


def test_a_buyer_who_has_filed_again_pursues_the_new_claim() -> None:
    """C1: one claim of an item is open at a time."""
    story = denied().when(not_found(at=FILED + 2 * DAY, claim_id="claim-2"), now=FILED + 2 * DAY)
    said = refusal(story, appeal(actor=BUYER))
    assert (said.rule, said.reason) == ("C1", "already_claimed")
    other = denied().when(appeal(actor=BUYER), now=FILED + 2 * DAY)
    again = not_found(at=REVIEWED, claim_id="claim-2")
    assert other.when(again, now=REVIEWED).every(ClaimFiled) == []


# ------------------------------------------------------------------------------------------- who decides


def test_not_the_first_investigator_decides() -> None:
    story = under_investigation(rule("granted")).when(appeal(), now=FILED + 2 * DAY)
    said = refusal(story, review(money=True, actor=INVESTIGATOR))
    assert (said.rule, said.reason) == ("C12", "same_investigator")
    story.when(review(money=True, actor=SECOND), now=REVIEWED).the(AppealReversed)


def test_what_was_granted_by_rule_any_investigator_may_look_at() -> None:
    story = granted().when(appeal(), now=FILED + 2 * DAY)
    story.when(review(actor=INVESTIGATOR), now=REVIEWED).the(AppealUpheld)


@pytest.mark.parametrize("actor", [BUYER, SELLER, SUPPORT])
def test_only_investigators_decide(actor: Actor) -> None:
    story = granted().when(appeal(), now=FILED + 2 * DAY)
    assert refusal(story, review(actor=actor)).reason == "not_permitted"


def test_without_an_appeal_there_is_nothing_to_decide() -> None:
    for story in (granted(), denied(), under_investigation()):
        assert refusal(story, review(money=True)).reason == "no_appeal"


def test_whoever_loses_is_told_why() -> None:
    story = granted().when(appeal(), now=FILED + 2 * DAY)
    for command in (review(reasons=()), review(money=True, reasons=(" ",))):
        assert refusal(story, command).missing == ("reasons",)


# ----------------------------------------------------------------------------------------- a grant appealed


def test_upheld_the_first_decision_stands_for_good() -> None:
    told = granted().when(appeal(), now=FILED + 2 * DAY).when(review(), now=REVIEWED)
    told.then_kinds(AppealUpheld, ClaimClosed)
    assert told.the(AppealUpheld).amount == money(PAID)
    assert told.state is not None
    claim = told.state.decided.claims[0]
    assert isinstance(claim, Closed)
    assert isinstance(claim.was, Upheld)
    assert claim.end == "upheld"


@pytest.mark.parametrize(
    ("flags", "reimbursed"),
    [((True, True), PAID), ((True, False), PAID), ((False, True), 0)],
)
def test_money_and_defect_are_reversed_each_on_its_own(flags: tuple[bool, bool], reimbursed: int) -> None:
    story = granted().when(appeal(), now=FILED + 2 * DAY)
    told = story.when(review(money=flags[0], defect=flags[1]), now=REVIEWED)
    reversed_ = told.the(AppealReversed)
    assert (reversed_.reverse_money, reversed_.reverse_defect) == flags
    assert reversed_.amount == money(reimbursed)
    assert [each.amount for each in told.every(SellerReimbursed)] == ([money(PAID)] if reimbursed else [])
    assert told.every(BuyerCompensated) == []
    assert told.events[-1] == ClaimClosed("claim-1", REVIEWED)


def test_a_reversal_gives_back_exactly_what_was_debited_and_the_buyer_keeps_it() -> None:
    story = under_investigation(rule("granted", 700)).when(appeal(), now=FILED + 2 * DAY)
    told = story.when(review(money=True), now=REVIEWED)
    assert told.the(SellerReimbursed).amount == money(700)
    assert told.state is not None
    claim = told.state.decided.claims[0]
    assert isinstance(claim, Closed)
    assert isinstance(claim.was, Reversed)
    assert claim.case.ledger.compensated_minor == 700
    assert claim.case.ledger.standing == ()


def test_no_amount_is_named_where_a_grant_is_looked_at() -> None:
    story = granted().when(appeal(), now=FILED + 2 * DAY)
    assert refusal(story, review(money=True, amount=1)).reason == "invalid_amount"
    assert refusal(story, review(amount=1)).reason == "invalid_amount"


# ---------------------------------------------------------------------------------------- a denial appealed


@pytest.mark.parametrize("verdict", ["denied", "refused"])
def test_a_reversed_denial_or_refusal_grants_an_amount(verdict: str) -> None:
    story = under_investigation(rule("denied" if verdict == "denied" else "refused"))
    story = story.when(appeal(actor=BUYER), now=FILED + 2 * DAY)
    told = story.when(review(money=True, amount=1000), now=REVIEWED)
    told.then_kinds(AppealReversed, SellerDebited, BuyerCompensated, ClaimClosed)
    assert told.the(SellerDebited).amount == told.the(BuyerCompensated).amount == money(1000)
    assert told.the(SellerDebited).rules == ("C12",)
    assert told.the(AppealReversed).first_outcome == verdict


def test_without_an_amount_it_grants_what_is_left_of_the_claim() -> None:
    story = denied().when(appeal(actor=BUYER), now=FILED + 2 * DAY)
    story = story.when(refunded(1000, at=FILED + 2 * DAY), now=FILED + 2 * DAY)
    told = story.when(review(money=True, defect=True), now=REVIEWED)
    assert told.the(AppealReversed).amount == money(PAID - 1000)


def test_it_never_grants_more_than_is_left() -> None:
    story = denied().when(appeal(actor=BUYER), now=FILED + 2 * DAY)
    said = refusal(story, review(money=True, amount=PAID + 1))
    assert (said.rule, said.reason, said.max_amount) == ("C12", "amount_exceeds_left", money(PAID))
    assert refusal(story, review(money=True, amount=0)).reason == "invalid_amount"


def test_upheld_denials_grant_nothing() -> None:
    story = denied().when(appeal(actor=BUYER), now=FILED + 2 * DAY)
    assert refusal(story, review(amount=1)).reason == "invalid_amount"
    told = story.when(review(), now=REVIEWED)
    told.then_kinds(AppealUpheld, ClaimClosed)
    assert told.the(AppealUpheld).amount == money(0)


def test_a_reversed_denial_is_paid_by_who_a_grant_would_have_been() -> None:
    story = after(received(fulfilment="marketplace"), released(), shipped(), delivered(), wrote(), answered())
    story = story.when(not_found(), now=FILED).when(rule("denied"), now=FILED + DAY)
    story = story.when(appeal(actor=BUYER), now=FILED + 2 * DAY)
    told = story.when(review(money=True), now=REVIEWED)
    told.then_kinds(AppealReversed, BuyerCompensated, ClaimClosed)
    assert told.the(BuyerCompensated).funding == "marketplace"


def test_after_a_void_a_reversed_denial_pays_the_buyer_only_what_is_missing() -> None:
    story = after(received(), released(), shipped(), delivered(), wrote(), not_found(amount=1000))
    story = story.when(answered(), now=FILED + HOUR).when(rule("denied"), now=FILED + DAY)
    story = story.when(appeal(actor=BUYER), now=FILED + 2 * DAY)
    told = story.when(review(money=True, amount=1500), now=REVIEWED)
    assert told.the(SellerDebited).amount == money(1500)
    assert told.the(SellerDebited).ordinal == 2
    assert told.the(BuyerCompensated).amount == money(500)


# ------------------------------------------------------------------------------------------------ how and why


def test_an_appeal_is_judged_by_the_policy_of_the_day_on_which_it_was_made() -> None:
    """P1: the claim stays under the one it was filed under."""
    later = replace(POLICY, policy_id="2022-en")
    change = FILED + DAY
    numbers = {POLICY.policy_id: POLICY, later.policy_id: later}
    policy = Policies(numbers, ZONES, lambda _marketplace, at: "2022-en" if at >= change else "2021-en")
    story = replace(SPEC, policy=policy).given_state(granted().state)
    told = story.when(appeal(), now=FILED + 2 * DAY).when(review(money=True), now=REVIEWED)
    assert told.the(AppealReversed).policy_id == "2022-en"


def test_the_explanation_says_who_appealed_and_what_was_reversed() -> None:
    story = granted().when(appeal(), now=FILED + 2 * DAY)
    explanation = story.when(review(money=True), now=REVIEWED).the(AppealReversed).explanation
    assert [finding.rule for finding in explanation] == [*GROUNDS, "C11", "C12"]
    assert redecide(explanation, POLICY).kind == "reversed"


def test_a_command_again_changes_nothing() -> None:
    first, second = appeal(), review(money=True)
    story = granted().when(first, now=first.at)
    story.when(first, now=first.at).then_no_change()
    ended = story.when(second, now=second.at)
    assert ended.when(second, now=second.at).then_no_change().every(SellerReimbursed) == []
