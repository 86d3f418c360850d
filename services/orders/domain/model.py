"""What an order is while it waits, while it ships, and when it is canceled; and what stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import date, datetime, timedelta
from typing import Literal

from shared.values import dataclass

Fulfilment = Literal["seller", "marketplace"]
Label = Literal["seller", "marketplace"]
Status = Literal["Pending", "Unshipped", "PartiallyShipped", "Shipped", "Delivered", "Canceled"]
Verdict = Literal["verified", "delayed", "failed", "refused", "fraud"]
CancelReason = Literal[
    "buyer",
    "out_of_stock",
    "payment_refused",
    "fraud",
    "verification_expired",
    "ship_confirmation_expired",
    "seller",
    "claim_granted",
]
CanceledBy = Literal["buyer", "seller", "support", "payment", "marketplace"]
RefundCause = Literal["seller", "claim", "return"]
ChargebackNewsKind = Literal["opened", "buyer_won", "seller_won"]
Plan = Literal["professional", "individual"]
TimerKind = Literal["hold_end", "verification_due", "ship_by_warning", "ship_confirmation_due"]
MilestoneKind = Literal["accepted", "in_transit", "out_for_delivery", "delivered", "exception", "returned"]


@dataclass(frozen=True, slots=True)
class Money:
    """Integer minor units of one currency."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier that the marketplace knows: its untracked methods, in small letters, and its numbers' form."""

    untracked: frozenset[str]
    has_form: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers of this domain: of the policy in force when the order was placed, and of its marketplace.

    `carriers`: the known carriers by their code in capitals.
    """

    policy_id: str
    time_zone: str
    hold: timedelta
    verification: timedelta
    ship_confirmation: timedelta
    ship_confirmation_from: Literal["order_date", "expected_ship_date"]
    ship_confirmation_settle: timedelta
    ship_by_warning: timedelta
    ahead_max: timedelta
    ship_date_after_scan_max: timedelta
    carriers: Mapping[str, Carrier]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gives a command."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose command led to something, and what they gave as their reason."""

    command_id: str
    actor: Actor
    note: str = ""


@dataclass(frozen=True, slots=True)
class FileRow:
    """The row of a Shipping Confirmation file that a command came from."""

    file_id: str
    row: int


@dataclass(frozen=True, slots=True)
class Line:
    """One order item. `unit_price` is for one unit; `shipping` and `tax` are for the line."""

    order_item_id: str
    sku: str
    title: str
    quantity: int
    unit_price: Money
    shipping: Money
    tax: Money

    def amount_of(self, units: int) -> int:
        """Return what was paid for the first `units` units: in proportion, rounded down; all for all."""
        extras = (self.shipping.amount_minor * units // self.quantity) + (
            self.tax.amount_minor * units // self.quantity
        )
        return self.unit_price.amount_minor * units + extras

    @property
    def paid_minor(self) -> int:
        """What was paid for the whole line."""
        return self.amount_of(self.quantity)


@dataclass(frozen=True, slots=True)
class Quantity:
    """So many units of an order item."""

    order_item_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Placed:
    """An order as checkout published it, with the policy that it is judged by. No address, no name."""

    order_id: str
    marketplace_id: str
    policy_id: str
    buyer_id: str
    seller_id: str
    placed_at: datetime
    fulfilment: Fulfilment
    lines: tuple[Line, ...]
    ship_to_country: str
    ship_from_country: str
    ship_method: str
    expected_ship_date: date
    delivery_from: date
    delivery_to: date

    @property
    def currency(self) -> str:
        """The one currency of the order."""
        return self.lines[0].unit_price.currency

    @property
    def by_item(self) -> Mapping[str, Line]:
        """The lines by their order item."""
        return {line.order_item_id: line for line in self.lines}


@dataclass(frozen=True, slots=True)
class Promise:
    """A delivery date that the carrier's tracking promised, and the time of the scan that said so."""

    delivery_date: date
    promised_at: datetime


@dataclass(frozen=True, slots=True)
class Shipment:
    """One confirmed shipment, as its seller wrote it. `promised_date`: the last by valid tracking."""

    shipment_id: str
    command_id: str
    carrier: str
    method: str
    tracking_number: str
    shipped_at: datetime
    label: Label
    lines: tuple[Quantity, ...]
    tracking_valid: bool
    trackable: bool
    promised_date: date | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaymentNews:
    """What payment says of an order, as it came."""

    verdict: Verdict
    at: datetime


@dataclass(frozen=True, slots=True)
class CancellationRequested:
    """The buyer asks, at checkout, that the order be canceled."""

    requested_at: datetime


@dataclass(frozen=True, slots=True)
class ChargebackNews:
    """The buyer's bank takes the money back for now, or has decided; `amount` is what the buyer keeps then."""

    outcome: ChargebackNewsKind
    at: datetime
    amount: Money


Early = PaymentNews | CancellationRequested | ChargebackNews


@dataclass(frozen=True, slots=True)
class Unplaced:
    """News came of an order before the order itself: it is kept, and told when the order comes."""

    early: tuple[Early, ...] = ()
    shape: Literal["unplaced"] = "unplaced"


@dataclass(frozen=True, slots=True)
class Pending:
    """Held, or not yet verified. Nothing of it may be shipped. `canceled` counts units by order item."""

    placed: Placed
    hold_ends_at: datetime
    verification_expires_at: datetime
    canceled: dict[str, int] = field(default_factory=dict)
    shape: Literal["pending"] = "pending"


