"""Everything that comes in: facts heard, commands, and deadlines that fired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.orders.domain.model import (
    Actor,
    CancellationRequested,
    FileRow,
    Label,
    MilestoneKind,
    PaymentNews,
    Placed,
    Quantity,
    TimerKind,
)


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
class ClaimGranted:
    """A claim for these lines was granted: what of them is not yet shipped, never will be."""

    claim_id: str
    lines: tuple[Quantity, ...]
    at: datetime


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


@dataclass(frozen=True, slots=True)
class DeadlineExpired:
    """A timer that was set for this order fired."""

    kind: TimerKind
    due_at: datetime


Input = (
    OrderPlaced
    | PaymentNews
    | CancellationRequested
    | ListingStocked
    | Milestone
    | ClaimGranted
    | ConfirmShipment
    | DeadlineExpired
)
