"""What is heard of an order: the facts of other services, as far as mails need them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from services.notifications.domain.mails import (
    AppealOutcome,
    Channel,
    ClaimIssue,
    ClockKind,
    Fulfilment,
    MessageIssue,
    Money,
    OnSilence,
    Outcome,
    Quoted,
    ReturnAnswer,
    Wanted,
    Words,
)
from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class OrderItem:
    """One line of an order."""

    order_item_id: str
    title: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of one line."""

    order_item_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Order:
    """What mails need to know of an order. `time_zone` is its marketplace's."""

    order_id: str
    buyer_id: str
    seller_id: str
    time_zone: str
    policy_id: str
    placed_at: datetime
    fulfilment: Fulfilment
    ship_method: str
    items: tuple[OrderItem, ...]
    delivery_to: date


@dataclass(frozen=True, slots=True)
class OrderReceived:
    """The order exists."""

    order: Order
    fact: Literal["order_received"] = "order_received"


@dataclass(frozen=True, slots=True)
class OrderReleased:
    """The seller's to ship, the buyer's to wait for; the dates as moved."""

    expected_ship_date: date
    delivery_from: date
    delivery_to: date
    fact: Literal["order_released"] = "order_released"


@dataclass(frozen=True, slots=True)
class LinesCanceled:
    """Lines, or with `is_whole` all that was left of the order, are canceled."""

    lines: tuple[Line, ...]
    is_whole: bool
    reason: str
    amount: Money
    fact: Literal["lines_canceled"] = "lines_canceled"


@dataclass(frozen=True, slots=True)
class ShipByWarned:
    """The cutoff for confirming the shipment is near."""

    confirm_by: datetime
    fact: Literal["ship_by_warned"] = "ship_by_warned"


@dataclass(frozen=True, slots=True)
class ContactOpened:
    """The buyer raised an issue, and the seller has until `respond_by`."""

    contact_id: str
    opened_at: datetime
    respond_by: datetime
    channel: Channel = "buyer_seller_messages"
    fact: Literal["contact_opened"] = "contact_opened"


Author: TypeAlias = Literal["buyer", "seller", "support"]


@dataclass(frozen=True, slots=True)
class MessageSent:
    """Somebody wrote. `contact_id` is the contact that it belongs to, if any."""

    author: Author
    contact_id: str | None
    issue: MessageIssue
    message: Quoted
    attachments: int
    is_automatic: bool
    channel: Channel = "buyer_seller_messages"
    quotes: str | None = None
    fact: Literal["message_sent"] = "message_sent"


@dataclass(frozen=True, slots=True)
class ReturnAsked:
    """The buyer, or support for the buyer, asks to return lines (M4)."""

    author: Author
    contact_id: str
    lines: tuple[Line, ...]
    reason: Quoted
    message: Quoted
    quotes: str | None = None
    fact: Literal["return_asked"] = "return_asked"


@dataclass(frozen=True, slots=True)
class ReturnAnswered:
    """The seller answered a return request (M4)."""

    lines: tuple[Line, ...]
    answer: ReturnAnswer
    has_label: bool
    message: Quoted
    quotes: str | None = None
    fact: Literal["return_answered"] = "return_answered"


@dataclass(frozen=True, slots=True)
class ReturnReceived:
    """The seller has these lines back: all that is back of that return request by now."""

    contact_id: str
    lines: tuple[Line, ...]
    received_at: datetime
    fact: Literal["return_received"] = "return_received"


@dataclass(frozen=True, slots=True)
class ContactSettled:
    """The response clock of the contact has stopped: answered, missed or resolved."""

    contact_id: str
    fact: Literal["contact_settled"] = "contact_settled"


@dataclass(frozen=True, slots=True)
class FilingAllowed:
    """The buyer may file a claim, for what was raised in that contact."""

    eligible_from: datetime
    until: datetime
    contact_id: str | None = None
    fact: Literal["filing_allowed"] = "filing_allowed"


@dataclass(frozen=True, slots=True)
class ClaimAccepted:
    """A claim is open. `refund_within` is the policy's time to refund what came back, where that is asked (C8)."""

    claim_id: str
    lines: tuple[Line, ...]
    issue: ClaimIssue
    reason: str | None
    wanted: Wanted
    amount: Money
    respond_by: datetime | None
    refund_within: timedelta = timedelta(0)
    fact: Literal["claim_accepted"] = "claim_accepted"


@dataclass(frozen=True, slots=True)
class ClaimNotAccepted:
    """A filing was refused, and why; or a filed claim is, by an investigator's judgement."""

    claim_id: str
    why: Words
    eligible_from: datetime | None
    until: datetime | None
    max_amount: Money | None
    is_judgement: bool = False
    reasons: tuple[Quoted, ...] = ()
    appeal_until: datetime | None = None
    fact: Literal["claim_not_accepted"] = "claim_not_accepted"


