"""N1, T2: a reminder 12 h before a deadline that is still open."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.notifications.domain.mails import DeadlineReminder
from services.notifications.domain.model import (
    ClaimClosed,
    ClockStarted,
    ClockStopped,
    ContactSettled,
    Heard,
    InformationProvided,
    MailWanted,
    ReminderDue,
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
    denied,
    granted,
    heard,
    mails,
    message,
    opened,
    order,
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
        (asked(), heard(ClaimClosed("claim-1"))),
    ],
)
def test_a_deadline_that_is_met_or_gone_is_not_reminded_of(deadline: Heard, end: Heard) -> None:
    over = order(deadline).when(end, now=ASKED + timedelta(hours=1))
    subject_id = over.the(ClockStopped).subject_id
    assert over.the(TimerCanceled) == TimerCanceled(subject_id, REMIND)
    over.when(fired(subject_id), now=REMIND).then_nothing()


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