@dataclass(frozen=True, slots=True)
class Released:
    """The seller's to ship: unshipped, partially shipped, shipped or delivered, as its lines say.

    The dates are as moved at release. `confirm_by` is the cutoff; the automatic cancellation looks at
    `expires_at`, when a confirmation dated in time has been read. `canceled` counts units by order item.
    `wished_at` is the newest refused wish to cancel, `wished` the oldest by order item.
    """

    placed: Placed
    released_at: datetime
    expected_ship_date: date
    delivery_from: date
    delivery_to: date
    confirm_by: datetime
    warn_at: datetime
    expires_at: datetime
    warned: bool = False
    canceled: dict[str, int] = field(default_factory=dict)
    shipments: tuple[Shipment, ...] = ()
    wished_at: datetime | None = None
    wished: dict[str, datetime] = field(default_factory=dict)
    shape: Literal["released"] = "released"


@dataclass(frozen=True, slots=True)
class Canceled:
    """The end: nothing brings a canceled order back."""

    placed: Placed
    canceled_at: datetime
    reason: CancelReason
    shape: Literal["canceled"] = "canceled"


Order = Unplaced | Pending | Released | Canceled


@dataclass(frozen=True, slots=True)
class Chargeback:
    """One chargeback, in the order's smallest unit: what it holds while it is open.

    `opened_at` is None for one whose end was read first.
    """

    opened_at: datetime | None
    held_minor: int
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """What we said of an order's money, in its smallest unit, and what else was said of it only once.

    `given`: by order item what is refunded or not charged. `refunded_units`: how many units refunds were about.
    `lost_minor`: what the buyer kept of chargebacks. `addresses`: the messages that changed the address.
    """

    given: dict[str, int] = field(default_factory=dict)
    refunded_units: dict[str, int] = field(default_factory=dict)
    chargebacks: tuple[Chargeback, ...] = ()
    lost_minor: int = 0
    addresses: tuple[str, ...] = ()
    rated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClaimMoney:
    """What a claim documents in extra charges, and what was paid for it so far, in the smallest unit."""

    extra_minor: int = 0
    paid_minor: int = 0


@dataclass(frozen=True, slots=True)
class HeldRefund:
    """What the buyer is due, and a chargeback holds: it is paid back when that ends, as far as it is left.

    `refund_key` names what it is for: the same refund has the same key, however often its cause is read.
    """

    refund_key: str
    lines: tuple[Quantity, ...]
    amount_minor: int
    cause: RefundCause
    claim_id: str | None = None
    contact_id: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What other services said of an order, as far as its rules need it.

    `requests`: messages that ask for another address. `returned`: what came back, by contact. `compensated`: by
    order item what claims paid the buyer; `compensations` and `refunds` are those that were counted.
    """

    requests: tuple[str, ...] = ()
    returned: dict[str, tuple[Quantity, ...]] = field(default_factory=dict)
    compensated: dict[str, int] = field(default_factory=dict)
    compensations: tuple[str, ...] = ()
    claims: dict[str, ClaimMoney] = field(default_factory=dict)
    claims_applied: tuple[str, ...] = ()
    refunds: tuple[str, ...] = ()
    held: tuple[HeldRefund, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order as it is stored.

    `order` and `account` are what we said on orders.events. Beside them: when payment was verified (heard), the
    last trouble with it that was told, how many units of which sku it took (told on inventory.events), and what
    was heard from other services.
    """

    order: Order = Unplaced()
    verified_at: datetime | None = None
    delayed_at: datetime | None = None
    reserved: dict[str, int] = field(default_factory=dict)
    account: Account = Account()
    heard: Heard = Heard()

    @property
    def said(self) -> tuple[Order, Mapping[str, int], Account]:
        """What the history of our own facts comes to."""
        return self.order, self.reserved, self.account


@dataclass(frozen=True, slots=True)
class Stock:
    """What is left of one seller's sku, and what the catalogue last set it to, and when."""

    available: int
    stocked: int
    stocked_at: datetime


@dataclass(frozen=True, slots=True)
class Tracking:
    """One carrier's number: the scans that a confirmation may still need, and the orders that wait for more.

    `delivered_at` are delivery scans, oldest first; carriers use numbers again, so there may be several.
    """

    promise: Promise | None = None
    delivered_at: tuple[datetime, ...] = ()
    orders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seller:
    """What accounts say of a seller; no plan before they said so."""

    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class World:
    """What one input touches: an order, the stock of its skus (tracked ones only), a tracking number, a seller."""

    row: OrderRow = OrderRow()
    stock: Mapping[str, Stock] = field(default_factory=dict)
    tracking: Tracking = Tracking()
    seller: Seller = Seller()

    @property
    def order(self) -> Order:
        """The order, in whatever shape it is."""
        return self.row.order


def standing_units(order: Pending | Released) -> dict[str, int]:
    """Return by order item what is not canceled; items with nothing left are left out."""
    left = {line.order_item_id: line.quantity for line in order.placed.lines}
    for order_item_id, units in order.canceled.items():
        left[order_item_id] -= units
    return {order_item_id: units for order_item_id, units in left.items() if units}


def open_units(order: Pending | Released) -> dict[str, int]:
    """Return by order item what is neither shipped nor canceled; items with nothing left are left out."""
    left = standing_units(order)
    if isinstance(order, Released):
        for shipment in order.shipments:
            for quantity in shipment.lines:
                left[quantity.order_item_id] -= quantity.quantity
    return {order_item_id: units for order_item_id, units in left.items() if units}


def status_of(order: Order) -> Status | None:
    """Return the state that people see; None for an order that has not come yet."""
    match order:
        case Unplaced():
            return None
        case Pending():
            return "Pending"
        case Canceled():
            return "Canceled"
        case Released():
            return _status_of_released(order)


def _status_of_released(order: Released) -> Status:
    if open_units(order):
        return "PartiallyShipped" if order.shipments else "Unshipped"
    if all(shipment.delivered_at is not None for shipment in order.shipments):
        return "Delivered"
    return "Shipped"
