"""The mails: what each of them tells. A template renders one of these in a language.

There is no place here for a delivery address, and so none in a mail (O7, O14).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, TypeAlias

from shared.values import dataclass

Fulfilment: TypeAlias = Literal["seller", "marketplace"]
ClockKind: TypeAlias = Literal["response", "information", "answer", "return_refund"]
OnSilence: TypeAlias = Literal["grant", "investigate"]
Channel: TypeAlias = Literal["buyer_seller_messages", "return_requests"]
ReturnAnswer: TypeAlias = Literal["authorised", "refund_without_return", "declined"]
MessageIssue: TypeAlias = Literal["delivery", "product", "address_change", "other"]
ClaimIssue: TypeAlias = Literal["not_received", "not_as_expected"]
Wanted: TypeAlias = Literal["refund", "replacement"]
Outcome: TypeAlias = Literal["granted", "denied", "refused"]
AppealOutcome: TypeAlias = Literal["reversed", "upheld"]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's smallest unit."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Item:
    """So many of something."""

    title: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Quoted:
    """What somebody wrote, cut to what fits a mail; `text` is absent where it is not for mails, or was erased."""

    text: str | None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The same in both languages."""

    en: str
    zh: str


# ------------------------------------------------------------------------------------------- to the buyer


@dataclass(frozen=True, slots=True)
class OrderConfirmation:
    """The order is released (O7); `is_moved` if that came late and moved the dates (O8)."""

    items: tuple[Item, ...]
    placed_at: datetime
    delivery_from: date
    delivery_to: date
    is_moved: bool
    template: Literal["order_confirmation"] = "order_confirmation"


@dataclass(frozen=True, slots=True)
class OrderCanceled:
    """The order, or a part of it, is canceled; `amount` is not charged."""

    items: tuple[Item, ...]
    is_whole: bool
    reason: str
    amount: Money
    template: Literal["order_canceled"] = "order_canceled"


@dataclass(frozen=True, slots=True)
class ReplyReceived:
    """The seller wrote; an automatic reply is said to be one.

    `answer` is how a return request is answered (M4), for `items`; `has_label` if with a prepaid label.
    """

    issue: MessageIssue
    message: Quoted
    attachments: int
    is_automatic: bool
    channel: Channel = "buyer_seller_messages"
    answer: ReturnAnswer | None = None
    items: tuple[Item, ...] = ()
    has_label: bool = False
    template: Literal["reply_received"] = "reply_received"


@dataclass(frozen=True, slots=True)
class FilingOpened:
    """A claim of this issue can be filed, from then until then (C2, C3)."""

    eligible_from: datetime
    until: datetime
    issue: ClaimIssue = "not_received"
    template: Literal["filing_opened"] = "filing_opened"


@dataclass(frozen=True, slots=True)
class ClaimReceived:
    """The claim is filed."""

    claim_id: str
    items: tuple[Item, ...]
    issue: ClaimIssue
    reason: str | None
    wanted: Wanted
    amount: Money
    template: Literal["claim_received"] = "claim_received"


@dataclass(frozen=True, slots=True)
class ClaimRefused:
    """The claim is not accepted, why, and what would be (C4); by judgement, until when it can be appealed (C11)."""

    claim_id: str
    why: Words
    eligible_from: datetime | None
    until: datetime | None
    max_amount: Money | None
    is_judgement: bool = False
    reasons: tuple[Quoted, ...] = ()
    appeal_until: datetime | None = None
    template: Literal["claim_refused"] = "claim_refused"


@dataclass(frozen=True, slots=True)
class InformationWantedFromBuyer:
    """An investigator asks the buyer (C9)."""

    claim_id: str
    questions: tuple[Quoted, ...]
    respond_by: datetime
    template: Literal["information_wanted_from_buyer"] = "information_wanted_from_buyer"


@dataclass(frozen=True, slots=True)
class DecisionToBuyer:
    """The claim is decided; `paid_now` is less than `amount` where a voided grant had paid some (C6)."""

    claim_id: str
    outcome: Outcome
    amount: Money
    paid_now: Money
    is_automatic: bool
    rules: tuple[str, ...]
    reasons: tuple[Quoted, ...]
    appeal_until: datetime | None
    template: Literal["decision_to_buyer"] = "decision_to_buyer"


@dataclass(frozen=True, slots=True)
class GrantVoidedToBuyer:
    """The seller had answered in time: the claim is looked at again, and the buyer keeps the money (C6)."""

    claim_id: str
    answered_at: datetime
    template: Literal["grant_voided_to_buyer"] = "grant_voided_to_buyer"


@dataclass(frozen=True, slots=True)
class ReturnRequiredToBuyer:
    """The seller refunds once the item is back: send it by then, or the claim closes (C8)."""

    claim_id: str
    send_by: datetime
    template: Literal["return_required_to_buyer"] = "return_required_to_buyer"


@dataclass(frozen=True, slots=True)
class ClaimRefundedToBuyer:
    """The seller refunds the claim in full, and it closes (C8)."""

    claim_id: str
    items: tuple[Item, ...]
    amount: Money
    template: Literal["claim_refunded_to_buyer"] = "claim_refunded_to_buyer"


