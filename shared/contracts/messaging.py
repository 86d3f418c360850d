"""Messaging: its commands and its facts."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.data import Actor, Id, Listed, OrderCommand, Part, Text, When
from shared.contracts.facts import PartyFact, Refused
from shared.contracts.lists import Channel, MessageIssue, ResolutionCause
from shared.contracts.topics import MESSAGING_COMMANDS, MESSAGING_EVENTS


class Letter(Part):
    """What someone writes. `automatic` is no answer in person; one that needs no response starts no clock."""

    message_id: Id
    contact_id: Id
    issue: MessageIssue
    text: Text
    attachments: Listed[Id] = ()
    automatic: bool = False
    response_required: bool = True


class SendMessage(OrderCommand, Letter):
    """Someone writes about the order."""

    TYPE: ClassVar[str] = "messaging.send_message.v1"
    TOPIC: ClassVar[str] = MESSAGING_COMMANDS


class ResolveContact(OrderCommand):
    """The buyer says that the matter is settled."""

    TYPE: ClassVar[str] = "messaging.resolve_contact.v1"
    TOPIC: ClassVar[str] = MESSAGING_COMMANDS

    contact_id: Id


class MessageSent(PartyFact, Letter):
    """A message passed, as its author gave it; `command_id` and `actor` are the command's.

    `belongs_to` is the contact that it is part of, by its first name: `contact_id` may be another name of it,
    or of none (a message that needs no response, or on a canceled order).
    """

    TYPE: ClassVar[str] = "messaging.message_sent.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    command_id: Id
    actor: Actor
    channel: Channel
    belongs_to: Id | None = None


class ContactOpened(PartyFact):
    """The buyer raised an issue with `message_id`; two clocks run."""

    TYPE: ClassVar[str] = "messaging.contact_opened.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    contact_id: Id
    message_id: Id
    channel: Channel
    issue: MessageIssue
    opened_at: When
    respond_by: When
    resolve_by: When
    policy_id: Id


class ContactResponded(PartyFact):
    """The seller's first answer in person, by its date; said again if an earlier one is read later.

    `message_id` and `respond_by` spare a reader the search for the answer and for its clock.
    """

    TYPE: ClassVar[str] = "messaging.contact_responded.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    contact_id: Id
    message_id: Id
    responded_at: When
    respond_by: When


class ResponseOverdue(PartyFact):
    """No answer in person was read by `respond_by`."""

    TYPE: ClassVar[str] = "messaging.response_overdue.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    contact_id: Id
    respond_by: When


class ResolutionOverdue(PartyFact):
    """Not resolved by `resolve_by`; the contact stays open."""

    TYPE: ClassVar[str] = "messaging.resolution_overdue.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    contact_id: Id
    resolve_by: When


class ContactResolved(PartyFact):
    """The buyer says that it is settled, or was refunded in full: `cause` says which."""

    TYPE: ClassVar[str] = "messaging.contact_resolved.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    contact_id: Id
    resolved_at: When
    cause: ResolutionCause


class CommandRefused(Refused):
    """The answer to a command that messaging did not follow."""

    TYPE: ClassVar[str] = "messaging.command_refused.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    contact_id: Id | None = None
    message_id: Id | None = None


MESSAGES = (
    SendMessage,
    ResolveContact,
    MessageSent,
    ContactOpened,
    ContactResponded,
    ResponseOverdue,
    ResolutionOverdue,
    ContactResolved,
    CommandRefused,
)