@dataclass(frozen=True, slots=True)
class ClaimAnswered:
    """The seller answered the claim itself."""

    claim_id: str
    fact: Literal["claim_answered"] = "claim_answered"


@dataclass(frozen=True, slots=True)
class ReturnRequired:
    """The seller refunds once the item is back; `is_answered` if no answer to the claim is awaited any more."""

    claim_id: str
    send_by: datetime
    is_answered: bool
    fact: Literal["return_required"] = "return_required"


@dataclass(frozen=True, slots=True)
class ClaimRefunded:
    """The seller refunds the claim in full."""

    claim_id: str
    lines: tuple[Line, ...]
    amount: Money
    fact: Literal["claim_refunded"] = "claim_refunded"


@dataclass(frozen=True, slots=True)
class ClaimSuspended:
    """A chargeback is open: the claim's clocks stand still (C16)."""

    claim_id: str
    fact: Literal["claim_suspended"] = "claim_suspended"


@dataclass(frozen=True, slots=True)
class ClaimGoesOn:
    """The chargeback is over: these deadlines of the seller run again."""

    claim_id: str
    deadlines: tuple[tuple[ClockKind, datetime], ...]
    fact: Literal["claim_goes_on"] = "claim_goes_on"


@dataclass(frozen=True, slots=True)
class InformationRequested:
    """An investigator asks one side."""

    claim_id: str
    request_id: str
    side: Literal["buyer", "seller"]
    questions: tuple[Quoted, ...]
    respond_by: datetime
    on_silence: OnSilence
    fact: Literal["information_requested"] = "information_requested"


@dataclass(frozen=True, slots=True)
class InformationProvided:
    """Who was asked answered."""

    request_id: str
    fact: Literal["information_provided"] = "information_provided"


@dataclass(frozen=True, slots=True)
class ClaimGranted:
    """The claim is granted; `debited` where the seller pays."""

    claim_id: str
    amount: Money
    paid_now: Money
    debited: Money | None
    is_automatic: bool
    rules: tuple[str, ...]
    reasons: tuple[Quoted, ...]
    appeal_until: datetime | None
    fact: Literal["claim_granted"] = "claim_granted"


@dataclass(frozen=True, slots=True)
class ClaimDenied:
    """The claim is denied."""

    claim_id: str
    amount: Money
    is_automatic: bool
    rules: tuple[str, ...]
    reasons: tuple[Quoted, ...]
    appeal_until: datetime | None
    fact: Literal["claim_denied"] = "claim_denied"


@dataclass(frozen=True, slots=True)
class GrantVoided:
    """An answer in time was read after the grant."""

    claim_id: str
    answered_at: datetime
    reimbursed: Money | None
    fact: Literal["grant_voided"] = "grant_voided"


@dataclass(frozen=True, slots=True)
class AppealDecided:
    """Somebody else looked at the decision again (C12); see the two mails for the fields."""

    claim_id: str
    outcome: AppealOutcome
    first_outcome: Outcome
    reverses_money: bool
    reverses_defect: bool
    amount: Money
    paid_now: Money
    reimbursed: Money | None
    debited: Money | None
    reasons: tuple[Quoted, ...]
    fact: Literal["appeal_decided"] = "appeal_decided"


@dataclass(frozen=True, slots=True)
class ClaimWithdrawn:
    """The buyer took the claim back."""

    claim_id: str
    fact: Literal["claim_withdrawn"] = "claim_withdrawn"


@dataclass(frozen=True, slots=True)
class ClaimClosed:
    """Nothing more can come of the claim."""

    claim_id: str
    fact: Literal["claim_closed"] = "claim_closed"


@dataclass(frozen=True, slots=True)
class ReminderDue:
    """A timer that was set for a reminder has fired; it asks whether that still matters (T2)."""

    subject_id: str
    due_at: datetime
    fact: Literal["reminder_due"] = "reminder_due"


Fact: TypeAlias = (
    OrderReceived
    | OrderReleased
    | LinesCanceled
    | ShipByWarned
    | ContactOpened
    | MessageSent
    | ReturnAsked
    | ReturnAnswered
    | ReturnReceived
    | ContactSettled
    | FilingAllowed
    | ClaimAccepted
    | ClaimNotAccepted
    | ClaimAnswered
    | ReturnRequired
    | ClaimRefunded
    | ClaimSuspended
    | ClaimGoesOn
    | InformationRequested
    | InformationProvided
    | ClaimGranted
    | ClaimDenied
    | GrantVoided
    | AppealDecided
    | ClaimWithdrawn
    | ClaimClosed
    | ReminderDue
)
