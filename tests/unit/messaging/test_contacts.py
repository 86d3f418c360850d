"""M1, M2, M5: messages, and the contacts that they open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.messaging.domain.events import (
    CommandRefused,
    ContactOpened,
    ContactResponded,
    MessageSent,
    Reason,
    ResolutionOverdue,
    ResponseOverdue,
    TimerCanceled,
    TimerSet,
)
from services.messaging.domain.inputs import SendMessage
from services.messaging.domain.model import Actor, Issue, SentMessage
from services.messaging.domain.people import MESSAGES_MAX, TEXT_CHARACTERS_MAX
from tests.unit.messaging.builders import (
    ASKED,
    BUYER,
    DUE,
    LATER,
    PLACED,
    POLICY,
    RELEASED,
    SELLER,
    SPEC,
    SUPPORT,
    after,
    answer,
    asked,
    canceled,
    message,
    order,
    received,
    released,
    resolve,
)


def kept(command: SendMessage) -> SentMessage:
    return SentMessage(
        message_id=command.message_id,
        contact_id=command.contact_id,
        author=command.actor,
        at=command.at,
        issue=command.issue,
        text=command.text,
        attachments=command.attachments,
        automatic=command.automatic,
        response_required=command.response_required,
    )


def test_the_buyers_first_message_opens_a_contact_and_starts_both_clocks() -> None:
    first = message()
    order().when(first, now=ASKED).then(
        ContactOpened(
            "contact-1", "message-1", "buyer_seller_messages", "delivery", ASKED, DUE, DUE, "2021-en"
        ),
        MessageSent(kept(first), "contact-1"),
        TimerSet("response_due", "contact-1", DUE),
        TimerSet("resolution_due", "contact-1", DUE),
    )


def test_each_clock_runs_as_long_as_the_policy_in_force_says() -> None:
    longer = replace(POLICY, policy_id="2021-zh", response_window=timedelta(hours=72))
    spec = replace(SPEC, policy=longer)
    opened = spec.given_state(order().state).when(message(), now=ASKED).the(ContactOpened)
    assert opened.respond_by == ASKED + timedelta(hours=72)
    assert opened.resolve_by == ASKED + timedelta(hours=48)
    assert opened.policy_id == "2021-zh"


def test_every_message_is_kept_with_author_time_text_and_attachments() -> None:
    first = message(attachments=("photo-1", "photo-2"))
    second = answer(at=ASKED + timedelta(hours=1))
    state = after(received(), released(), first, second).state
    assert state is not None
    assert state.conversation.messages == (kept(first), kept(second))


def test_a_further_message_in_the_contact_starts_no_clock() -> None:
    again = message(message_id="message-2", at=ASKED + timedelta(hours=5))
    asked().when(again, now=LATER).then(MessageSent(kept(again), "contact-1"))


def test_a_new_contact_id_joins_the_open_contact_of_its_issue_and_becomes_a_name_of_it() -> None:
    again = message(message_id="message-2", contact_id="contact-2", at=ASKED + timedelta(hours=5))
    joined = asked().when(again, now=LATER).then(MessageSent(kept(again), "contact-1"))
    answered = joined.when(answer(contact_id="contact-2", at=ASKED + timedelta(hours=6)), now=LATER)
    assert answered.the(ContactResponded).contact_id == "contact-1"


def test_another_issue_opens_a_contact_of_its_own() -> None:
    other = message(message_id="message-2", contact_id="contact-2", issue="address_change")
    assert asked().when(other, now=LATER).the(ContactOpened).contact_id == "contact-2"


def test_a_resolved_contact_is_not_joined_but_a_new_one_is_opened() -> None:
    again = message(message_id="message-2", contact_id="contact-2", at=ASKED + timedelta(days=3))
    settled = asked(resolve(at=ASKED + timedelta(hours=1)))
    assert settled.when(again, now=LATER).the(ContactOpened).contact_id == "contact-2"


def test_a_message_that_names_a_resolved_contact_passes_without_clocks() -> None:
    again = message(message_id="message-2", at=ASKED + timedelta(days=3))
    settled = asked(resolve(at=ASKED + timedelta(hours=1)))
    settled.when(again, now=LATER).then(MessageSent(kept(again), "contact-1"))


def test_a_message_that_needs_no_answer_opens_nothing() -> None:
    thanks = message(response_required=False)
    order().when(thanks, now=LATER).then(MessageSent(kept(thanks), None))


def test_a_message_that_needs_an_answer_opens_the_contact_of_an_earlier_one_that_needed_none() -> None:
    earlier = after(received(), released(), message(response_required=False))
    question = message(message_id="message-2", at=ASKED + timedelta(hours=1))
    assert earlier.when(question, now=LATER).the(ContactOpened).opened_at == ASKED + timedelta(hours=1)


def test_support_opens_a_contact_for_the_buyer() -> None:
    order().when(message(SUPPORT), now=LATER).the(ContactOpened)


def test_the_seller_may_write_first_and_no_clock_starts() -> None:
    hello = message(SELLER, text="Your parcel leaves tomorrow.")
    order().when(hello, now=LATER).then(MessageSent(kept(hello), None))


@pytest.mark.parametrize("actor", [BUYER, SELLER, SUPPORT])
def test_nobody_writes_about_a_pending_order(actor: Actor) -> None:
    command = message(actor, at=PLACED + timedelta(minutes=1))
    pending = after(received())
    pending.when(command, now=LATER).then(
        CommandRefused(command.command_id, "M5", "order_pending")
    ).then_no_change()


def test_a_message_written_while_the_order_was_pending_is_refused_even_if_read_after_the_release() -> None:
    early = message(at=RELEASED - timedelta(seconds=1))
    order().when(early, now=LATER).then(CommandRefused(early.command_id, "M5", "order_pending"))


def test_a_message_at_the_instant_of_the_release_passes() -> None:
    order().when(message(at=RELEASED), now=LATER).the(ContactOpened)


def test_on_a_canceled_order_messages_pass_without_clocks() -> None:
    question = message()
    gone = after(received(), released(), canceled(ASKED - timedelta(hours=1)))
    gone.when(question, now=LATER).then(MessageSent(kept(question), None))


def test_a_message_written_before_the_cancellation_and_read_after_it_has_clocks_until_then() -> None:
    gone = after(received(), released(), canceled(DUE + timedelta(hours=1)))
    late = gone.when(message(), now=LATER)
    late.then_kinds(ContactOpened, MessageSent, ResponseOverdue, ResolutionOverdue)
    just = after(received(), released(), canceled(DUE)).when(message(), now=LATER)
    just.then_kinds(ContactOpened, MessageSent)


def test_what_was_written_while_the_order_was_pending_is_refused_also_if_it_was_canceled_since() -> None:
    never_released = after(received(), canceled(ASKED))
    early = message(at=ASKED - timedelta(seconds=1))
    never_released.when(early, now=LATER).then(CommandRefused(early.command_id, "M5", "order_pending"))
    never_released.when(message(), now=LATER).then_kinds(MessageSent)
    between = after(received(), released(), canceled(ASKED))
    before = message(at=RELEASED - timedelta(seconds=1))
    between.when(before, now=LATER).then(CommandRefused(before.command_id, "M5", "order_pending"))


def test_an_answer_by_a_name_that_joined_later_counts_by_its_own_date() -> None:
    early = answer(at=ASKED + timedelta(hours=1), contact_id="other", issue="other")
    late = answer(at=DUE + timedelta(hours=1), message_id="answer-2", contact_id="other")
    joined = asked(early).when(late, now=LATER)
    joined.then_kinds(MessageSent, ContactResponded, TimerCanceled)
    assert joined.the(ContactResponded).responded_at == ASKED + timedelta(hours=1)


def test_the_same_message_by_another_command_is_answered_and_changes_nothing() -> None:
    again = message()
    asked().when(again, now=LATER).then(
        CommandRefused(again.command_id, "M6", "message_id_reused")
    ).then_no_change()


def test_the_same_message_again_changes_nothing_whatever_happened_since() -> None:
    again = message(at=LATER)
    asked(resolve(at=DUE), canceled(DUE)).when(again, now=LATER).then(
        CommandRefused(again.command_id, "M6", "message_id_reused")
    ).then_no_change()


@pytest.mark.parametrize(
    "other",
    [message(text="Something else"), message(attachments=("photo-1",)), message(SELLER), message(SUPPORT)],
)
def test_a_message_id_that_was_used_for_something_else_is_refused(other: SendMessage) -> None:
    asked().when(other, now=LATER).then(
        CommandRefused(other.command_id, "M6", "message_id_reused")
    ).then_no_change()


@pytest.mark.parametrize(
    "stranger",
    [
        Actor("buyer", "buyer-2"),
        Actor("seller", "seller-2"),
        Actor("buyer", SELLER.id),
        Actor("seller", BUYER.id),
        Actor("investigator", "investigator-1"),
        Actor("operator", BUYER.id),
    ],
)
def test_only_the_orders_own_people_and_support_may_write(stranger: Actor) -> None:
    command = message(stranger)
    order().when(command, now=LATER).then(
        CommandRefused(command.command_id, "M1", "not_a_party")
    ).then_no_change()


@pytest.mark.parametrize(("ahead_seconds", "reasons"), [(60, []), (61, ["in_the_future"])])
def test_a_message_dated_more_than_a_minute_ahead_is_refused(
    ahead_seconds: int, reasons: list[Reason]
) -> None:
    command = message(at=ASKED + timedelta(seconds=ahead_seconds))
    decided = order().when(command, now=ASKED)
    assert [refused.reason for refused in decided.every(CommandRefused)] == reasons


def test_a_message_about_an_order_not_heard_of_is_refused() -> None:
    command = message()
    SPEC.given().when(command, now=LATER).then(CommandRefused(command.command_id, "E1", "unknown_order"))


def test_one_side_cannot_fill_the_conversation_of_the_other() -> None:
    full = asked(*(message(message_id=f"more-{number}", text="?") for number in range(MESSAGES_MAX - 1)))
    one_more = message(message_id="one-more")
    full.when(one_more, now=LATER).then(CommandRefused(one_more.command_id, "M1", "too_many_messages"))
    full.when(answer(at=ASKED), now=LATER).the(ContactResponded)


def test_the_text_of_one_side_is_limited_as_a_whole() -> None:
    long = message(message_id="long", text="x" * (TEXT_CHARACTERS_MAX - len(message().text)))
    over = message(message_id="over", text="x")
    decided = asked(long).when(over, now=LATER)
    decided.then(CommandRefused(over.command_id, "M1", "too_many_messages"))


def test_a_message_whose_fact_would_not_fit_into_a_record_is_refused() -> None:
    fits = message(attachments=tuple(f"{number:0>200}" for number in range(1000)), text="x" * 20_000)
    order().when(fits, now=LATER).the(MessageSent)
    # Six bytes each, as JSON writes them.
    over = message(attachments=tuple("\x01" * 200 for _ in range(1000)))
    order().when(over, now=LATER).then(CommandRefused(over.command_id, "E1", "too_large")).then_no_change()


@pytest.mark.parametrize("issue", ["delivery", "product", "address_change", "other"])
def test_a_message_is_in_the_channel_of_messages_whatever_it_is_about(issue: Issue) -> None:
    opened = order().when(message(issue=issue), now=LATER).the(ContactOpened)
    assert (opened.channel, opened.issue) == ("buyer_seller_messages", issue)
