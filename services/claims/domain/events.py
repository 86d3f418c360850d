"""What was decided. Each becomes a fact, a debit, a timer or a refusal; `Noted` is kept in the dossier."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from services.claims.domain.explanation import Explanation
from services.claims.domain.inputs import (
    Actor,
    AddEvidence,
    AnswerClaim,
    AppealClaim,
    CheckEligibility,
    FileClaim,
    Heard,
    ProvideInformation,
    RefundClaim,
    RequestInformation,
    Side,
    Source,
    TimerKind,
    WithdrawClaim,
)
from services.claims.domain.money import Money, Units
from services.claims.domain.policy import OnSilence
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import FirstOutcome, Funding, Judgement
from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class Noted:
    """A fact of another service was added to the dossier."""

    fact: Heard
    read_at: datetime


@dataclass(frozen=True, slots=True)
class FilingOpened:
    """From now on the buyer may file on this contact (C2)."""

    contact_id: str
    eligible_from: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class ClaimFiled:
    """A claim is open."""

    form: FileClaim
    policy_id: str
    respond_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClaimRefused:
    """A filing was not accepted."""

    command_id: str
    claim_id: str
    refusal: Refusal
    policy_id: str | None
    explanation: Explanation
    at: datetime


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """Another command was not followed."""

    command_id: str
    claim_id: str | None
    request_id: str | None
    refusal: Refusal
    at: datetime


@dataclass(frozen=True, slots=True)
class InformationRequested:
    """A side is asked, until `respond_by`."""

    request: RequestInformation
    respond_by: datetime
    on_silence: OnSilence


@dataclass(frozen=True, slots=True)
class InformationProvided:
    """The side that was asked answered; it was read `at`."""

    answer: ProvideInformation
    at: datetime


@dataclass(frozen=True, slots=True)
class ClaimResumed:
    """The investigation goes on: without an answer that did not come in time, or after a chargeback.

    With `request_id`, a request's time ran out and grants nothing; without, each clock goes on.
    """

    claim_id: str
    request_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ClaimSuspended:
    """A chargeback runs: from `at` the clocks of the claim stand still (C16)."""

    claim_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ClaimAnswered:
    """The seller answered the claim; it was read `at`."""

    answer: AnswerClaim
    at: datetime


@dataclass(frozen=True, slots=True)
class EvidenceAdded:
    """Either side added to the case."""

    evidence: AddEvidence


@dataclass(frozen=True, slots=True)
class ReturnRequired:
    """The seller refunds once the item is back (C8)."""

    demand: RefundClaim
    send_by: datetime


@dataclass(frozen=True, slots=True)
class ClaimWithdrawn:
    """The buyer took it back (C7)."""

    command: WithdrawClaim


@dataclass(frozen=True, slots=True)
class ClaimRefundedBySeller:
    """The seller refunds what is left of the claim (C8).

    Without a command, other refunds have left nothing: `amount` is 0.
    """

    claim_id: str
    lines: tuple[Units, ...]
    amount: Money
    at: datetime
    command: RefundClaim | None = None


@dataclass(frozen=True, slots=True)
class ClaimGranted:
    """The buyer was right. `ordinal` numbers the grants of a claim: a voided one may be followed by another.

    `compensation` is what the buyer still is to be paid: less than `amount` after a voided grant.
    """

    claim_id: str
    ordinal: int
    lines: tuple[Units, ...]
    amount: Money
    compensation: Money
    funding: Funding
    automatic: bool
    policy_id: str
    explanation: Explanation
    at: datetime
    closes_at: datetime
    actor: Actor | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SellerDebited:
    """The seller pays for a grant: `ordinal` is the grant's."""

    claim_id: str
    ordinal: int
    amount: Money
    rules: tuple[str, ...]
    policy_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BuyerCompensated:
    """The buyer is paid for a grant: `ordinal` is the grant's."""

    claim_id: str
    ordinal: int
    amount: Money
    funding: Funding
    at: datetime


@dataclass(frozen=True, slots=True)
class SellerReimbursed:
    """A debit is taken back, whole: `ordinal` is that of its grant."""

    claim_id: str
    ordinal: int
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class GrantVoided:
    """An answer dated in time was read after the grant. `amount` is what the seller gets back."""

    claim_id: str
    ordinal: int
    amount: Money
    funding: Funding
    policy_id: str
    explanation: Explanation
    answered_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class ClaimDenied:
    """An investigator said no."""

    claim_id: str
    policy_id: str
    explanation: Explanation
    at: datetime
    closes_at: datetime
    actor: Actor
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusedByJudgement:
    """An investigator refused it by one of the judgements of C4."""

    command_id: str
    claim_id: str
    judgement: Judgement
    policy_id: str
    explanation: Explanation
    at: datetime
    closes_at: datetime
    actor: Actor
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimAppealed:
    """A side asks that somebody else looks at the decision (C11)."""

    appeal: AppealClaim
    by: Side


@dataclass(frozen=True, slots=True)
class AppealReversed:
    """The first decision falls, the money and the defect each on its own (C12).

    `amount` is what the seller is reimbursed, or what the buyer is granted after a denial or refusal: then
    `ordinal` numbers that grant, and `compensation` is what the buyer is still to be paid.
    """

    claim_id: str
    first_outcome: FirstOutcome
    reverse_money: bool
    reverse_defect: bool
    ordinal: int
    lines: tuple[Units, ...]
    amount: Money
    compensation: Money
    funding: Funding
    policy_id: str
    explanation: Explanation
    at: datetime
    actor: Actor
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AppealUpheld:
    """The first decision stands: `amount` is what it had granted (C12)."""

    claim_id: str
    first_outcome: FirstOutcome
    amount: Money
    funding: Funding | None
    policy_id: str
    explanation: Explanation
    at: datetime
    actor: Actor
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EligibilityChecked:
    """The answer to a question: nothing has changed. `missing` are the refusals that a filing would get."""

    question: CheckEligibility
    eligible: bool
    eligible_from: datetime | None
    until: datetime | None
    missing: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ClaimClosed:
    """It is at its end (C13): nobody appealed in time, or there is nothing to appeal."""

    claim_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LateAnswerSeen:
    """An answer that would have voided a grant was read after the claim closed: it moves no money (C6)."""

    claim_id: str
    answer: Source
    answered_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class TimerSet:
    """A deadline is to be heard of."""

    kind: TimerKind
    subject_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class TimerCanceled:
    """A deadline does not matter any more."""

    kind: TimerKind
    subject_id: str
    due_at: datetime


Event: TypeAlias = (
    Noted
    | FilingOpened
    | ClaimFiled
    | ClaimRefused
    | CommandRefused
    | EligibilityChecked
    | InformationRequested
    | InformationProvided
    | ClaimAnswered
    | EvidenceAdded
    | ReturnRequired
    | ClaimSuspended
    | ClaimResumed
    | ClaimGranted
    | SellerDebited
    | BuyerCompensated
    | SellerReimbursed
    | GrantVoided
    | ClaimDenied
    | RefusedByJudgement
    | ClaimWithdrawn
    | ClaimRefundedBySeller
    | ClaimAppealed
    | AppealReversed
    | AppealUpheld
    | ClaimClosed
    | LateAnswerSeen
    | TimerSet
    | TimerCanceled
)