@dataclass(frozen=True, slots=True)
class AppealDecisionToBuyer:
    """An appeal is decided (C12): the seller's, of a grant, or the buyer's own, of a denial or a refusal.

    A reversed denial or refusal grants `amount`; `paid_now` is less where some was paid before.
    """

    claim_id: str
    outcome: AppealOutcome
    first_outcome: Outcome
    reverses_money: bool
    amount: Money
    paid_now: Money
    reasons: tuple[Quoted, ...]
    template: Literal["appeal_decision_to_buyer"] = "appeal_decision_to_buyer"


# ------------------------------------------------------------------------------------------ to the seller


@dataclass(frozen=True, slots=True)
class SoldShipNow:
    """Sold, ship now (O7); what the marketplace fulfils needs nothing from the seller."""

    items: tuple[Item, ...]
    fulfilment: Fulfilment
    ship_method: str
    expected_ship_date: date
    delivery_to: date
    template: Literal["sold_ship_now"] = "sold_ship_now"


@dataclass(frozen=True, slots=True)
class BuyerMessage:
    """The buyer, or support for the buyer, wrote; `respond_by` while the response clock runs (M2).

    A return request (M4) has `items`, and a `reason` beside what else is written.
    """

    issue: MessageIssue
    message: Quoted
    attachments: int
    is_from_support: bool
    respond_by: datetime | None
    channel: Channel = "buyer_seller_messages"
    items: tuple[Item, ...] = ()
    reason: Quoted | None = None
    template: Literal["buyer_message"] = "buyer_message"


@dataclass(frozen=True, slots=True)
class DeadlineReminder:
    """A deadline is near and still open. `claim_id` where it is one of a claim."""

    kind: ClockKind
    due_at: datetime
    claim_id: str | None
    on_silence: OnSilence | None
    template: Literal["deadline_reminder"] = "deadline_reminder"


@dataclass(frozen=True, slots=True)
class ShipByWarning:
    """Confirm as shipped by then to avoid cancellation (O12)."""

    confirm_by: datetime
    template: Literal["ship_by_warning"] = "ship_by_warning"


@dataclass(frozen=True, slots=True)
class AutomaticCancellation:
    """Not confirmed in time, and so canceled (O11)."""

    items: tuple[Item, ...]
    is_whole: bool
    template: Literal["automatic_cancellation"] = "automatic_cancellation"


@dataclass(frozen=True, slots=True)
class ClaimFiled:
    """A claim is filed against the seller (C5); `respond_by` where the policy asks for an answer."""

    claim_id: str
    items: tuple[Item, ...]
    issue: ClaimIssue
    reason: str | None
    wanted: Wanted
    amount: Money
    respond_by: datetime | None
    template: Literal["claim_filed"] = "claim_filed"


@dataclass(frozen=True, slots=True)
class InformationWantedFromSeller:
    """An investigator asks the seller; `on_silence` is what follows without an answer (C9, C6.5)."""

    claim_id: str
    questions: tuple[Quoted, ...]
    respond_by: datetime
    on_silence: OnSilence
    template: Literal["information_wanted_from_seller"] = "information_wanted_from_seller"


@dataclass(frozen=True, slots=True)
class DecisionToSeller:
    """The claim is decided; `debited` where the seller funds the grant (C10). A refusal has no amount."""

    claim_id: str
    outcome: Outcome
    amount: Money | None
    debited: Money | None
    is_automatic: bool
    rules: tuple[str, ...]
    reasons: tuple[Quoted, ...]
    appeal_until: datetime | None
    template: Literal["decision_to_seller"] = "decision_to_seller"


@dataclass(frozen=True, slots=True)
class GrantVoidedToSeller:
    """The seller's answer was in time: what was debited is reimbursed, the claim is looked at again (C6)."""

    claim_id: str
    answered_at: datetime
    reimbursed: Money | None
    template: Literal["grant_voided_to_seller"] = "grant_voided_to_seller"


@dataclass(frozen=True, slots=True)
class AppealDecisionToSeller:
    """An appeal is decided (C12): the seller's own, of a grant, or the buyer's, of a denial or a refusal.

    Of a grant, money and defect are each reversed or not; `reimbursed` is all that was debited. A reversed denial
    or refusal has `debited` where the seller funds what is granted.
    """

    claim_id: str
    outcome: AppealOutcome
    first_outcome: Outcome
    reverses_money: bool
    reverses_defect: bool
    reimbursed: Money | None
    debited: Money | None
    reasons: tuple[Quoted, ...]
    template: Literal["appeal_decision_to_seller"] = "appeal_decision_to_seller"


Mail: TypeAlias = (
    OrderConfirmation
    | OrderCanceled
    | ReplyReceived
    | FilingOpened
    | ClaimReceived
    | ClaimRefused
    | InformationWantedFromBuyer
    | DecisionToBuyer
    | GrantVoidedToBuyer
    | ReturnRequiredToBuyer
    | ClaimRefundedToBuyer
    | AppealDecisionToBuyer
    | SoldShipNow
    | BuyerMessage
    | DeadlineReminder
    | ShipByWarning
    | AutomaticCancellation
    | ClaimFiled
    | InformationWantedFromSeller
    | DecisionToSeller
    | GrantVoidedToSeller
    | AppealDecisionToSeller
)
