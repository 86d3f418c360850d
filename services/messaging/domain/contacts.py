"""Contacts and their two clocks (M2, M3): opened, answered, overdue, resolved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from services.messaging.domain.events import (
    ContactOpened,
    ContactResolved,
    ContactResponded,
    Event,
    MessageSent,
    ResolutionOverdue,
    ResponseOverdue,
    ReturnAnswered,
    TimerCanceled,
    TimerSet,
)
from services.messaging.domain.evolve import changed
from services.messaging.domain.inputs import DeadlineExpired
from services.messaging.domain.model import (
    CanceledOrder,
    Channel,
    Contact,
    Conversation,
    Dossier,
    Issue,
    OrderState,
    Resolved,
    Responded,
    ResponseAwaited,
    SentMessage,
    TimerKind,
    Unresolved,
)
from services.messaging.domain.money import refunded_at
from services.messaging.domain.people import side
from services.messaging.domain.story import Story, contact_in


class Clock(NamedTuple):
    """One clock of one contact."""

    kind: TimerKind
    contact_id: str
    due_at: datetime


def running(contact: Contact, dossier: Dossier) -> Sequence[Clock]:
    """List the clocks that run: none once the contact is resolved or the order canceled."""
    return () if isinstance(dossier, CanceledOrder) else _open_ends(contact)


def _open_ends(contact: Contact) -> Sequence[Clock]:
    """List what has neither happened nor fallen due, as far as is known."""
    if not is_open(contact):
        return ()
    response = Clock("response_due", contact.contact_id, contact.respond_by)
    resolution = Clock("resolution_due", contact.contact_id, contact.resolve_by)
    return (
        *((response,) if isinstance(contact.response, ResponseAwaited) else ()),
        *((resolution,) if isinstance(contact.resolution, Unresolved) else ()),
    )


def timers(state: OrderState) -> Sequence[Clock]:
    """List the timers that stand for an order: its clocks that run."""
    return [clock for contact in state.conversation.contacts for clock in running(contact, state.dossier)]


def timer_changes(before: OrderState, after: OrderState, fired: object) -> Sequence[TimerSet | TimerCanceled]:
    """Say which timers to cancel and to set; the one that has just fired needs neither."""
    stood, stands = timers(before), timers(after)
    gone = [clock for clock in stood if clock not in stands]
    return [
        *(TimerCanceled(*clock) for clock in gone if not _is(clock, fired)),
        *(TimerSet(*clock) for clock in stands if clock not in stood),
    ]


def _is(clock: Clock, fired: object) -> bool:
    return isinstance(fired, DeadlineExpired) and clock == (fired.kind, fired.subject_id, fired.due_at)


def ask(story: Story, fired: DeadlineExpired) -> None:
    """Ask the contact, as it now is, whether the deadline still means something (T2)."""
    for clock in timers(story.state):
        if _is(clock, fired):
            story.tell(_overdue(clock))


def _overdue(clock: Clock) -> Event:
    if clock.kind == "response_due":
        return ResponseOverdue(clock.contact_id, clock.due_at)
    return ResolutionOverdue(clock.contact_id, clock.due_at)


def fall_due(
    story: Story,
    contact_id: str,
    at: datetime,
    kinds: Sequence[TimerKind] = ("response_due", "resolution_due"),
) -> None:
    """Say what fell due before a moment and was not heard of yet (T4). A canceled order has no clock (M5)."""
    dossier = story.state.dossier
    until = min(at, dossier.canceled_at) if isinstance(dossier, CanceledOrder) else at
    for clock in _open_ends(story.contact(contact_id)):
        if clock.kind in kinds and clock.due_at < until:
            story.tell(_overdue(clock))


# ------------------------------------------------------------------------------------- opened, and closed


def open_contact(
    story: Story, contact_id: str, at: datetime, channel: Channel, issue: Issue, message_id: str | None
) -> None:
    """Start both clocks, by the policy in force now (P1)."""
    story.tell(
        ContactOpened(
            contact_id=contact_id,
            message_id=message_id,
            channel=channel,
            issue=issue,
            opened_at=at,
            respond_by=at + story.policy.response_window,
            resolve_by=at + story.policy.resolution_window,
            policy_id=story.policy.policy_id,
        )
    )


def catch_up(story: Story, contact_id: str) -> None:
    """Tell of a contact that was just opened what was read before it, and is dated after it (T5)."""
    hear_answers(story, contact_id)
    if isinstance(story.state.dossier, CanceledOrder):
        fall_due(story, contact_id, story.state.dossier.canceled_at)
    close_if_refunded(story, contact_id)


def close(story: Story, contact_id: str, at: datetime, cause: Literal["buyer", "refunded"]) -> None:
    """Resolve a contact: both clocks stand."""
    fall_due(story, contact_id, at)
    story.tell(ContactResolved(contact_id, at, cause))


def close_if_refunded(story: Story, contact_id: str) -> None:
    """Resolve a contact once the buyer has back what it is about."""
    contact = story.contact(contact_id)
    back = next((back for back in story.talk.returns if back.contact_id == contact_id), None)
    at = refunded_at(story.state.order, contact, back) if is_open(contact) else None
    if at is not None:
        close(story, contact_id, at, "refunded")


# ------------------------------------------------------------------------------------------------ answers


class _InPerson(NamedTuple):
    at: datetime
    message_id: str | None


def say_in(story: Story, contact_id: str, said: MessageSent | ReturnAnswered) -> None:
    """Add to a contact. A late answer is said after the notice that it did not prevent."""
    answer = _new_answer(contact_id, changed(story.state, said))
    if answer is not None:
        fall_due(story, contact_id, answer.at, ("response_due",))
    story.tell(said)
    hear_answers(story, contact_id)


def hear_answers(story: Story, contact_id: str) -> None:
    """Say what the first answer in person is, if that is new: whenever it was read, its date counts (M3, T5)."""
    answer = _new_answer(contact_id, story.state)
    if answer is not None:
        fall_due(story, contact_id, answer.at, ("response_due",))
        respond_by = story.contact(contact_id).respond_by
        story.tell(ContactResponded(contact_id, answer.message_id, answer.at, respond_by))


def _new_answer(contact_id: str, state: OrderState) -> _InPerson | None:
    """Find the first answer by its date, unless it is known."""
    contact = contact_in(state.conversation, contact_id)
    answer = _first_answer(contact, state)
    known = contact.response.at if isinstance(contact.response, Responded) else None
    return answer if answer is not None and (known is None or answer.at < known) else None


def _first_answer(contact: Contact, state: OrderState) -> _InPerson | None:
    talk = state.conversation
    messages = [
        _InPerson(message.at, message.message_id)
        for message in talk.messages
        if side(message.author, state.order) == "seller"
        and not message.automatic
        and message.at >= contact.opened_at
        and belongs(message, contact, talk)
    ]
    returns = [
        _InPerson(answer.at, None)
        for back in talk.returns
        if back.contact_id == contact.contact_id
        for answer in back.answers
    ]
    return min([*messages, *returns], key=lambda answer: answer.at, default=None)


# --------------------------------------------------------------------------------------- which contact it is


def named(contact_id: str, talk: Conversation) -> Contact | None:
    """Find the contact that goes by this name."""
    return next((contact for contact in talk.contacts if contact_id in contact.names), None)


def contact_of(message: SentMessage, talk: Conversation) -> Contact | None:
    """Find the contact that goes by the message's id, or else the open one of its issue."""
    return named(message.contact_id, talk) or next(
        (contact for contact in talk.contacts if belongs(message, contact, talk)), None
    )


def belongs(message: SentMessage, contact: Contact, talk: Conversation) -> bool:
    """Say whether a message is part of a contact: by its name, or by its issue while the contact is open."""
    if message.contact_id in contact.names:
        return True
    return (
        named(message.contact_id, talk) is None
        and is_open(contact)
        and contact.channel == "buyer_seller_messages"
        and contact.issue == message.issue
    )


def is_open(contact: Contact) -> bool:
    """Say whether a contact is not resolved."""
    return not isinstance(contact.resolution, Resolved)


def is_open_at(contact: Contact, at: datetime) -> bool:
    """Say whether a contact was not resolved then (T5)."""
    return not isinstance(contact.resolution, Resolved) or at <= contact.resolution.at
