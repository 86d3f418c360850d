"""What can come of an input: what is said, what is only kept, which timers are asked for, and no."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from services.messaging.domain.model import (
    Channel,
    Issue,
    MoneyBack,
    Order,
    Parcel,
    ReceivedBy,
    ReturnAnswer,
    ReturnRequest,
    SentMessage,
    TimerKind,
    Units,
)
from shared.values import dataclass

# ------------------------------------------------------------------------------------- kept, and not said


@dataclass(frozen=True, slots=True)
class OrderNoted:
    """The order is known from now on."""

    order: Order


@dataclass(frozen=True, slots=True)
class ReleaseNoted:
    """The order can be written about."""

    released_at: datetime


@dataclass(frozen=True, slots=True)
class CancellationNoted:
    """No clock runs for the order any more."""

    canceled_at: datetime


@dataclass(frozen=True, slots=True)
class MoneyReturnNoted:
    """This much less is left to pay back."""

    money: MoneyBack


@dataclass(frozen=True, slots=True)
class ClaimNoted:
    """These order items are claimed."""

    claim_id: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReturnRequirementNoted:
    """What is claimed may be sent back from `at` on, whatever was answered."""

    claim_id: str
    at: datetime


# --------------------------------------------------------------------------------------------------- said


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A message passed. `contact` is the contact that it belongs to, if any, by its own id."""

    message: SentMessage
    contact: str | None
    channel: Channel = "buyer_seller_messages"


@dataclass(frozen=True, slots=True)
class ContactOpened:
    """Both clocks run from `opened_at`. Said before its message, which so names a contact that is known.

    `message_id` is None where a return request opened it.
    """

    contact_id: str
    message_id: str | None
    channel: Channel
    issue: Issue
    opened_at: datetime
    respond_by: datetime
    resolve_by: datetime
    policy_id: str


@dataclass(frozen=True, slots=True)
class ContactResponded:
    """The seller's first answer in person, by its date. Said again if an earlier one is read later.

    `message_id` is None where the return request itself was answered.
    """

    contact_id: str
    message_id: str | None
    responded_at: datetime
    respond_by: datetime


@dataclass(frozen=True, slots=True)
class ResponseOverdue:
    """No answer by `respond_by`, as far as was read by then."""

    contact_id: str
    respond_by: datetime


@dataclass(frozen=True, slots=True)
class ResolutionOverdue:
    """Not settled by `resolve_by`."""

    contact_id: str
    resolve_by: datetime


@dataclass(frozen=True, slots=True)
class ContactResolved:
    """The buyer, or support for the buyer, says that it is settled, or was refunded in full."""

    contact_id: str
    resolved_at: datetime
    cause: Literal["buyer", "refunded"]


@dataclass(frozen=True, slots=True)
class ReturnRequested:
    """The buyer asks to send units back. `contact` is the contact that it belongs to, by its own id."""

    request: ReturnRequest
    contact: str


@dataclass(frozen=True, slots=True)
class ReturnAnswered:
    """The seller answered: for all units that were requested and have no better answer."""

    answer: ReturnAnswer
    contact: str


@dataclass(frozen=True, slots=True)
class ReturnShipped:
    """The buyer sent these units back."""

    contact_id: str
    parcel: Parcel


@dataclass(frozen=True, slots=True)
class ReturnReceived:
    """A parcel is back: its seller says so (`command_id`), or a carrier's scan does.

    `lines`: all of the return that is back by now, so that a reader may keep the last it heard.
    """

    contact_id: str
    lines: tuple[Units, ...]
    carrier: str
    tracking_number: str
    received_at: datetime
    by: ReceivedBy
    command_id: str | None = None


# ------------------------------------------------------------------------------------------ timers, and no


@dataclass(frozen=True, slots=True)
class TimerSet:
    """Ask for a deadline."""

    kind: TimerKind
    subject_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class TimerCanceled:
    """A deadline that was asked for is not needed any more."""

    kind: TimerKind
    subject_id: str
    due_at: datetime


Reason: TypeAlias = Literal[
    "unknown_order",
    "in_the_future",
    "order_pending",
    "not_a_party",
    "not_the_buyer",
    "not_the_seller",
    "message_id_reused",
    "unknown_contact",
    "already_resolved",
    "too_large",
    "too_many_messages",
    "order_canceled",
    "unknown_line",
    "too_many_units",
    "incomplete_form",
    "no_return",
    "no_way_to_return",
    "already_answered",
    "not_authorised",
    "already_shipped_back",
    "not_shipped_back",
    "already_received",
]


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """No, by which rule, and why. `missing`: the fields that are to be filled."""

    command_id: str
    rule: str
    reason: Reason
    missing: tuple[str, ...] = ()


Noted: TypeAlias = (
    OrderNoted | ReleaseNoted | CancellationNoted | MoneyReturnNoted | ClaimNoted | ReturnRequirementNoted
)
OfReturn: TypeAlias = ReturnRequested | ReturnAnswered | ReturnShipped | ReturnReceived
OfContact: TypeAlias = (
    ContactOpened | ContactResponded | ResponseOverdue | ResolutionOverdue | ContactResolved
)
Said: TypeAlias = MessageSent | OfContact | OfReturn
Event: TypeAlias = Noted | Said | TimerSet | TimerCanceled | CommandRefused
