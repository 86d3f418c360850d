"""M2, M3, T1-T5: the two clocks of a contact."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.messaging.domain.events import (
    CommandRefused,
    ContactOpened,
    ContactResolved,
    ContactResponded,
    Event,
    MessageSent,
    MoneyReturnNoted,
    ResolutionOverdue,
    ResponseOverdue,
    TimerCanceled,
    TimerSet,
)
from services.messaging.domain.inputs import Input
from services.messaging.domain.model import ActorKind, Contact, OrderState, Policy, Responded, TimerKind
from tests.support.given_when_then import Given
from tests.unit.messaging.builders import (
    ASKED,
    DUE,
    INSTANT,
    LATER,
    SPEC,
    after,
    answer,
    asked,
    canceled,
    deadline,
    message,
    money_returned,
    order,
    received,
    released,
    resolve,
)

HOUR = timedelta(hours=1)


def the_contact(given: Given[Input, OrderState | None, Event, Policy]) -> Contact:
    assert given.state is not None
    (contact,) = given.state.conversation.contacts
    return contact


# --------------------------------------------------------------------------------------------- response


def test_the_sellers_first_answer_stops_the_response_clock() -> None:
    decided = asked().when(answer(at=ASKED + HOUR), now=LATER)
    decided.then_kinds(MessageSent, ContactResponded, TimerCanceled)
    assert decided.the(TimerCanceled) == TimerCanceled("response_due", "contact-1", DUE)
    assert decided.the(ContactResponded) == ContactResponded("contact-1", "answer-1", ASKED + HOUR, DUE)


def test_an_automatic_reply_is_no_answer() -> None:
    reply = answer(at=ASKED + HOUR, automatic=True)
    asked().when(reply, now=LATER).then_kinds(MessageSent)


def test_neither_the_buyer_nor_support_can_answer_for_the_seller() -> None:
    again = message(message_id="message-2", at=ASKED + HOUR)
    asked().when(again, now=LATER).then_kinds(MessageSent)


def test_a_second_answer_is_only_a_message() -> None:
    answered = asked(answer(at=ASKED + HOUR))
    answered.when(answer(at=ASKED + 2 * HOUR, message_id="answer-2"), now=LATER).then_kinds(MessageSent)


def test_an_answer_leaves_the_resolution_clock_running() -> None:
    answered = asked(answer(at=ASKED + HOUR))
    answered.when(deadline("response_due"), now=DUE).then_nothing()
    answered.when(deadline("resolution_due"), now=DUE).then(ResolutionOverdue("contact-1", DUE))


def test_an_answer_under_a_new_contact_id_counts_for_the_open_contact_of_its_issue() -> None:
    reply = answer(at=ASKED + HOUR, contact_id="thread-9")
    assert asked().when(reply, now=LATER).the(ContactResponded).contact_id == "contact-1"


def test_an_answer_on_another_issue_is_none() -> None:
    reply = answer(at=ASKED + HOUR, contact_id="thread-9", issue="product")
    asked().when(reply, now=LATER).then_kinds(MessageSent)


@pytest.mark.parametrize(
    ("at", "kinds"),
    [
        (DUE - INSTANT, [MessageSent, ContactResponded, TimerCanceled]),
        (DUE, [MessageSent, ContactResponded, TimerCanceled]),
        (DUE + INSTANT, [ResponseOverdue, MessageSent, ContactResponded, TimerCanceled]),
    ],
)
def test_an_answer_is_in_time_until_the_deadline_itself(at: datetime, kinds: list[type[Event]]) -> None:
    asked().when(answer(at=at), now=LATER).then_kinds(*kinds)


def test_silence_makes_the_contact_overdue_dated_at_its_due_time() -> None:
    asked().when(deadline("response_due"), now=LATER).then(ResponseOverdue("contact-1", DUE))


def test_an_answer_dated_in_time_and_read_after_the_deadline_still_counts() -> None:
    overdue = asked(deadline("response_due"))
    decided = overdue.when(answer(at=DUE - INSTANT), now=LATER)
    decided.then_kinds(MessageSent, ContactResponded)
    assert decided.the(ContactResponded).responded_at == DUE - INSTANT
    assert the_contact(decided).response == Responded(DUE - INSTANT)


def test_an_earlier_answer_read_after_a_late_one_counts_instead_of_it() -> None:
    late_one = asked(answer(at=DUE + HOUR))
    decided = late_one.when(answer(at=DUE - HOUR, message_id="answer-0"), now=LATER)
    assert decided.the(ContactResponded).responded_at == DUE - HOUR


def test_an_answer_written_before_the_question_is_none() -> None:
    asked().when(answer(at=ASKED - INSTANT), now=LATER).then_kinds(MessageSent)


def test_an_answer_that_is_read_before_its_question_counts() -> None:
    out_of_order = after(received(), released(), answer(at=ASKED + HOUR))
    decided = out_of_order.when(message(), now=LATER)
    decided.then_kinds(ContactOpened, MessageSent, ContactResponded, TimerSet)
    assert decided.the(TimerSet).kind == "resolution_due"
    assert decided.the(ContactResponded).responded_at == ASKED + HOUR


def test_a_late_answer_that_is_read_before_its_question_counts_as_late() -> None:
    out_of_order = after(received(), released(), answer(at=DUE + HOUR))
    decided = out_of_order.when(message(), now=LATER)
    decided.then_kinds(ContactOpened, MessageSent, ResponseOverdue, ContactResponded, TimerSet)


# ------------------------------------------------------------------------------------------- resolution


@pytest.mark.parametrize("kind", ["buyer", "support"])
def test_the_buyer_or_support_resolves_the_contact_and_both_clocks_stand(kind: ActorKind) -> None:
    decided = asked().when(resolve(at=ASKED + HOUR, kind=kind), now=LATER)
    decided.then(
        ContactResolved("contact-1", ASKED + HOUR, "buyer"),
        TimerCanceled("response_due", "contact-1", DUE),
        TimerCanceled("resolution_due", "contact-1", DUE),
    )
    decided.when(deadline("response_due"), now=DUE).then_nothing()
    decided.when(deadline("resolution_due"), now=DUE).then_nothing()


def test_the_seller_cannot_resolve_it() -> None:
    command = resolve(at=ASKED + HOUR, kind="seller")
    asked().when(command, now=LATER).then(CommandRefused(command.command_id, "M2", "not_the_buyer"))


def test_an_investigator_cannot_resolve_it() -> None:
    command = resolve(at=ASKED + HOUR, kind="investigator")
    asked().when(command, now=LATER).then(CommandRefused(command.command_id, "M1", "not_a_party"))


def test_it_can_be_resolved_by_any_of_its_names() -> None:
    again = message(message_id="message-2", contact_id="contact-2", at=ASKED + HOUR)
    decided = asked(again).when(resolve(at=ASKED + 2 * HOUR, contact_id="contact-2"), now=LATER)
    assert decided.the(ContactResolved).contact_id == "contact-1"


def test_resolving_it_again_is_answered_and_changes_nothing() -> None:
    again = resolve(at=ASKED + 2 * HOUR)
    asked(resolve(at=ASKED + HOUR)).when(again, now=LATER).then(
        CommandRefused(again.command_id, "M2", "already_resolved")
    ).then_no_change()


def test_an_unknown_contact_cannot_be_resolved() -> None:
    command = resolve(at=ASKED + HOUR, contact_id="contact-9")
    asked().when(command, now=LATER).then(
        CommandRefused(command.command_id, "M2", "unknown_contact")
    ).then_no_change()


def test_a_resolution_dated_ahead_of_the_clock_is_refused() -> None:
    command = resolve(at=ASKED + timedelta(minutes=2))
    asked().when(command, now=ASKED).then(CommandRefused(command.command_id, "T5", "in_the_future"))


def test_a_resolution_of_an_order_not_heard_of_is_refused() -> None:
    command = resolve(at=ASKED)
    SPEC.given().when(command, now=ASKED).then(CommandRefused(command.command_id, "E1", "unknown_order"))


def test_what_fell_due_before_a_late_resolution_still_did() -> None:
    decided = asked().when(resolve(at=DUE + INSTANT), now=LATER)
    decided.then_kinds(ResponseOverdue, ResolutionOverdue, ContactResolved, TimerCanceled, TimerCanceled)


def test_an_overdue_contact_can_still_be_resolved() -> None:
    overdue = asked(deadline("response_due"), deadline("resolution_due"))
    overdue.when(resolve(at=DUE + HOUR), now=LATER).then(ContactResolved("contact-1", DUE + HOUR, "buyer"))


# ------------------------------------------------------------------------ refunds and cancellation, deadlines


def test_a_refund_in_full_resolves_every_open_contact() -> None:
    decided = asked().when(money_returned(2499, at=ASKED + HOUR), now=LATER)
    decided.then_kinds(MoneyReturnNoted, ContactResolved, TimerCanceled, TimerCanceled)
    assert decided.the(ContactResolved) == ContactResolved("contact-1", ASKED + HOUR, "refunded")


def test_a_part_resolves_nothing_until_the_rest_follows() -> None:
    part = asked().when(money_returned(2000, at=ASKED + HOUR), now=LATER)
    part.then_kinds(MoneyReturnNoted)
    rest = part.when(money_returned(499, at=ASKED + 2 * HOUR, money_id="refund-2"), now=LATER)
    rest.the(ContactResolved)


def test_the_same_refund_again_changes_nothing() -> None:
    part = asked(money_returned(2000, at=ASKED + HOUR))
    part.when(money_returned(2000, at=ASKED + HOUR), now=LATER).then_nothing()


def test_a_cancellation_stops_the_clocks() -> None:
    gone = asked().when(canceled(ASKED + HOUR), now=LATER)
    assert [timer.kind for timer in gone.every(TimerCanceled)] == ["response_due", "resolution_due"]
    gone.when(deadline("response_due"), now=DUE).then_nothing()
    gone.when(answer(at=ASKED + 2 * HOUR), now=LATER).then_kinds(MessageSent, ContactResponded)


def test_what_fell_due_before_a_cancellation_still_did() -> None:
    decided = asked().when(canceled(DUE + INSTANT), now=LATER)
    assert decided.every(ResponseOverdue) == [ResponseOverdue("contact-1", DUE)]
    assert decided.every(ResolutionOverdue) == [ResolutionOverdue("contact-1", DUE)]


@pytest.mark.parametrize("kind", ["response_due", "resolution_due"])
def test_a_deadline_that_fires_twice_takes_effect_once(kind: TimerKind) -> None:
    asked(deadline(kind)).when(deadline(kind), now=LATER).then_nothing()


@pytest.mark.parametrize("kind", ["response_due", "resolution_due"])
def test_a_deadline_of_another_time_or_contact_is_none_of_ours(kind: TimerKind) -> None:
    asked().when(deadline(kind, DUE - INSTANT), now=LATER).then_nothing()
    asked().when(deadline(kind, contact_id="contact-9"), now=LATER).then_nothing()
    SPEC.given().when(deadline(kind), now=LATER).then_nothing()


def test_facts_heard_twice_change_nothing() -> None:
    order().when(received(), now=LATER).then_nothing()
    order().when(released(ASKED), now=LATER).then_nothing()
    asked(canceled(ASKED + HOUR)).when(canceled(ASKED + 2 * HOUR), now=LATER).then_nothing()


def test_a_release_read_after_the_cancellation_changes_nothing() -> None:
    after(received(), canceled(ASKED)).when(released(), now=LATER).then_nothing()


@pytest.mark.parametrize("fact", [released(), canceled(ASKED), money_returned(1, at=ASKED)])
def test_facts_about_an_order_not_heard_of_are_passed_over(fact: Input) -> None:
    SPEC.given().when(fact, now=LATER).then_nothing()
