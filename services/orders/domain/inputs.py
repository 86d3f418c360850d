"""Everything that comes in: facts heard, commands, and deadlines that fired."""

from __future__ import annotations

from datetime import date, datetime

from services.orders.domain.model import (
    Actor,
    CancellationRequested,
    ChargebackNews,
    FileRow,
    Label,
    MilestoneKind,
    Money,
    PaymentNews,
    Placed,
    Plan,
    Quantity,
    TimerKind,
)
from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """Checkout published an order."""

    placed: Placed


@dataclass(frozen=True, slots=True)
class ListingStocked:
    """The catalogue sets what a seller has of a sku."""

    seller_id: str
    sku: str
    quantity: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Milestone:
    """A carrier scanned a parcel."""

    carrier: str
    tracking_number: str
    milestone: MilestoneKind
    occurred_at: datetime
    promised_date: date | None = None


@dataclass(frozen=True, slots=True)
class SellerRegistered:
    """Accounts say which plan a seller has."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class ClaimFiled:
    """A claim documents extra charges, which may be paid beyond what the order cost (C15)."""

    claim_id: str
    extra: Money


@dataclass(frozen=True, slots=True)
class ClaimGranted:
    """A claim for these lines was granted: what of them is not yet shipped, never will be.

    `compensation` is what the buyer is paid now; `compensation_id` names that payment. An appeal that reverses a
    denial grants too; one that only reverses whose money it was does not: `is_grant` says which.
    """

    claim_id: str
    lines: tuple[Quantity, ...]
    at: datetime
    compensation: Money
    compensation_id: str
    is_grant: bool = True


@dataclass(frozen=True, slots=True)
class ClaimRefunded:
    """The seller refunds a claim in full (C8)."""

    claim_id: str
    lines: tuple[Quantity, ...]
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class AddressRequested:
    """The buyer, or support for the buyer, asked by message for another address."""

    message_id: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class ReturnWaived:
    """The seller refunds what was to be returned, and does not want it back (M4); `answer_id` is the command.

    Of one return, some lines may be waived today and others, asked for later, tomorrow.
    """

    contact_id: str
    answer_id: str
    lines: tuple[Quantity, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ReturnReceived:
    """What was to be returned is back with the seller (M4)."""

    contact_id: str
    lines: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """The seller cancels what is not shipped, or the buyer asks for it; no lines means all that is left."""

    command_id: str
    at: datetime
    actor: Actor
    note: str = ""
    lines: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangeAddress:
    """Ship elsewhere, as asked by message. Only the country of the new address comes so far."""

    command_id: str
    at: datetime
    actor: Actor
    message_id: str
    ship_to_country: str


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """The seller gives money back for these lines; no lines means the whole order."""

    command_id: str
    at: datetime
    actor: Actor
    amount: Money
    note: str = ""
    lines: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True)
class LeaveFeedback:
    """The buyer rates the order, from 1 to 5."""

    command_id: str
    at: datetime
    actor: Actor
    rating: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmShipment:
    """The seller says that these lines are on their way; no lines means all that is left.

    What the seller leaves out (carrier, method, number) is empty.
    """

    command_id: str
    at: datetime
    actor: Actor
    shipment_id: str
    carrier: str
    method: str
    tracking_number: str
    shipped_at: datetime
    label: Label = "seller"
    lines: tuple[Quantity, ...] = ()
    source: FileRow | None = None


Command = ConfirmShipment | CancelOrder | ChangeAddress | RefundOrder | LeaveFeedback
"""What people want; each is answered."""


@dataclass(frozen=True, slots=True)
class DeadlineExpired:
    """A timer that was set for this order fired."""

    kind: TimerKind
    due_at: datetime


Input = (
    OrderPlaced
    | PaymentNews
    | CancellationRequested
    | ChargebackNews
    | ListingStocked
    | Milestone
    | SellerRegistered
    | ClaimFiled
    | ClaimGranted
    | ClaimRefunded
    | AddressRequested
    | ReturnWaived
    | ReturnReceived
    | Command
    | DeadlineExpired
)
