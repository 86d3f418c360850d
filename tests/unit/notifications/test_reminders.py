"""N1, T2: a reminder 12 h before a deadline that is still open."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.notifications.domain.facts import (
    ClaimAnswered,
    ClaimClosed,
    ClaimGoesOn,
    ClaimSuspended,
    ClaimWithdrawn,
    ContactSettled,
    InformationProvided,
    ReminderDue,
)
from services.notifications.domain.mails import DeadlineReminder
from services.notifications.domain.model import (
    ClockStarted,
    ClockStopped,
    Heard,
    MailWanted,
    TimerCanceled,
    TimerSet,
)
from tests.unit.notifications.builders import (
    ASKED,
    DUE,
    LATER,
    REMIND,
    SELLER,
    SPEC,
    asked,
    canceled,
    claimed,
    denied,
    granted,
    heard,
    judged_refused,
    mails,
    message,
    opened,
    order,
    refunded,
    return_received,
    return_required,
    templates,
)


def fired(subject_id: str = "contact-1", due_at: datetime = REMIND) -> Heard:
    return heard(ReminderDue(subject_id, due_at), due_at)


def test_a_contact_sets_a_reminder_before_its_deadline() -> None:
    assert order().when(opened(), now=ASKED).the(TimerSet) == TimerSet("contact-1", REMIND)


def test_a_request_to_the_seller_sets_a_reminder_and_one_to_the_buyer_none() -> None:
    assert order().when(asked("seller"), now=ASKED).the(TimerSet) == TimerSet("request-1", REMIND)
    assert order().when(asked("buyer"), now=ASKED).every(TimerSet) == []


def test_the_seller_is_reminded_of_a_message_that_is_still_unanswered() -> None:
    decided = order(opened(), message()).when(fired(), now=REMIND)
    assert mails(decided, SELLER) == [DeadlineReminder("response", DUE, None, None)]


def test_the_seller_is_reminded_of_a_request_that_is_still_open() -> None:
    decided = order(asked()).when(fired("request-1"), now=REMIND)
    assert mails(decided, SELLER) == [DeadlineReminder("information", DUE, "claim-1", "grant")]


@pytest.mark.parametrize(
    ("deadline", "end"),
    [
        (opened(), heard(ContactSettled("contact-1"))),
        (opened(), canceled("seller")),
        (asked(), heard(InformationProvided("request-1"))),
        (asked(), granted()),
        (asked(), denied()),
        (asked(), judged_refused()),
        (asked(), refunded()),
        (asked(), heard(ClaimWithdrawn("claim-1"))),
        (claimed(respond_by=DUE), heard(ClaimAnswered("claim-1"))),
        (claimed(respond_by=DUE), heard(ClaimWithdrawn("claim-1"))),
        (claimed(respond_by=DUE), granted()),
        (asked(), heard(ClaimClosed("claim-1"))),
    ],
)
def test_a_deadline_that_is_met_or_gone_is_not_reminded_of(deadline: Heard, end: Heard) -> None:
    over = order(deadline).when(end, now=ASKED + timedelta(hours=1))
    subject_id = over.the(ClockStopped).subject_id
    assert over.the(TimerCanceled) == TimerCanceled(subject_id, REMIND)
    over.when(fired(subject_id), now=REMIND).then_nothing()


def test_where_the_policy_asks_for_an_answer_the_seller_is_reminded_of_an_unanswered_claim() -> None:
    waiting = order().when(claimed(respond_by=DUE), now=ASKED)
    assert waiting.the(TimerSet) == TimerSet("claim-1", REMIND)
    decided = waiting.when(fired("claim-1"), now=REMIND)
    assert mails(decided, SELLER) == [DeadlineReminder("answer", DUE, "claim-1", None)]
    assert order().when(claimed(), now=ASKED).every(TimerSet) == []


def test_an_item_that_is_back_and_not_refunded_is_reminded_of() -> None:
    back = order(claimed(), return_required()).when(return_received(), now=ASKED)
    assert back.the(TimerSet) == TimerSet("claim-1", REMIND)
    decided = back.when(fired("claim-1"), now=REMIND)
    assert mails(decided, SELLER) == [DeadlineReminder("return_refund", DUE, "claim-1", None)]
    back.when(return_received(), now=LATER).then_nothing()


@pytest.mark.parametrize(
    "before",
    [
        [claimed()],
        [claimed(), return_required(), granted()],
        [claimed(), return_required(), refunded()],
        [claimed(), return_required(), heard(ClaimClosed("claim-1"))],
        [return_required()],
    ],
)
def test_a_parcel_that_no_claim_waits_for_starts_no_time_to_refund(before: list[Heard]) -> None:
    assert order(*before).when(return_received(), now=ASKED).every(TimerSet) == []


def test_only_once_all_that_is_claimed_is_back_the_time_to_refund_begins() -> None:
    waiting = order(claimed(quantity=2), return_required(), return_received("line-2"))
    first = waiting.when(return_received("line-1", contact_id="contact-3"), now=ASKED)
    assert first.every(TimerSet) == []
    hour = timedelta(hours=1)
    second = first.when(return_received("line-1", ASKED + hour, "contact-4"), now=ASKED + hour)
    assert second.the(TimerSet) == TimerSet("claim-1", REMIND + hour)


def test_a_return_that_comes_back_in_parts_counts_once() -> None:
    first = order(claimed(quantity=2), return_required()).when(return_received(), now=ASKED)
    hour = timedelta(hours=1)
    same = first.when(return_received(at=ASKED + hour), now=ASKED + hour)
    assert same.every(TimerSet) == []
    both = same.when(return_received(at=ASKED + 2 * hour, quantity=2), now=ASKED + 2 * hour)
    assert both.the(TimerSet) == TimerSet("claim-1", REMIND + 2 * hour)


def test_what_was_back_before_it_was_asked_for_is_to_be_refunded_from_then_on() -> None:
    back = order(claimed(), return_received(at=ASKED - timedelta(days=1)))
    assert back.when(return_required(), now=ASKED).the(TimerSet) == TimerSet("claim-1", REMIND)


def test_who_asks_for_the_item_first_has_answered_unless_the_fact_says_otherwise() -> None:
    filed = order(claimed(respond_by=DUE))
    assert filed.when(return_required(), now=ASKED).the(TimerCanceled) == TimerCanceled("claim-1", REMIND)
    assert filed.when(return_required(is_answered=False), now=ASKED).every(TimerCanceled) == []


def test_a_contact_a_claim_and_a_request_of_one_name_are_three_deadlines() -> None:
    same = order(opened("1"), claimed("1", respond_by=DUE))
    answered = same.when(heard(ContactSettled("1")), now=ASKED)
    assert answered.the(ClockStopped) == ClockStopped("response", "1")
    assert [mail.kind for mail in mails(answered.when(fired("1"), now=REMIND), SELLER)] == ["answer"]  # type: ignore[union-attr]


def test_while_a_chargeback_runs_nothing_is_reminded_of_and_then_the_rest_of_the_time_is() -> None:
    """C16."""
    halted = order(claimed(), asked(), opened()).when(heard(ClaimSuspended("claim-1")), now=ASKED)
    assert halted.the(TimerCanceled) == TimerCanceled("request-1", REMIND)
    halted.when(fired("request-1"), now=REMIND).then_nothing()
    later = DUE + timedelta(days=9)
    goes_on = heard(ClaimGoesOn("claim-1", (("information", later),)), ASKED + timedelta(days=9))
    resumed = halted.when(goes_on, now=ASKED + timedelta(days=9))
    remind = later - timedelta(hours=12)
    assert resumed.the(TimerSet) == TimerSet("request-1", remind)
    decided = resumed.when(fired("request-1", remind), now=remind)
    assert mails(decided, SELLER) == [DeadlineReminder("information", later, "claim-1", "grant")]


def test_what_ended_while_all_stood_still_is_not_reminded_of_afterwards() -> None:
    halted = order(claimed(), asked()).when(heard(ClaimSuspended("claim-1")), now=ASKED)
    halted.when(heard(InformationProvided("request-1")), now=ASKED).then_kinds(ClockStopped)
    resumed = halted.when(heard(ClaimGoesOn("claim-1", ())), now=LATER)
    assert resumed.every(ClockStopped) == [ClockStopped("information", "request-1")]
    assert resumed.every(TimerSet) == []


def test_a_parcel_that_came_while_all_stood_still_is_to_be_refunded_by_when_the_fact_says() -> None:
    halted = order(claimed(), return_required(), heard(ClaimSuspended("claim-1")))
    back = halted.when(return_received(), now=ASKED)
    assert back.every(TimerSet) == []
    goes_on = heard(ClaimGoesOn("claim-1", (("return_refund", LATER),)))
    assert back.when(goes_on, now=ASKED).the(TimerSet) == TimerSet("claim-1", LATER - timedelta(hours=12))


def test_a_claim_that_goes_on_without_having_stood_still_changes_nothing() -> None:
    order(claimed(), asked()).when(
        heard(ClaimGoesOn("claim-1", (("information", LATER),))), now=ASKED
    ).then_nothing()


def test_a_reminder_that_comes_after_the_deadline_is_not_sent() -> None:
    waiting = order(opened())
    waiting.when(fired(), now=DUE).then_nothing()
    assert templates(waiting.when(fired(), now=DUE - timedelta(microseconds=1))) == [
        (SELLER, "deadline_reminder")
    ]


def test_a_window_no_longer_than_the_notice_is_not_reminded_of() -> None:
    short = order().when(opened(respond_by=ASKED + timedelta(hours=12)), now=ASKED)
    short.then_kinds(ClockStarted)
    short.when(heard(ContactSettled("contact-1")), now=ASKED).then_kinds(ClockStopped)


def test_a_reminder_of_another_time_or_subject_is_none_of_ours() -> None:
    order(opened()).when(fired(due_at=REMIND - timedelta(hours=1)), now=ASKED).then_nothing()
    order(opened()).when(fired("contact-9"), now=ASKED).then_nothing()


def test_canceled_lines_leave_the_deadlines_of_the_rest() -> None:
    part = order(opened()).when(canceled("seller", is_whole=False), now=ASKED)
    part.then_kinds(MailWanted)
    assert templates(part.when(fired(), now=REMIND)) == [(SELLER, "deadline_reminder")]


def test_the_same_deadline_again_sets_no_second_timer() -> None:
    order(opened()).when(opened(), now=LATER).then_nothing()


def test_the_end_of_a_deadline_that_never_was_changes_nothing() -> None:
    order().when(heard(ContactSettled("contact-9")), now=LATER).then_nothing()
    order().when(heard(InformationProvided("request-9")), now=LATER).then_nothing()


def test_a_reminder_of_an_order_not_heard_of_waits_for_it() -> None:
    assert len(SPEC.given().when(fired(), now=REMIND).events) == 1
