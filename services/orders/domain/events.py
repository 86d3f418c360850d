"""What was decided. Most events leave the service as facts; those that say *kept* stay inside."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from services.orders.domain.model import (
    Actor,
    Asked,
    CanceledBy,
    CancelReason,
    Early,
    FileRow,
    HeldRefund,
    Money,
    Placed,
    Plan,
    Quantity,
    RefundCause,
    Shipment,
    TimerKind,
)
from services.orders.domain.refusals import REFUSALS, CommandName, Param, RefusalReason
from shared.values import dataclass

CancellationRefusal = Literal["released", "shipped"]


@dataclass(frozen=True, slots=True)
class EarlyNewsKept:
    """News of an order that has not come yet was kept."""

    news: Early


@dataclass(frozen=True, slots=True)
class OrderReceived:
    """The order is Pending."""

    placed: Placed
    hold_ends_at: datetime
    verification_expires_at: datetime


@dataclass(frozen=True, slots=True)
class VerificationKept:
    """Payment is verified; the order may still be held."""

    verified_at: datetime


@dataclass(frozen=True, slots=True)
class VerificationDelayed:
    """Payment could not be verified yet, and may be tried again."""

    at: datetime
    cause: Literal["delayed", "failed"]


@dataclass(frozen=True, slots=True)
class OrderReleased:
    """The order is the seller's to ship; the dates are as moved by a late release."""

    at: datetime
    expected_ship_date: date
    delivery_from: date
    delivery_to: date
    confirm_by: datetime
    warn_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OrderCanceled:
    """Nothing of the order is left. `amount` is not to be charged."""

    at: datetime
    reason: CancelReason
    by: CanceledBy
    lines: tuple[Quantity, ...]
    counts_in_cancellation_rate: bool
    amount: Money
    claim_id: str | None = None
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class LinesCanceled:
    """Some of the order is canceled, the rest stands. `amount` is not to be charged."""

    at: datetime
    reason: CancelReason
    by: CanceledBy
    lines: tuple[Quantity, ...]
    counts_in_cancellation_rate: bool
    amount: Money
    claim_id: str | None = None
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class CancellationRefused:
    """The buyer asked too late, or when something was shipped: the seller sees the wish.

    No `lines` means the whole order.
    """

    requested_at: datetime
    why: CancellationRefusal
    lines: tuple[Quantity, ...] = ()
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class ShipmentConfirmed:
    """The seller confirmed a shipment."""

    at: datetime
    actor: Actor
    shipment: Shipment
    source: FileRow | None = None


@dataclass(frozen=True, slots=True)
class OrderShipped:
    """Every line that is not canceled is confirmed as shipped."""

    at: datetime


@dataclass(frozen=True, slots=True)
class PromiseChanged:
    """Valid tracking promises another delivery date for a shipment."""

    at: datetime
    shipment_id: str
    promised_date: date


@dataclass(frozen=True, slots=True)
class ShipmentDelivered:
    """A delivery scan of a shipment."""

    shipment_id: str
    lines: tuple[Quantity, ...]
    delivered_at: datetime


@dataclass(frozen=True, slots=True)
class OrderDelivered:
    """Every line that is not canceled is delivered."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ShipByWarned:
    """The seller must confirm by then, or the rest is canceled."""

    at: datetime
    confirm_by: datetime


@dataclass(frozen=True, slots=True)
class AddressChanged:
    """The order goes elsewhere, as `message_id` asked."""

    at: datetime
    asked: Asked
    message_id: str
    ship_to_country: str


@dataclass(frozen=True, slots=True)
class RefundRecorded:
    """The buyer is to be paid back. `refund_key` names what for: one refund has one key."""

    at: datetime
    refund_key: str
    lines: tuple[Quantity, ...]
    amount: Money
    cause: RefundCause
    claim_id: str | None = None
    contact_id: str | None = None
    asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class FeedbackLeft:
    """The buyer rated the order."""

    at: datetime
    asked: Asked
    rating: int
    text: str


@dataclass(frozen=True, slots=True)
class ChargebackOpened:
    """The buyer's bank takes the money back, for now."""

    at: datetime
    amount: Money


