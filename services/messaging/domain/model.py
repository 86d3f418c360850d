"""What is known of an order, of what people wrote about it, and of what they send back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from shared.values import dataclass

Channel: TypeAlias = Literal["buyer_seller_messages", "return_requests"]
Issue: TypeAlias = Literal["delivery", "product", "address_change", "other"]
ActorKind: TypeAlias = Literal["buyer", "seller", "support", "investigator", "operator"]
Side: TypeAlias = Literal["buyer", "seller"]
TimerKind: TypeAlias = Literal["response_due", "resolution_due"]
Answer: TypeAlias = Literal["declined", "authorised", "refund_without_return"]
ReceivedBy: TypeAlias = Literal["seller", "carrier"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something. Support acts for the buyer (M1)."""

    kind: ActorKind
    id: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers of the policy in force when a contact is opened (P1), and what its marketplace knows.

    `forms`: by the code of each carrier that the marketplace knows, in capitals, whether a number has its form.
    """

    policy_id: str
    ahead: timedelta
    response_window: timedelta
    resolution_window: timedelta
    forms: Mapping[str, Callable[[str], bool]]


# ------------------------------------------------------------------------------------ the dossier: heard


@dataclass(frozen=True, slots=True)
class Units:
    """So many units of one line of the order."""

    order_item_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was ordered. `unit_price_minor` is for one unit; shipping and tax are for the line."""

    order_item_id: str
    quantity: int
    unit_price_minor: int
    shipping_minor: int
    tax_minor: int

    def paid_for(self, units: int) -> int:
        """Return what was paid for the first `units` units: in proportion, rounded down; all for all."""
        shipping = self.shipping_minor * units // self.quantity
        return self.unit_price_minor * units + shipping + self.tax_minor * units // self.quantity


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """What the buyer has back, or is not charged, for these units.

    `money_id` knows it again. `canceled`: they will not come. `contact_id`: the return that it was paid for.
    """

    money_id: str
    at: datetime
    lines: tuple[Units, ...]
    amount_minor: int
    canceled: bool = False
    contact_id: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """The lines of a claim, and since when its seller wants them back before refunding (C8)."""

    claim_id: str
    items: tuple[str, ...]
    wanted_back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What messaging needs to know of an order: whose it is, what was paid, and what the buyer has back."""

    order_id: str
    marketplace_id: str
    buyer_id: str
    seller_id: str
    placed_at: datetime
    ship_to_country: str
    lines: tuple[Line, ...]
    money_back: tuple[MoneyBack, ...] = ()
    claims: tuple[Claim, ...] = ()


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
    """Messages still pass, without clocks (M5). `released_at` is None if it was canceled while pending."""

    order: Order
    canceled_at: datetime
    released_at: datetime | None
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
class ReturnRequest:
    """What the buyer asks to send back, kept as evidence. `contact_id` is the name that the command gave."""

    command_id: str
    contact_id: str
    author: Actor
    at: datetime
    lines: tuple[Units, ...]
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class ReturnAnswer:
    """What the seller says, kept as evidence: to all units that were requested and had no better answer."""

    command_id: str
    author: Actor
    at: datetime
    answer: Answer
    lines: tuple[Units, ...]
    return_address_country: str | None
    prepaid_label: bool
    text: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is on its way back. `is_valid`: its number has its carrier's form, so that a scan counts (O15)."""

    command_id: str
    sent_by: Actor
    sent_at: datetime
    lines: tuple[Units, ...]
    carrier: str
    tracking_number: str
    is_valid: bool
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """What was asked, answered, sent and received in one contact of the channel of return requests (M4)."""

    contact_id: str
    requests: tuple[ReturnRequest, ...]
    answers: tuple[ReturnAnswer, ...] = ()
    parcels: tuple[Parcel, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything that was written about the order, and the contacts and returns that came of it."""

    messages: tuple[SentMessage, ...] = ()
    contacts: tuple[Contact, ...] = ()
    returns: tuple[Return, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderState:
    """All that messaging keeps of one order."""

    dossier: Dossier
    conversation: Conversation = Conversation()

    @property
    def order(self) -> Order:
        """The order, in whatever shape it is."""
        return self.dossier.order
