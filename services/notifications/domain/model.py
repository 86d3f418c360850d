"""What is heard, what is kept of an order, and what can come of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from services.notifications.domain.mails import (
    ClaimIssue,
    ClockKind,
    Fulfilment,
    Mail,
    MessageIssue,
    Money,
    OnSilence,
    Quoted,
    Wanted,
    Words,
)


@dataclass(frozen=True, slots=True)
class Policy:
    """How long before a deadline the seller is reminded of it."""

    remind_before: timedelta


# ---------------------------------------------------------------------------------------------- what is heard


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
    fact: Literal["contact_opened"] = "contact_opened"


@dataclass(frozen=True, slots=True)
class MessageSent:
    """Somebody wrote. `contact_id` is the contact that it belongs to, if any."""

    author: Literal["buyer", "seller", "support"]
    contact_id: str | None
    issue: MessageIssue
    message: Quoted
    attachments: int
    is_automatic: bool
    fact: Literal["message_sent"] = "message_sent"


@dataclass(frozen=True, slots=True)
class ContactSettled:
    """The response clock of the contact has stopped: answered, missed or resolved."""

    contact_id: str
    fact: Literal["contact_settled"] = "contact_settled"


@dataclass(frozen=True, slots=True)
class FilingAllowed:
    """The buyer may file a claim."""

    eligible_from: datetime
    until: datetime
    fact: Literal["filing_allowed"] = "filing_allowed"


@dataclass(frozen=True, slots=True)
class ClaimAccepted:
    """A claim is open."""

    claim_id: str
    lines: tuple[Line, ...]
    issue: ClaimIssue
    reason: str | None
    wanted: Wanted
    amount: Money
    respond_by: datetime | None
    fact: Literal["claim_accepted"] = "claim_accepted"


@dataclass(frozen=True, slots=True)
class ClaimNotAccepted:
    """A filing was refused, and why."""

    claim_id: str
    why: Words
    eligible_from: datetime | None
    until: datetime | None
    max_amount: Money | None
    fact: Literal["claim_not_accepted"] = "claim_not_accepted"


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
    | ContactSettled
    | FilingAllowed
    | ClaimAccepted
    | ClaimNotAccepted
    | InformationRequested
    | InformationProvided
    | ClaimGranted
    | ClaimDenied
    | GrantVoided
    | ClaimClosed
    | ReminderDue
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A fact, with the id of its event, which is the cause of the mails that follow, and its date."""

    cause_id: str
    at: datetime
    what: Fact


# ----------------------------------------------------------------------------------------------- what is kept


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline of the seller that is still open, and when to remind of it, if there is time for that."""

    kind: ClockKind
    subject_id: str
    due_at: datetime
    remind_at: datetime | None
    claim_id: str | None = None
    on_silence: OnSilence | None = None


@dataclass(frozen=True, slots=True)
class Unheard:
    """Facts of other topics came before the order itself: they wait for it, in their order."""

    waiting: tuple[Heard, ...] = ()
    shape: Literal["unheard"] = "unheard"


@dataclass(frozen=True, slots=True)
class Dossier:
    """An order, and the seller's deadlines that are open."""

    order: Order
    clocks: tuple[Clock, ...] = ()
    shape: Literal["dossier"] = "dossier"


OrderState: TypeAlias = Unheard | Dossier


@dataclass(frozen=True, slots=True)
class Account:
    """Whom to write to, where, and in which language."""

    party_id: str
    name: str
    email: str
    language: Literal["en", "zh"]


# ------------------------------------------------------------------------------------------ what comes of it


@dataclass(frozen=True, slots=True)
class FactKept:
    """It waits for its order."""

    heard: Heard


@dataclass(frozen=True, slots=True)
class OrderNoted:
    """The order is known from now on."""

    order: Order


@dataclass(frozen=True, slots=True)
class ClockStarted:
    """The seller has a deadline."""

    clock: Clock


@dataclass(frozen=True, slots=True)
class ClockStopped:
    """The seller has that deadline no more."""

    subject_id: str


@dataclass(frozen=True, slots=True)
class MailWanted:
    """Somebody is to be told. One cause wants at most one mail of a template to a person: its identity."""

    cause_id: str
    party_id: str
    order_id: str
    time_zone: str
    at: datetime
    mail: Mail


@dataclass(frozen=True, slots=True)
class TimerSet:
    """Ask for a deadline."""

    subject_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class TimerCanceled:
    """A deadline that was asked for is not needed any more."""

    subject_id: str
    due_at: datetime


Event: TypeAlias = FactKept | OrderNoted | ClockStarted | ClockStopped | MailWanted | TimerSet | TimerCanceled
