"""Messaging: its commands and its facts."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.data import (
    LIST_ITEMS_MAX,
    Actor,
    Country,
    Id,
    Listed,
    OrderCommand,
    Part,
    PersonsText,
    When,
)
from shared.contracts.facts import Line, PartyFact, Refused
from shared.contracts.lists import Channel, MessageIssue, ReceivedBy, ResolutionCause, ReturnAnswer
from shared.contracts.topics import MESSAGING_COMMANDS, MESSAGING_EVENTS

Lines = Annotated[tuple[Line, ...], Field(min_length=1, max_length=LIST_ITEMS_MAX)]


class Letter(Part):
    """What someone writes. `automatic` is no answer in person; one that needs no response starts no clock."""

    message_id: Id
    contact_id: Id
    issue: MessageIssue
    text: PersonsText
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


class ReturnForm(Part):
    """What a return request says: which lines, why, and in the buyer's own words."""

    contact_id: Id
    lines: Lines
    reason: PersonsText
    text: PersonsText = ""


class RequestReturn(OrderCommand, ReturnForm):
    """The buyer, or support for the buyer, asks to return these lines (M4)."""

    TYPE: ClassVar[str] = "messaging.request_return.v1"
    TOPIC: ClassVar[str] = MESSAGING_COMMANDS


class AnswerForm(Part):
    """How the seller answers a return request. A return needs a domestic address or a prepaid label (M4)."""

    contact_id: Id
    answer: ReturnAnswer
    return_address_country: Country | None = None
    prepaid_label: bool = False
    text: PersonsText = ""


class AnswerReturn(OrderCommand, AnswerForm):
    """The seller authorises the return, refunds without it, or declines with a reason."""

    TYPE: ClassVar[str] = "messaging.answer_return.v1"
    TOPIC: ClassVar[str] = MESSAGING_COMMANDS


class ShipReturn(OrderCommand):
    """The buyer sent it back."""

    TYPE: ClassVar[str] = "messaging.ship_return.v1"
    TOPIC: ClassVar[str] = MESSAGING_COMMANDS

    contact_id: Id
    carrier: Id
    tracking_number: Id


class ReceiveReturn(OrderCommand):
    """The seller has it back."""

    TYPE: ClassVar[str] = "messaging.receive_return.v1"
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
    """The buyer raised an issue, with `message_id` or a return request; two clocks run."""

    TYPE: ClassVar[str] = "messaging.contact_opened.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    contact_id: Id
    message_id: Id | None = None
    channel: Channel
    issue: MessageIssue
    opened_at: When
    respond_by: When
    resolve_by: When
    policy_id: Id


class ContactResponded(PartyFact):
    """The seller's first answer in person, by its date; said again if an earlier one is read later.

    `message_id` (absent when the return request itself was answered) and `respond_by` spare a reader the search
    for the answer and for its clock.
    """

    TYPE: ClassVar[str] = "messaging.contact_responded.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    contact_id: Id
    message_id: Id | None = None
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


class ReturnRequested(PartyFact, ReturnForm):
    """The buyer asks to return these lines. `belongs_to` is the contact, by its first name."""

    TYPE: ClassVar[str] = "messaging.return_requested.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    command_id: Id
    actor: Actor
    belongs_to: Id


class ReturnAnswered(PartyFact, AnswerForm):
    """The seller answered a return request, dated `answered_at`, for `lines`: all that have no better answer."""

    TYPE: ClassVar[str] = "messaging.return_answered.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    command_id: Id
    actor: Actor
    lines: Lines
    answered_at: When


class ReturnShipped(PartyFact):
    """The buyer sent `lines` back in one parcel. `tracking_valid`: the number has its carrier's form (O15)."""

    TYPE: ClassVar[str] = "messaging.return_shipped.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    command_id: Id
    actor: Actor
    contact_id: Id
    lines: Lines
    carrier: Id
    tracking_number: Id
    tracking_valid: bool
    shipped_at: When


class ReturnReceived(PartyFact):
    """The seller has it back: the seller says so, or a carrier's scan does.

    `lines` are all of this return that is back by now; the carrier and number are those of the parcel.
    """

    TYPE: ClassVar[str] = "messaging.return_received.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    contact_id: Id
    lines: Lines
    by: ReceivedBy
    received_at: When
    command_id: Id | None = None
    carrier: Id | None = None
    tracking_number: Id | None = None


class CommandRefused(Refused):
    """The answer to a command that messaging did not follow."""

    TYPE: ClassVar[str] = "messaging.command_refused.v1"
    TOPIC: ClassVar[str] = MESSAGING_EVENTS

    contact_id: Id | None = None
    message_id: Id | None = None


MESSAGES = (
    SendMessage,
    ResolveContact,
    RequestReturn,
    AnswerReturn,
    ShipReturn,
    ReceiveReturn,
    MessageSent,
    ContactOpened,
    ContactResponded,
    ResponseOverdue,
    ResolutionOverdue,
    ContactResolved,
    ReturnRequested,
    ReturnAnswered,
    ReturnShipped,
    ReturnReceived,
    CommandRefused,
)
