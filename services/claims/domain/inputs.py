"""Everything that comes in: facts heard from other services, commands, and deadlines that have come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal, TypeAlias

from services.claims.domain.money import Line, Money, Units
from shared.values import dataclass

ActorKind: TypeAlias = Literal["buyer", "seller", "support", "investigator", "operator"]
Channel: TypeAlias = Literal["buyer_seller_messages", "return_requests"]
Fulfilment: TypeAlias = Literal["seller", "marketplace"]
Label: TypeAlias = Literal["seller", "marketplace"]
Issue: TypeAlias = Literal["not_received", "not_as_expected"]
Reason: TypeAlias = Literal[
    "damaged",
    "defective",
    "materially_different",
    "returned_not_refunded",
    "refunded_wrong_amount",
    "international_return",
    "extra_charges",
    "delivered_not_found",
]
Wanted: TypeAlias = Literal["refund", "replacement"]
FilingChannel: TypeAlias = Literal["self", "phone"]
Side: TypeAlias = Literal["buyer", "seller"]
Verdict: TypeAlias = Literal["granted", "denied", "refused"]
RefundCause: TypeAlias = Literal["seller", "claim", "return"]
ReturnAnswer: TypeAlias = Literal["authorised", "refund_without_return", "declined"]
ChargebackOutcome: TypeAlias = Literal["buyer_won", "seller_won"]
TimerKind: TypeAlias = Literal[
    "filing_opens",
    "judge_again",
    "information_due",
    "answer_due",
    "return_due",
    "return_refund_due",
    "appeal_end",
]


@dataclass(frozen=True, slots=True)
class Source:
    """The event or command that said something, and when it happened: what explanations cite."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gave a command. Support acts for the buyer."""

    kind: ActorKind
    id: str


# ---------------------------------------------------------------------------------------------- facts heard


@dataclass(frozen=True, slots=True)
class OrderReceived:
    """An order was placed; it is `Pending` until it is released."""

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
    """The maximum estimated delivery date."""


@dataclass(frozen=True, slots=True)
class OrderReleased:
    """The seller may ship; the dates are as they moved (O8)."""

    source: Source
    expected_ship_date: date
    edd: date


@dataclass(frozen=True, slots=True)
class LinesCanceled:
    """Units will not come, and this much of what was paid is not charged."""

    source: Source
    lines: tuple[Units, ...]
    not_charged_minor: int
    by_claim: bool
    """Canceled because a claim was granted for them: already compensated (C10)."""


@dataclass(frozen=True, slots=True)
class ShipmentConfirmed:
    """The seller says that units are on their way."""

    source: Source
    shipment_id: str
    lines: tuple[Units, ...]
    shipped_at: datetime
    label: Label
    trackable: bool
    tracking_valid: bool


@dataclass(frozen=True, slots=True)
class PromiseChanged:
    """The carrier promises another day for a shipment."""

    source: Source
    shipment_id: str
    promised_date: date


@dataclass(frozen=True, slots=True)
class ShipmentDelivered:
    """A carrier's scan says that a shipment was delivered."""

    source: Source
    shipment_id: str
    delivered_at: datetime


@dataclass(frozen=True, slots=True)
class RefundRecorded:
    """The seller pays back `amount_minor` for these lines. `claim_id`: because a claim was refunded."""

    source: Source
    refund_id: str
    lines: tuple[Units, ...]
    amount_minor: int
    claim_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChargebackOpened:
    """The buyer's bank takes the money back, for now (C16)."""

    source: Source


@dataclass(frozen=True, slots=True)
class ChargebackClosed:
    """The bank has decided: what it opened last is over. `amount_minor` is what the buyer keeps, if won."""

    source: Source
    outcome: ChargebackOutcome
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ContactOpened:
    """The buyer wrote, and two clocks run (M2)."""

    source: Source
    contact_id: str
    channel: Channel
    about: str
    """The issue of the contact, such as `delivery`."""
    opened_at: datetime
    respond_by: datetime
    settle_by: datetime
    """Not resolved by then, it lets the buyer file (C2, C3)."""
    policy_id: str


@dataclass(frozen=True, slots=True)
class ContactResponded:
    """The seller answered in person, at `responded_at`."""

    source: Source
    contact_id: str
    responded_at: datetime


@dataclass(frozen=True, slots=True)
class ContactResolved:
    """The buyer said that it is settled, or was refunded in full."""

    source: Source
    contact_id: str
    resolved_at: datetime


@dataclass(frozen=True, slots=True)
class ReturnAnswered:
    """The seller authorised a return of these lines, or not."""

    source: Source
    contact_id: str
    lines: tuple[Units, ...]
    answer: ReturnAnswer
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class ReturnShipped:
    """The buyer sent these lines back."""

    source: Source
    contact_id: str
    lines: tuple[Units, ...]
    shipped_at: datetime


@dataclass(frozen=True, slots=True)
class ReturnReceived:
    """The seller has these lines back."""

    source: Source
    contact_id: str
    lines: tuple[Units, ...]
    received_at: datetime


