"""Orders: its commands and its facts."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field
from pydantic.functional_validators import AfterValidator
from pydantic.types import StringConstraints

from shared.contracts.checkout import Address, Items
from shared.contracts.data import (
    ID_CHARACTERS_MAX,
    LIST_ITEMS_MAX,
    Actor,
    Count,
    Country,
    Day,
    Id,
    Listed,
    OrderCommand,
    Part,
    PersonsText,
    Text,
    When,
)
from shared.contracts.facts import Line, Refused, StateFact
from shared.contracts.lists import (
    CanceledBy,
    CancellationReason,
    ChargebackOutcome,
    Fulfilment,
    Label,
    RefundCause,
)
from shared.contracts.money import Money
from shared.contracts.topics import ORDERS_COMMANDS, ORDERS_EVENTS


def _filled(text: str) -> str | None:
    return text or None


Named = Annotated[
    Annotated[str, StringConstraints(max_length=ID_CHARACTERS_MAX, pattern=r"^[^\x00]*$")] | None,
    AfterValidator(_filled),
]
"""A name that sellers may leave out or empty, which is the same."""
Lines = Annotated[tuple[Line, ...], Field(min_length=1, max_length=LIST_ITEMS_MAX)]
Rating = Annotated[int, Field(ge=1, le=5)]


class FileRow(Part):
    """The row of a Shipping Confirmation file that a confirmation came from."""

    file_id: Id
    row: Count


class Shipment(Part):
    """What a seller says of a shipment. Untracked, it has no number; a row of a file may have a date only."""

    shipment_id: Id
    carrier: Named = None
    method: Named = None
    tracking_number: Named = None
    shipped_at: When
    label: Label = "seller"
    lines: Listed[Line] = ()
    source: FileRow | None = None


class ConfirmShipment(OrderCommand, Shipment):
    """The seller says that it is on its way; no lines: all that is left."""

    TYPE: ClassVar[str] = "orders.confirm_shipment.v1"
    TOPIC: ClassVar[str] = ORDERS_COMMANDS


class CancelOrder(OrderCommand):
    """The seller cancels what is not confirmed as shipped (O9), or the buyer asks for it (O2); no lines: all."""

    TYPE: ClassVar[str] = "orders.cancel_order.v1"
    TOPIC: ClassVar[str] = ORDERS_COMMANDS

    reason: PersonsText
    lines: Listed[Line] = ()


class ChangeAddress(OrderCommand):
    """Ship to another address, as the buyer or support asked in `message_id` (O13)."""

    TYPE: ClassVar[str] = "orders.change_address.v1"
    TOPIC: ClassVar[str] = ORDERS_COMMANDS

    message_id: Id
    ship_to: Address


class RefundOrder(OrderCommand):
    """The seller gives money back for these lines, or for the whole order when none is named (O17)."""

    TYPE: ClassVar[str] = "orders.refund_order.v1"
    TOPIC: ClassVar[str] = ORDERS_COMMANDS

    lines: Listed[Line] = ()
    amount: Money
    reason: PersonsText


class LeaveFeedback(OrderCommand):
    """The buyer rates the order: 1 and 2 are negative (H1)."""

    TYPE: ClassVar[str] = "orders.leave_feedback.v1"
    TOPIC: ClassVar[str] = ORDERS_COMMANDS

    rating: Rating
    text: PersonsText = ""


class OrderReceived(StateFact):
    """An order was placed and is pending. It has all of `order_placed` but the address."""

    TYPE: ClassVar[str] = "orders.order_received.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    marketplace_id: Id
    placed_at: When
    fulfilment: Fulfilment
    items: Items
    ship_to_country: Country
    ship_from_country: Country
    ship_method: Text
    expected_ship_date: Day
    delivery_from: Day
    delivery_to: Day
    policy_id: Id


class VerificationDelayed(StateFact):
    """Payment verification is delayed, or failed and may be tried again; `cause` keeps the two apart."""

    TYPE: ClassVar[str] = "orders.verification_delayed.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    cause: Literal["delayed", "failed"]


class OrderReleased(StateFact):
    """Held long enough and verified; the dates as moved by a late release.

    `confirm_by` is the cutoff of O11, which the running deadline is later than by the time to settle.
    """

    TYPE: ClassVar[str] = "orders.order_released.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    expected_ship_date: Day
    delivery_from: Day
    delivery_to: Day
    confirm_by: When


class Cancellation(StateFact):
    """Lines that are canceled, why, by whom, and what is not to be charged for them.

    `claim_id` is the claim whose grant canceled them, so that it is seen to be applied once. `actor` and `note`
    (what they gave as their reason) are there when somebody's command canceled them.
    """

    lines: Lines
    reason: CancellationReason
    by: CanceledBy
    counts_in_cancellation_rate: bool
    amount: Money
    claim_id: Id | None = None
    command_id: Id | None = None
    actor: Actor | None = None
    note: PersonsText | None = None


class OrderCanceled(Cancellation):
    """Nothing of the order is left."""

    TYPE: ClassVar[str] = "orders.order_canceled.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS


class LinesCanceled(Cancellation):
    """Some lines, or some of their quantity, are canceled; the rest of the order goes on."""

    TYPE: ClassVar[str] = "orders.lines_canceled.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS


class CancellationRefused(StateFact):
    """The buyer wished to cancel at `requested_at`, too late for `reason`; the seller sees the wish.

    `lines` are those wished for; absent: the whole order. `actor` and `note` (what they gave as their reason) are
    there when somebody's command asked.
    """

    TYPE: ClassVar[str] = "orders.cancellation_refused.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    requested_at: When
    reason: Literal["released", "shipped"]
    lines: Listed[Line] | None = None
    command_id: Id | None = None
    actor: Actor | None = None
    note: PersonsText | None = None


class ShipmentConfirmed(StateFact, Shipment):
    """A shipment is confirmed; `lines` are those that it took. `command_id` and `actor` are the command's."""

    TYPE: ClassVar[str] = "orders.shipment_confirmed.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    command_id: Id
    actor: Actor
    tracking_valid: bool
    trackable: bool


