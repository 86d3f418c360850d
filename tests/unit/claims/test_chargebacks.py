"""While a chargeback runs nothing is decided and the clocks stand still (C16)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.claims.domain.events import (
    AppealUpheld,
    ClaimAnswered,
    ClaimClosed,
    ClaimFiled,
    ClaimGranted,
    ClaimRefundedBySeller,
    ClaimRefused,
    ClaimResumed,
    ClaimSuspended,
    ClaimWithdrawn,
    CommandRefused,
    EvidenceAdded,
    GrantVoided,
    InformationProvided,
    Noted,
    TimerCanceled,
    TimerSet,
)
from services.claims.domain.inputs import ClaimCommand
from services.claims.domain.money import Money
from services.claims.domain.state import AwaitingReturn, Closed, Suspended, UnderInvestigation
from tests.unit.claims.builders import (
    ANSWER_BY,
    CLASSIC,
    DAY,
    FILED,
    HOUR,
    INSTANT,
    PAID,
    WINDOW,
    Story,
    add,
    after,
    answer,
    answered,
    appeal,
    ask,
    bank_decided,
    broken,
    came_back,
    charged_back,
    contacted,
    damaged,
    deadline,
    delivered,
    file_claim,
    not_found,
    provide,
    received,
    refund,
    refunded,
    released,
    review,
    rule,
    shipped,
    timers,
    under_investigation,
    withdraw,
    wrote,
)

STOPPED = FILED + DAY
ENDED = FILED + 5 * DAY
STOOD_STILL = ENDED - STOPPED
DUE = FILED + WINDOW


def suspended(story: Story) -> Story:
    return story.when(charged_back(at=STOPPED), now=STOPPED + HOUR)


def resumed(story: Story) -> Story:
    return story.when(bank_decided("seller_won", at=ENDED), now=ENDED + HOUR)


def reason(story: Story, command: ClaimCommand, now: datetime | None = None) -> str:
    told = story.when(command, now=now or command.at).then_no_change()
    return told.the(CommandRefused).refusal.reason


# ---------------------------------------------------------------------------------------------------- filing


@pytest.mark.parametrize(("beside", "is_barred"), [(-INSTANT, False), (timedelta(0), True), (INSTANT, True)])
def test_a_chargeback_bars_a_claim_from_the_moment_it_is_open(beside: timedelta, *, is_barred: bool) -> None:
    story = contacted(charged_back(at=FILED))
    told = story.when(file_claim(at=FILED + beside), now=FILED + HOUR)
    refused = [(each.refusal.rule, each.refusal.reason) for each in told.every(ClaimRefused)]
    assert refused == ([("C16", "chargeback_open")] if is_barred else [])


def test_a_claim_dated_before_it_and_read_after_stands_still_at_once() -> None:
    """Also what silence would have granted."""
    told = contacted(charged_back(at=FILED)).when(file_claim(at=FILED - INSTANT), now=FILED + HOUR)
    told.then_kinds(ClaimFiled, ClaimSuspended)
    assert told.the(ClaimSuspended).at == FILED


def test_once_it_is_over_one_may_file_again() -> None:
    story = contacted(charged_back(at=FILED), bank_decided("seller_won", at=FILED + DAY))
    assert story.when(file_claim(at=FILED + DAY), now=FILED + DAY).every(ClaimFiled)
    assert story.when(file_claim(at=FILED + DAY - INSTANT), now=FILED + DAY).every(ClaimRefused)


def test_what_the_buyer_keeps_of_it_is_not_paid_again() -> None:
    story = contacted(charged_back(at=FILED), bank_decided("buyer_won", 1000, at=FILED + DAY))
    told = story.when(file_claim(at=FILED + 2 * DAY), now=FILED + 2 * DAY)
    assert told.the(ClaimRefused).refusal.max_amount == Money(PAID - 1000, "USD")


def test_the_day_to_file_is_not_announced_while_it_runs() -> None:
    story = contacted()
    told = story.when(charged_back(at=FILED - 5 * DAY), now=FILED - 5 * DAY)
    assert told.the(TimerCanceled).kind == "filing_opens"
    again = told.when(bank_decided("seller_won", at=FILED), now=FILED)
    assert again.the(TimerSet).kind == "filing_opens"


# --------------------------------------------------------------------------------------------- standing still


def test_an_open_claim_stands_still_and_its_clocks_are_called_off() -> None:
    told = under_investigation(ask(at=FILED)).when(charged_back(at=STOPPED), now=STOPPED + HOUR)
    told.then_kinds(Noted, ClaimSuspended, TimerCanceled)
    assert told.the(ClaimSuspended).at == STOPPED
    assert told.state is not None
    assert isinstance(told.state.decided.claims[0], Suspended)
    told.when(deadline("information_due", "ask-1", DUE), now=DUE).then_nothing()


def test_nothing_is_decided_meanwhile() -> None:
    story = suspended(under_investigation(ask(at=FILED)))
    at = FILED + 2 * DAY
    for command in (
        rule("granted", at=at),
        rule("denied", at=at),
        ask(at=at, request_id="ask-2"),
        refund(at=at),
    ):
        assert reason(story, command) == "chargeback_open"


def test_an_appeal_is_not_decided_either() -> None:
    story = suspended(contacted(file_claim(), appeal(at=FILED + HOUR)))
    assert reason(story, review(money=True)) == "chargeback_open"
    resumed(story).when(review(at=ENDED + HOUR), now=ENDED + HOUR).the(AppealUpheld)


def test_an_appeal_made_meanwhile_waits_as_well() -> None:
    story = contacted(file_claim()).when(charged_back(at=STOPPED), now=STOPPED).then_kinds(Noted)
    told = story.when(appeal(at=STOPPED + HOUR), now=STOPPED + HOUR)
    assert [each.at for each in told.every(ClaimSuspended)] == [STOPPED + HOUR]


def test_both_sides_may_still_speak_and_the_buyer_may_withdraw() -> None:
    story = suspended(under_investigation(ask(at=FILED)))
    at = DUE + DAY
    story.when(answer(at=at), now=at).then_kinds(ClaimAnswered)
    story.when(add(at=at), now=at).then_kinds(EvidenceAdded)
    story.when(provide(at=at), now=at).then_kinds(InformationProvided)
    story.when(withdraw(at=at), now=at).then_kinds(ClaimWithdrawn, ClaimClosed)


def test_an_answer_given_meanwhile_is_in_time() -> None:
    story = suspended(under_investigation(ask(at=FILED)))
    story = story.when(provide(at=DUE + DAY), now=DUE + DAY)
    assert reason(story, provide(at=DUE + DAY)) == "already_answered"
    told = resumed(story)
    assert timers(told.events) == []  # type: ignore[attr-defined]
    assert told.state is not None
    assert isinstance(told.state.decided.claims[0], UnderInvestigation)


def test_what_was_missed_before_it_stays_missed() -> None:
    story = suspended(under_investigation(ask("buyer", at=FILED - WINDOW)))
    assert reason(resumed(story), provide(at=ENDED, request_id="ask-9")) == "unknown_request"
    fired = deadline("information_due", "ask-1", FILED)
    assert resumed(story).when(fired, now=ENDED + HOUR).the(ClaimResumed).request_id == "ask-1"


# ------------------------------------------------------------------------------------------------- going on


def test_each_clock_goes_on_with_what_it_had_left() -> None:
    story = suspended(under_investigation(ask(at=FILED)))
    told = story.when(bank_decided("seller_won", at=ENDED), now=ENDED + HOUR)
    told.then_kinds(Noted, ClaimResumed, TimerSet)
    assert told.the(ClaimResumed).request_id is None
    assert told.the(TimerSet) == TimerSet("information_due", "ask-1", DUE + STOOD_STILL)
    fired = deadline("information_due", "ask-1", DUE + STOOD_STILL)
    assert told.when(fired, now=DUE + STOOD_STILL).the(ClaimGranted).automatic


def test_the_clock_to_answer_a_claim_too() -> None:
    story = resumed(suspended(under_investigation(policy=CLASSIC)))
    due_at = FILED + 7 * DAY + STOOD_STILL
    assert timers(story.events) == [("answer_due", due_at)]  # type: ignore[attr-defined]
    assert story.when(answer(at=due_at), now=due_at).every(ClaimAnswered)
    assert story.when(deadline("answer_due", "claim-1", due_at), now=due_at).every(ClaimGranted)


def test_the_clocks_of_a_return_too() -> None:
    asked = broken(damaged(), refund(return_first=True, at=FILED))
    story = resumed(suspended(asked))
    assert timers(story.events) == [("return_due", FILED + 14 * DAY + STOOD_STILL)]  # type: ignore[attr-defined]
    back = suspended(asked).when(came_back(at=STOPPED + DAY), now=STOPPED + DAY)
    told = resumed(back)
    assert told.state is not None
    assert isinstance(told.state.decided.claims[0], AwaitingReturn)
    assert timers(told.events) == [("return_refund_due", ENDED + WINDOW)]  # type: ignore[attr-defined]


def test_a_clock_that_was_stopped_twice_goes_on_twice() -> None:
    story = resumed(suspended(under_investigation(ask(at=FILED))))
    again, over = DUE + STOOD_STILL - HOUR, DUE + STOOD_STILL + DAY
    story = story.when(charged_back(at=again), now=again)
    told = story.when(bank_decided("seller_won", at=over), now=over)
    assert told.the(TimerSet).due_at == over + HOUR


def test_what_time_has_granted_meanwhile_is_granted_by_a_deadline_that_fires_at_once() -> None:
    story = under_investigation(wrote(at=FILED, contact_id="contact-2"))
    told = resumed(suspended(story))
    assert timers(told.events) == [("judge_again", DUE)]  # type: ignore[attr-defined]
    assert told.when(deadline("judge_again", "claim-1", DUE), now=ENDED + HOUR).every(ClaimGranted)


def test_a_parcel_that_nobody_can_track_grants_when_it_is_over() -> None:
    story = after(received(), released(), wrote(), answered(at=ANSWER_BY), file_claim(at=ANSWER_BY + 9 * DAY))
    assert story.state is not None
    story = under_investigation(charged_back(at=STOPPED))
    untracked = shipped(shipment_id="shipment-2", trackable=False, tracking_valid=False, at=STOPPED)
    told = story.when(untracked, now=STOPPED + HOUR).then_kinds(Noted)
    assert told.when(bank_decided("seller_won", at=ENDED), now=ENDED).every(ClaimGranted)


def test_while_another_runs_it_is_not_over() -> None:
    story = suspended(under_investigation()).when(charged_back(at=STOPPED + DAY), now=STOPPED + DAY)
    told = story.when(bank_decided("seller_won", at=STOPPED + 2 * DAY), now=STOPPED + 2 * DAY)
    told.then_kinds(Noted)
    assert told.when(bank_decided("seller_won", at=ENDED), now=ENDED).every(ClaimResumed)


# ---------------------------------------------------------------------------------------------------- ending


def test_won_by_the_buyer_the_claim_closes() -> None:
    told = suspended(under_investigation()).when(bank_decided("buyer_won", at=ENDED), now=ENDED + HOUR)
    told.then_kinds(Noted, ClaimClosed)
    assert told.the(ClaimClosed).at == ENDED
    assert told.state is not None
    claim = told.state.decided.claims[0]
    assert isinstance(claim, Closed)
    assert claim.end == "chargeback"


def test_what_was_decided_before_it_is_as_it_was() -> None:
    story = contacted(file_claim(), charged_back(at=STOPPED), bank_decided("buyer_won", at=ENDED))
    assert story.state is not None
    assert story.state.decided.claims[0].shape == "granted"


def test_refunds_that_leave_nothing_end_the_claim_when_it_is_over() -> None:
    story = suspended(under_investigation()).when(refunded(PAID, at=STOPPED + DAY), now=STOPPED + DAY)
    story.then_kinds(Noted)
    told = story.when(bank_decided("seller_won", at=ENDED), now=ENDED)
    told.then_kinds(Noted, ClaimResumed, ClaimRefundedBySeller, ClaimClosed)


def test_an_answer_in_time_that_is_read_meanwhile_still_wins() -> None:
    story = after(received(), released(), shipped(), delivered(), wrote(), not_found())
    story = story.when(charged_back(at=STOPPED), now=STOPPED)
    told = story.when(answered(at=ANSWER_BY), now=STOPPED + HOUR)
    assert told.the(GrantVoided).amount == Money(PAID, "USD")
    assert told.the(ClaimSuspended).at == STOPPED + HOUR