HeardOfOrder: TypeAlias = OrderReceived | OrderReleased | LinesCanceled
HeardOfShipment: TypeAlias = ShipmentConfirmed | PromiseChanged | ShipmentDelivered
HeardOfMoney: TypeAlias = RefundRecorded | ChargebackOpened | ChargebackClosed
HeardOfContact: TypeAlias = ContactOpened | ContactResponded | ContactResolved
HeardOfReturn: TypeAlias = ReturnAnswered | ReturnShipped | ReturnReceived
Heard: TypeAlias = (
    OrderReceived
    | OrderReleased
    | LinesCanceled
    | ShipmentConfirmed
    | PromiseChanged
    | ShipmentDelivered
    | RefundRecorded
    | ChargebackOpened
    | ChargebackClosed
    | ContactOpened
    | ContactResponded
    | ContactResolved
    | ReturnAnswered
    | ReturnShipped
    | ReturnReceived
)

# ------------------------------------------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class FileClaim:
    """A buyer, or support for a buyer, claims (C1)."""

    command_id: str
    at: datetime
    actor: Actor
    claim_id: str
    lines: tuple[Units, ...]
    issue: Issue
    reason: Reason | None
    description: str
    wanted: Wanted
    amount: Money
    extra_charges: Money | None
    evidence: tuple[str, ...]
    channel: FilingChannel


@dataclass(frozen=True, slots=True)
class RequestInformation:
    """An investigator asks one side; the request is known by its command's id."""

    command_id: str
    at: datetime
    actor: Actor
    claim_id: str
    asked: Side
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProvideInformation:
    """The side that was asked answers."""

    command_id: str
    at: datetime
    actor: Actor
    claim_id: str
    request_id: str
    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecideClaim:
    """An investigator grants, whole (`amount` absent) or in part, denies, or refuses by judgement (C4)."""

    command_id: str
    at: datetime
    actor: Actor
    claim_id: str
    verdict: Verdict
    amount: Money | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WithdrawClaim:
    """The buyer takes the claim back (C7)."""

    command_id: str
    at: datetime
    actor: Actor
    claim_id: str


@dataclass(frozen=True, slots=True)
class AnswerClaim:
    """The seller answers the claim itself (C9, C6.5)."""

    command_id: str
    at: datetime
    actor: Actor
    claim_id: str
    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefundClaim:
    """The seller refunds in full, at once or when the item is back (C8)."""

    command_id: str
    at: datetime
    actor: Actor
    claim_id: str
    return_first: bool


@dataclass(frozen=True, slots=True)
class AddEvidence:
    """Either side adds to the case."""

    command_id: str
    at: datetime
    actor: Actor
    claim_id: str
    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppealClaim:
    """Whom a decision went against asks that someone else looks at it (C11)."""

    command_id: str
    at: datetime
    actor: Actor
    claim_id: str
    explanation: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecideAppeal:
    """Another investigator decides. `amount` only when a denial or a refusal is reversed (C12)."""

    command_id: str
    at: datetime
    actor: Actor
    claim_id: str
    reverse_money: bool
    reverse_defect: bool
    amount: Money | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckEligibility:
    """Somebody asks whether these lines could be claimed now, and if not, from when, or what is missing."""

    command_id: str
    at: datetime
    actor: Actor
    lines: tuple[Units, ...]
    issue: Issue
    reason: Reason | None


ClaimCommand: TypeAlias = (
    WithdrawClaim
    | AnswerClaim
    | RefundClaim
    | AddEvidence
    | RequestInformation
    | ProvideInformation
    | DecideClaim
    | AppealClaim
    | DecideAppeal
)
Command: TypeAlias = FileClaim | CheckEligibility | ClaimCommand


def size(command: Command) -> int:
    """Count the characters that a command brings, about: its texts and the names in its lists."""
    return sum(map(len, _texts(command)))


def _texts(command: Command) -> tuple[str, ...]:
    match command:
        case FileClaim():
            return (command.description, *command.evidence, *_items(command))
        case CheckEligibility():
            return (*_items(command),)
        case RequestInformation(questions=texts) | DecideClaim(reasons=texts) | DecideAppeal(reasons=texts):
            return texts
        case ProvideInformation() | AnswerClaim() | AddEvidence():
            return (command.text, *command.evidence)
        case AppealClaim():
            return (command.explanation, *command.evidence)
        case _:
            return ()


def _items(command: FileClaim | CheckEligibility) -> Iterator[str]:
    return (line.order_item_id for line in command.lines)


# ------------------------------------------------------------------------------------------------ deadlines


@dataclass(frozen=True, slots=True)
class DeadlineExpired:
    """A timer that was set has fired. It asks whether that still matters (T2)."""

    kind: TimerKind
    subject_id: str
    due_at: datetime


Input: TypeAlias = Heard | Command | DeadlineExpired
