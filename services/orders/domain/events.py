"""What was decided. Most events leave the service as facts; those that say *kept* stay inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.orders.domain.model import (
    Actor,
    CanceledBy,
    CancelReason,
    Early,
    FileRow,
    Money,
    Placed,
    Quantity,
    Shipment,
    TimerKind,
)

RefusalReason = Literal[
    "in_the_future",
    "not_the_seller",
    "order_pending",
    "order_canceled",
    "shipment_id_reused",
    "too_late",
    "nothing_left",
    "unknown_line",
]
REFUSAL_RULES: Mapping[RefusalReason, str] = {
    "in_the_future": "T5",
    "not_the_seller": "O10",
    "order_pending": "O4",
    "order_canceled": "O10",
    "shipment_id_reused": "O10",
    "too_late": "O11",
    "nothing_left": "O10",
    "unknown_line": "O10",
}
"""Every "no" of this service, with its rule."""

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


@dataclass(frozen=True, slots=True)
class CancellationRefused:
    """The buyer asked too late, or when something was shipped: the seller sees the wish."""

    requested_at: datetime
    why: CancellationRefusal


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
    """A command was refused, by which rule and why. `params` fill the text and say what would help."""

    command_id: str
    shipment_id: str
    at: datetime
    reason: RefusalReason
    params: tuple[tuple[str, str | int | datetime], ...] = ()

    @property
    def rule(self) -> str:
        """The id of the rule that says no."""
        return REFUSAL_RULES[self.reason]


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
)
Event = (
    OrderEvent
    | StockEvent
    | EarlyNewsKept
    | VerificationKept
    | MilestoneKept
    | TimerSet
    | TimerCanceled
    | CommandRefused
)
