"""What comes in: facts of other services, commands, deadlines."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from services.messaging.domain.model import Actor, Answer, Issue, Line, MoneyBack, TimerKind, Units
from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class OrderReceived:
    """The order exists; it is `Pending` until it is released."""

    order_id: str
    marketplace_id: str
    buyer_id: str
    seller_id: str
    placed_at: datetime
    ship_to_country: str
    lines: tuple[Line, ...]


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
    """Lines were canceled and are not charged, or the buyer got money back."""

    money: MoneyBack


@dataclass(frozen=True, slots=True)
class ClaimFiled:
    """The buyer claims for these order items."""

    claim_id: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReturnRequired:
    """The seller refunds a claim once the item is back: that is as good as an authorisation (C8)."""

    claim_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ParcelDelivered:
    """A carrier delivered a parcel of this number, at each of these instants: numbers are used again."""

    carrier: str
    tracking_number: str
    delivered_at: tuple[datetime, ...]


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
class RequestReturn:
    """The buyer asks to send units back."""

    command_id: str
    at: datetime
    actor: Actor
    contact_id: str
    lines: tuple[Units, ...]
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class AnswerReturn:
    """The seller authorises the return, refunds without it, or declines."""

    command_id: str
    at: datetime
    actor: Actor
    contact_id: str
    answer: Answer
    return_address_country: str | None
    prepaid_label: bool
    text: str


@dataclass(frozen=True, slots=True)
class ShipReturn:
    """The buyer sent it back."""

    command_id: str
    at: datetime
    actor: Actor
    contact_id: str
    carrier: str
    tracking_number: str


@dataclass(frozen=True, slots=True)
class ReceiveReturn:
    """The seller has it back."""

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


Fact: TypeAlias = (
    OrderReceived
    | OrderReleased
    | OrderCanceled
    | MoneyReturned
    | ClaimFiled
    | ReturnRequired
    | ParcelDelivered
)
ReturnCommand: TypeAlias = AnswerReturn | ShipReturn | ReceiveReturn
Command: TypeAlias = SendMessage | ResolveContact | RequestReturn | ReturnCommand
Input: TypeAlias = Fact | Command | DeadlineExpired