class OrderShipped(StateFact):
    """Every line not canceled is confirmed as shipped."""

    TYPE: ClassVar[str] = "orders.order_shipped.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS


class PromiseChanged(StateFact):
    """Valid tracking promises this delivery date for the shipment."""

    TYPE: ClassVar[str] = "orders.promise_changed.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    shipment_id: Id
    promised_date: Day


class ShipmentDelivered(StateFact):
    """A carrier's scan says that the shipment was delivered."""

    TYPE: ClassVar[str] = "orders.shipment_delivered.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    shipment_id: Id
    lines: Lines
    delivered_at: When


class OrderDelivered(StateFact):
    """Every line not canceled is delivered."""

    TYPE: ClassVar[str] = "orders.order_delivered.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS


class ShipByWarned(StateFact):
    """Confirm as shipped by then, or what is left is canceled."""

    TYPE: ClassVar[str] = "orders.ship_by_warned.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    confirm_by: When


class AddressChanged(StateFact):
    """The order goes to another address, asked for in `message_id`. The address itself is in the command."""

    TYPE: ClassVar[str] = "orders.address_changed.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    command_id: Id
    actor: Actor
    message_id: Id
    ship_to_country: Country


class RefundRecorded(StateFact):
    """The buyer is to be paid back `amount` for `lines`; upstream payment acts on it.

    `cause` says why: the seller's own command, a claim that the seller refunds, or a return. `claim_id` or
    `contact_id` name that claim or return.
    """

    TYPE: ClassVar[str] = "orders.refund_recorded.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    refund_id: Id
    lines: Lines
    amount: Money
    cause: RefundCause
    claim_id: Id | None = None
    contact_id: Id | None = None
    command_id: Id | None = None
    actor: Actor | None = None
    note: PersonsText | None = None


class FeedbackLeft(StateFact):
    """The buyer rated the order."""

    TYPE: ClassVar[str] = "orders.feedback_left.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    command_id: Id
    actor: Actor
    rating: Rating
    text: PersonsText = ""


class ChargebackOpened(StateFact):
    """The buyer's bank takes the money back, for now: no claim is decided meanwhile (C16)."""

    TYPE: ClassVar[str] = "orders.chargeback_opened.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    amount: Money


class ChargebackClosed(StateFact):
    """The bank has decided. If the buyer won, `amount` is what the buyer keeps of it."""

    TYPE: ClassVar[str] = "orders.chargeback_closed.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    outcome: ChargebackOutcome
    amount: Money


class CommandRefused(Refused):
    """The answer to a command that orders did not follow."""

    TYPE: ClassVar[str] = "orders.command_refused.v1"
    TOPIC: ClassVar[str] = ORDERS_EVENTS

    shipment_id: Id | None = None
    message_id: Id | None = None


MESSAGES = (
    ConfirmShipment,
    CancelOrder,
    ChangeAddress,
    RefundOrder,
    LeaveFeedback,
    OrderReceived,
    VerificationDelayed,
    OrderReleased,
    OrderCanceled,
    LinesCanceled,
    CancellationRefused,
    ShipmentConfirmed,
    OrderShipped,
    PromiseChanged,
    ShipmentDelivered,
    OrderDelivered,
    ShipByWarned,
    AddressChanged,
    RefundRecorded,
    FeedbackLeft,
    ChargebackOpened,
    ChargebackClosed,
    CommandRefused,
)