@dataclass(frozen=True, slots=True)
class ChargebackClosed:
    """The bank has decided; `amount` is what the buyer keeps."""

    at: datetime
    outcome: Literal["buyer_won", "seller_won"]
    amount: Money


@dataclass(frozen=True, slots=True)
class RequestKept:
    """The buyer or support asked by message for another address."""

    message_id: str


@dataclass(frozen=True, slots=True)
class ReturnKept:
    """What was to be returned on a contact is back with the seller."""

    contact_id: str
    lines: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class ExtraChargesKept:
    """A claim documents so much in extra charges."""

    claim_id: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class CompensationKept:
    """A claim pays the buyer so much for each of these lines."""

    compensation_id: str
    claim_id: str
    by_item: Mapping[str, int]

    @property
    def amount_minor(self) -> int:
        """The whole of it."""
        return sum(self.by_item.values())


@dataclass(frozen=True, slots=True)
class RefundHeld:
    """A chargeback holds what the buyer is due: it is paid back when that ends, as far as it is left."""

    held: HeldRefund


@dataclass(frozen=True, slots=True)
class HeldRefundDropped:
    """Nothing is left to pay back: the buyer has it from the bank."""

    refund_key: str


@dataclass(frozen=True, slots=True)
class SellerKept:
    """Accounts said which plan a seller has."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class TimerSet:
    """A timer of this order is wanted."""

    kind: TimerKind
    due_at: datetime


@dataclass(frozen=True, slots=True)
class TimerCanceled:
    """A timer of this order is no longer wanted."""

    kind: TimerKind
    due_at: datetime


@dataclass(frozen=True, slots=True)
class StockKept:
    """The catalogue set the quantity of a sku."""

    seller_id: str
    sku: str
    quantity: int
    at: datetime


@dataclass(frozen=True, slots=True)
class StockReserved:
    """Units of a sku are taken for an order."""

    seller_id: str
    sku: str
    quantity: int
    at: datetime


@dataclass(frozen=True, slots=True)
class StockReleased:
    """Units of a sku are given back by an order."""

    seller_id: str
    sku: str
    quantity: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ListingWithdrawn:
    """A listing reached zero and leaves the offer page."""

    seller_id: str
    sku: str
    quantity: int
    at: datetime


@dataclass(frozen=True, slots=True)
class ListingRestored:
    """A withdrawn listing has units again."""

    seller_id: str
    sku: str
    quantity: int
    at: datetime


@dataclass(frozen=True, slots=True)
class MilestoneKept:
    """A delivery, or the newest promise of one, was kept with its tracking number."""

    occurred_at: datetime
    promised_date: date | None


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A command was refused, and why. `params` fill the text and say what would help.

    `subject_id` is the shipment or the message that the command named, if it named one.
    """

    command: CommandName
    command_id: str
    at: datetime
    reason: RefusalReason
    params: tuple[tuple[str, Param], ...] = ()
    subject_id: str | None = None

    @property
    def rule(self) -> str:
        """The id of the rule that says no."""
        return REFUSALS[self.command][self.reason]


StockEvent = StockKept | StockReserved | StockReleased | ListingWithdrawn | ListingRestored
OrderEvent = (
    OrderReceived
    | VerificationDelayed
    | OrderReleased
    | OrderCanceled
    | LinesCanceled
    | CancellationRefused
    | ShipmentConfirmed
    | OrderShipped
    | PromiseChanged
    | ShipmentDelivered
    | OrderDelivered
    | ShipByWarned
    | AddressChanged
    | RefundRecorded
    | FeedbackLeft
    | ChargebackOpened
    | ChargebackClosed
)
HeardEvent = RequestKept | ReturnKept | ExtraChargesKept | CompensationKept | RefundHeld | HeldRefundDropped
Event = (
    OrderEvent
    | StockEvent
    | HeardEvent
    | EarlyNewsKept
    | VerificationKept
    | MilestoneKept
    | SellerKept
    | TimerSet
    | TimerCanceled
    | CommandRefused
)
