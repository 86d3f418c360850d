"""The investigator asks and decides; the sides answer (C9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.claims.domain.commands.information import REQUESTS_MAX
from services.claims.domain.events import (
    BuyerCompensated,
    ClaimDenied,
    ClaimGranted,
    ClaimResumed,
    CommandRefused,
    InformationProvided,
    InformationRequested,
    SellerDebited,
    TimerCanceled,
    TimerSet,
)
from services.claims.domain.inputs import Actor, ClaimCommand, Side
from services.claims.domain.money import Money
from services.claims.domain.refusal import Refusal
from services.claims.domain.rules import GROUNDS
from services.claims.domain.state import AwaitingInformation, OrderState, UnderInvestigation
from tests.unit.claims.builders import (
    APPEAL,
    BUYER,
    DAY,
    FILED,
    HOUR,
    INSTANT,
    INVESTIGATOR,
    PAID,
    SELLER,
    SPEC,
    SUPPORT,
    WINDOW,
    Story,
    ask,
    deadline,
    file_claim,
    missing_parcel,
    policies,
    provide,
    rule,
    under_investigation,
)

DUE = FILED + WINDOW


def refusal(story: Story, command: ClaimCommand, now: datetime | None = None) -> Refusal:
    decided = story.when(command, now=now or command.at).then_kinds(CommandRefused).then_no_change()
    return decided.the(CommandRefused).refusal


def shape(state: OrderState | None) -> type:
    assert state is not None
    return type(state.decided.claims[0])


# ------------------------------------------------------------------------------------------------- asking


@pytest.mark.parametrize(("side", "on_silence"), [("seller", "grant"), ("buyer", "investigate")])
def test_either_side_may_be_asked_and_has_48_hours(side: Side, on_silence: str) -> None:
    told = under_investigation().when(ask(side, at=FILED), now=FILED + HOUR)
    told.then_kinds(InformationRequested, TimerSet)
    asked = told.the(InformationRequested)
    assert (asked.respond_by, asked.on_silence) == (DUE, on_silence)
    assert told.the(TimerSet) == TimerSet("information_due", "ask-1", DUE)
    assert shape(told.state) is AwaitingInformation


def test_the_policy_says_what_the_sellers_silence_means() -> None:
    told = under_investigation(policy=policies(on_silence="investigate")).when(ask(), now=FILED + DAY)
    assert told.the(InformationRequested).on_silence == "investigate"


def test_a_clock_that_runs_is_not_retimed_by_a_policy_that_comes_later() -> None:
    asked = under_investigation(ask(at=FILED))
    later = replace(SPEC, policy=policies(on_silence="investigate")).given_state(asked.state)
    told = later.when(deadline("information_due", "ask-1", DUE), now=DUE)
    assert told.the(ClaimGranted).automatic


def test_an_answer_stops_the_clock_and_returns_the_claim_to_the_investigation() -> None:
    told = under_investigation(ask(at=FILED)).when(provide(at=DUE), now=DUE)
    told.then_kinds(InformationProvided)
    assert shape(told.state) is UnderInvestigation
    early = under_investigation(ask(at=FILED)).when(provide(at=DUE - HOUR), now=DUE - HOUR)
    early.then_kinds(InformationProvided, TimerCanceled)


def test_the_buyers_silence_returns_the_claim_to_the_investigation() -> None:
    story = under_investigation(ask("buyer", at=FILED))
    told = story.when(deadline("information_due", "ask-1", DUE), now=DUE + HOUR)
    told.then(ClaimResumed("claim-1", "ask-1", DUE))
    assert shape(told.state) is UnderInvestigation
    told.when(deadline("information_due", "ask-1", DUE), now=DUE + HOUR).then_nothing()


def test_what_the_buyer_says_late_is_still_heard() -> None:
    story = under_investigation(ask("buyer", at=FILED), deadline("information_due", "ask-1", DUE))
    story.when(provide(at=DUE + DAY, actor=BUYER), now=DUE + DAY).then_kinds(InformationProvided)


def test_both_sides_may_be_asked_at_once() -> None:
    story = under_investigation(ask(at=FILED), ask("buyer", at=FILED, request_id="ask-2"))
    one = story.when(provide(at=FILED + HOUR), now=FILED + HOUR)
    assert shape(one.state) is AwaitingInformation
    both = one.when(provide(at=FILED + HOUR, actor=SUPPORT, request_id="ask-2"), now=FILED + HOUR)
    assert shape(both.state) is UnderInvestigation


def test_silence_on_a_claim_for_a_replacement_is_an_investigators_too() -> None:
    command = file_claim(wanted="replacement", amount=0, reason="delivered_not_found")
    story = missing_parcel(command, ask(at=FILED))
    story.when(deadline("information_due", "ask-1", DUE), now=DUE).then(ClaimResumed("claim-1", "ask-1", DUE))


@pytest.mark.parametrize("actor", [BUYER, SELLER, SUPPORT, Actor("operator", "operator-1")])
def test_only_an_investigator_asks_and_decides(actor: Actor) -> None:
    for command in (ask(actor=actor), rule("granted", actor=actor)):
        assert refusal(under_investigation(), command).reason == "not_permitted"


@pytest.mark.parametrize(
    ("side", "actor"),
    [("seller", BUYER), ("seller", SUPPORT), ("buyer", SELLER), ("seller", Actor("seller", "seller-2"))],
)
def test_only_the_side_that_was_asked_answers(side: Side, actor: Actor) -> None:
    story = under_investigation(ask(side, at=FILED))
    assert refusal(story, provide(at=FILED + HOUR, actor=actor)).reason == "not_permitted"


def test_an_empty_question_asks_nothing() -> None:
    said = refusal(under_investigation(), ask(questions=(" ",)))
    assert (said.reason, said.missing) == ("incomplete_form", ("questions",))


def test_a_request_is_answered_once() -> None:
    story = under_investigation(ask(at=FILED), provide(at=FILED + HOUR))
    assert refusal(story, provide(at=FILED + DAY)).reason == "already_answered"


def test_what_is_not_there_is_refused_at_once() -> None:
    story = under_investigation(ask(at=FILED))
    assert refusal(story, ask(claim_id="claim-9")).reason == "unknown_claim"
    assert refusal(story, provide(at=FILED, request_id="ask-9")).reason == "unknown_request"


def test_a_command_dated_more_than_a_minute_ahead_is_refused() -> None:
    at = FILED + timedelta(minutes=1)
    under_investigation().when(ask(at=at), now=FILED).the(InformationRequested)
    said = refusal(under_investigation(), ask(at=at + INSTANT), now=FILED)
    assert (said.rule, said.reason) == ("T5", "in_the_future")


def test_a_claim_has_a_limit_of_requests() -> None:
    story: Story = under_investigation()
    for number in range(REQUESTS_MAX):
        story = story.when(ask("buyer", at=FILED, request_id=f"ask-{number}"), now=FILED)
    assert refusal(story, ask("buyer", at=FILED, request_id="one-more")).reason == "too_large"


@pytest.mark.parametrize(
    "command",
    [ask(at=FILED), provide(at=FILED + HOUR, command_id="provide-1"), rule("denied", at=FILED + HOUR)],
)
def test_a_command_again_changes_nothing(command: ClaimCommand) -> None:
    """By its id the kit drops it before; here it is the same question, the same answer, or too late."""
    story: Story = under_investigation(ask(at=FILED))
    if command.at > FILED:
        story = story.when(command, now=command.at)
    story.when(command, now=command.at).then_no_change()


# ----------------------------------------------------------------------------------------------- deciding


def test_an_investigator_grants_the_whole() -> None:
    told = under_investigation().when(rule("granted"), now=FILED + DAY)
    told.then_kinds(ClaimGranted, SellerDebited, BuyerCompensated, TimerSet)
    granted = told.the(ClaimGranted)
    assert (granted.amount.amount_minor, granted.automatic, granted.actor) == (PAID, False, INVESTIGATOR)
    assert told.the(SellerDebited).rules == ("C9",)


def test_an_investigator_grants_a_part() -> None:
    told = under_investigation().when(rule("granted", 700), now=FILED + DAY)
    assert told.the(SellerDebited).amount == told.the(BuyerCompensated).amount == Money(700, "USD")


def test_more_than_is_left_is_refused_with_the_most_that_can_be_granted() -> None:
    said = refusal(under_investigation(), rule("granted", PAID + 1))
    assert (said.rule, said.reason, said.max_amount) == ("C9", "amount_exceeds_left", Money(PAID, "USD"))


def test_documented_extra_charges_may_be_granted_on_top() -> None:
    command = file_claim(
        reason="delivered_not_found", extra=Money(500, "USD"), evidence=("bill-1",), amount=PAID
    )
    story = missing_parcel(command)
    assert refusal(story, rule("granted", PAID + 501)).max_amount == Money(PAID + 500, "USD")
    told = story.when(rule("granted", PAID + 500), now=FILED + DAY)
    assert told.the(ClaimGranted).amount == Money(PAID + 500, "USD")


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_cannot_be_granted(amount: int) -> None:
    assert refusal(under_investigation(), rule("granted", amount)).reason == "invalid_amount"


def test_another_currency_cannot_be_granted() -> None:
    assert refusal(under_investigation(), rule("granted", 1, currency="EUR")).reason == "wrong_currency"


def test_an_investigator_denies_with_reasons() -> None:
    told = under_investigation().when(rule("denied"), now=FILED + DAY)
    told.then_kinds(ClaimDenied, TimerSet)
    denied = told.the(ClaimDenied)
    assert denied.closes_at == FILED + DAY + APPEAL
    assert [finding.rule for finding in denied.explanation] == [*GROUNDS, "C9"]


def test_a_denial_says_why_and_has_no_amount() -> None:
    assert refusal(under_investigation(), rule("denied", reasons=())).missing == ("reasons",)
    assert refusal(under_investigation(), rule("denied", 1)).reason == "invalid_amount"


@pytest.mark.parametrize("verdict", ["granted", "denied"])
def test_what_is_decided_is_not_decided_again(verdict: str) -> None:
    story = under_investigation(rule("granted" if verdict == "granted" else "denied"))
    for command in (rule("granted"), rule("denied"), ask()):
        assert refusal(story, command).reason == "claim_decided"


def test_a_decision_after_the_sellers_deadline_finds_the_claim_granted() -> None:
    """The deadline was there first, though it is read later."""
    story = under_investigation(ask(at=FILED))
    told = story.when(rule("denied", at=DUE), now=DUE)
    assert told.the(ClaimGranted).automatic
    assert told.the(CommandRefused).refusal.reason == "claim_decided"


def test_a_decision_before_the_sellers_deadline_counts_also_when_it_is_read_after_it() -> None:
    story = under_investigation(ask(at=FILED))
    told = story.when(rule("denied", at=DUE - INSTANT), now=DUE + HOUR)
    told.then_kinds(ClaimDenied, TimerSet)


def test_a_decision_calls_off_what_was_waited_for() -> None:
    story = under_investigation(ask(at=FILED))
    told = story.when(rule("granted", at=FILED + HOUR), now=FILED + HOUR)
    assert told.every(TimerCanceled) == [TimerCanceled("information_due", "ask-1", DUE)]
    told.when(deadline("information_due", "ask-1", DUE), now=DUE).then_nothing()
