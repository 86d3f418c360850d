"""What comes in, what is known of an order's conversation, and what can come of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

Channel: TypeAlias = Literal["buyer_seller_messages", "return_requests"]
Issue: TypeAlias = Literal["delivery", "product", "address_change", "other"]
ActorKind: TypeAlias = Literal["buyer", "seller", "support", "investigator", "operator"]
TimerKind: TypeAlias = Literal["response_due", "resolution_due"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's smallest unit."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something. Support acts for the buyer (M1)."""

    kind: ActorKind
    id: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers of the policy in force when the contact was opened (P1)."""

    policy_id: str
    ahead: timedelta
    response_window: timedelta
    resolution_window: timedelta


# ------------------------------------------------------------------------------------------ what comes in


@dataclass(frozen=True, slots=True)
class OrderReceived:
    """The order exists; it is `Pending` until it is released."""

    order_id: str
    marketplace_id: str
    buyer_id: str
    seller_id: str
    placed_at: datetime
    paid: Money


@dataclass(frozen=True, slots=True)
class OrderReleased:
    """The hold is over and the payment verified: from here on the seller can be written to."""

    at: datetime


@dataclass(frozen=True, slots=True)
class OrderCanceled:
    """Nothing of the order is left."""

    at: datetime


@dataclass(frozen=True, slots=True)
class MoneyReturned:
    """Lines were canceled and are not charged, or the buyer got money back; `return_id` knows it again."""

    return_id: str
    at: datetime
    amount: Money


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Someone writes about the order."""

    command_id: str
    at: datetime
    actor: Actor
    message_id: str
    contact_id: str
    issue: Issue
    text: str
    attachments: tuple[str, ...]
    automatic: bool
    response_required: bool


@dataclass(frozen=True, slots=True)
class ResolveContact:
    """The buyer says that the matter is settled."""

    command_id: str
    at: datetime
    actor: Actor
    contact_id: str


@dataclass(frozen=True, slots=True)
class DeadlineExpired:
    """A timer that was set for a contact has fired; it asks whether that still matters (T2)."""

    kind: TimerKind
    subject_id: str
    due_at: datetime


Fact: TypeAlias = OrderReceived | OrderReleased | OrderCanceled | MoneyReturned
Command: TypeAlias = SendMessage | ResolveContact
Input: TypeAlias = Fact | Command | DeadlineExpired


# ------------------------------------------------------------------------------------ the dossier: heard


@dataclass(frozen=True, slots=True)
class Order:
    """What messaging needs to know of an order. `left` is what the buyer paid and has not got back."""

    order_id: str
    marketplace_id: str
    buyer_id: str
    seller_id: str
    placed_at: datetime
    left: Money
    returns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PendingOrder:
    """Held or being verified: nobody can write to the seller yet (M5)."""

    order: Order
    shape: Literal["pending"] = "pending"


@dataclass(frozen=True, slots=True)
class ReleasedOrder:
    """The seller's to fulfil, from `released_at` on."""

    order: Order
    released_at: datetime
    shape: Literal["released"] = "released"


@dataclass(frozen=True, slots=True)
class CanceledOrder:
    """Messages still pass, without clocks (M5)."""

    order: Order
    canceled_at: datetime
    shape: Literal["canceled"] = "canceled"


Dossier: TypeAlias = PendingOrder | ReleasedOrder | CanceledOrder


# ------------------------------------------------------------------------------ the conversation: decided


@dataclass(frozen=True, slots=True)
class SentMessage:
    """One message, kept as evidence. `contact_id` is the name that its author gave to the contact."""

    message_id: str
    contact_id: str
    author: Actor
    at: datetime
    issue: Issue
    text: str
    attachments: tuple[str, ...]
    automatic: bool
    response_required: bool


@dataclass(frozen=True, slots=True)
class ResponseAwaited:
    """The seller has not answered in person."""

    shape: Literal["awaited"] = "awaited"


@dataclass(frozen=True, slots=True)
class ResponseMissed:
    """The response window passed without an answer that we have read."""

    shape: Literal["missed"] = "missed"


@dataclass(frozen=True, slots=True)
class Responded:
    """The seller's first answer in person is dated `at`, in time or not."""

    at: datetime
    shape: Literal["responded"] = "responded"


Response: TypeAlias = ResponseAwaited | ResponseMissed | Responded


@dataclass(frozen=True, slots=True)
class Unresolved:
    """The buyer has not said that it is settled."""

    shape: Literal["unresolved"] = "unresolved"


@dataclass(frozen=True, slots=True)
class ResolutionMissed:
    """The resolution window passed; the contact stays open."""

    shape: Literal["missed"] = "missed"


@dataclass(frozen=True, slots=True)
class Resolved:
    """Settled at `at`: the contact is closed, and both clocks stand."""

    at: datetime
    shape: Literal["resolved"] = "resolved"


Resolution: TypeAlias = Unresolved | ResolutionMissed | Resolved


@dataclass(frozen=True, slots=True)
class Contact:
    """One issue of one order in one channel, with its two clocks (M2). `names`: every id that it goes by."""

    contact_id: str
    names: tuple[str, ...]
    channel: Channel
    issue: Issue
    opened_at: datetime
    respond_by: datetime
    resolve_by: datetime
    policy_id: str
    response: Response = ResponseAwaited()
    resolution: Resolution = Unresolved()


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything that was written about the order, and the contacts that came of it."""

    messages: tuple[SentMessage, ...] = ()
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderState:
    """All that messaging keeps of one order."""

    dossier: Dossier
    conversation: Conversation = Conversation()


# --------------------------------------------------------------------------------------- what comes of it


@dataclass(frozen=True, slots=True)
class OrderNoted:
    """The order is known from now on (kept, not said)."""

    order: Order


@dataclass(frozen=True, slots=True)
class ReleaseNoted:
    """The order can be written about (kept, not said)."""

    released_at: datetime


@dataclass(frozen=True, slots=True)
class CancellationNoted:
    """No clock runs for the order any more (kept, not said)."""

    canceled_at: datetime


@dataclass(frozen=True, slots=True)
class MoneyReturnNoted:
    """This much less is left to pay back (kept, not said)."""

    return_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A message passed. `contact` is the contact that it belongs to, if any, by its own id."""

    message: SentMessage
    contact: str | None


@dataclass(frozen=True, slots=True)
class ContactOpened:
    """Both clocks run from `opened_at`. Said before its message, which so names a contact that is known."""

    contact_id: str
    message_id: str
    channel: Channel
    issue: Issue
    opened_at: datetime
    respond_by: datetime
    resolve_by: datetime
    policy_id: str


@dataclass(frozen=True, slots=True)
class ContactResponded:
    """The seller's first answer in person, by its date. Said again if an earlier one is read later."""

    contact_id: str
    message_id: str
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
    "message_id_reused",
    "unknown_contact",
    "already_resolved",
    "too_large",
    "too_many_messages",
]


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """No, by which rule, and why."""

    command_id: str
    rule: str
    reason: Reason


Event: TypeAlias = (
    OrderNoted
    | ReleaseNoted
    | CancellationNoted
    | MoneyReturnNoted
    | MessageSent
    | ContactOpened
    | ContactResponded
    | ResponseOverdue
    | ResolutionOverdue
    | ContactResolved
    | TimerSet
    | TimerCanceled
    | CommandRefused
)
