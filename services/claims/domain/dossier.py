"""The dossier: what claims has heard of an order, each fact kept with the event that said it."""

from __future__ import annotations

from datetime import date, datetime

from services.claims.domain.inputs import (
    Channel,
    ChargebackOutcome,
    Fulfilment,
    Label,
    Source,
)
from services.claims.domain.money import Line, Units
from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """The order as it was placed, with its promises as they moved at the release."""

    source: Source
    order_id: str
    marketplace_id: str
    buyer_id: str
    seller_id: str
    fulfilment: Fulfilment
    currency: str
    lines: tuple[Line, ...]
    expected_ship_date: date
    edd: date
    dates_source: Source
    released: Source | None = None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Units that will not come, and what is not charged for them."""

    source: Source
    lines: tuple[Units, ...]
    not_charged_minor: int
    by_claim: bool


@dataclass(frozen=True, slots=True)
class Refund:
    """What the seller paid back for these lines."""

    source: Source
    refund_id: str
    lines: tuple[Units, ...]
    amount_minor: int
    claim_id: str | None = None


@dataclass(frozen=True, slots=True)
class Chargeback:
    """The buyer's bank took the money back. It is open until it is closed."""

    opened: Source
    closed: Source | None = None
    outcome: ChargebackOutcome | None = None
    kept_minor: int = 0
    """What the buyer keeps of it, if won."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened (a scan, an answer), and the event that said so.

    `is_read_late`: an answer that counts by a date long before it was read is marked in explanations.
    """

    at: datetime
    source: Source
    is_read_late: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """The day that a carrier promised last."""

    day: date
    source: Source


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel that the seller confirmed."""

    source: Source
    shipment_id: str
    lines: tuple[Units, ...]
    shipped_at: datetime
    label: Label
    trackable: bool
    tracking_valid: bool
    promise: Promise | None = None
    delivery: Moment | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One issue that the buyer raised, with its clocks and what stopped them."""

    source: Source
    contact_id: str
    channel: Channel
    about: str
    opened_at: datetime
    respond_by: datetime
    settle_by: datetime
    policy_id: str
    responded: Moment | None = None
    resolved: Moment | None = None


@dataclass(frozen=True, slots=True)
class ReturnStep:
    """Something that happened to these lines of a return."""

    lines: tuple[Units, ...]
    moment: Moment


@dataclass(frozen=True, slots=True)
class Return:
    """What was heard of one return. It may be answered, sent and received in parts.

    `authorised`: answers that let lines be sent back. `shipped`: a parcel each. `received`: each says all that is
    back by then.
    """

    contact_id: str
    authorised: tuple[ReturnStep, ...] = ()
    shipped: tuple[ReturnStep, ...] = ()
    received: tuple[ReturnStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything heard of one order. A contact may be heard of before the order: topics keep no order."""

    order: Order | None = None
    cancellations: tuple[Cancellation, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    contacts: tuple[Contact, ...] = ()
    refunds: tuple[Refund, ...] = ()
    chargebacks: tuple[Chargeback, ...] = ()
    returns: tuple[Return, ...] = ()

    @property
    def chargeback(self) -> Chargeback | None:
        """The chargeback that is open now."""
        return next((each for each in self.chargebacks if each.closed is None), None)
