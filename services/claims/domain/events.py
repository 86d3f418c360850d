"""What was decided. Each becomes a fact, a debit, a timer or a refusal; `Noted` is kept in the dossier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from services.claims.domain.explanation import Explanation
from services.claims.domain.inputs import (
    Actor,
    FileClaim,
    Heard,
    ProvideInformation,
    RequestInformation,
    Source,
    TimerKind,
)
from services.claims.domain.money import Money, Units
from services.claims.domain.policy import OnSilence
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import Funding


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
    claim_id: str
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
    """A request's time ran out and grants nothing: the investigation goes on without the answer."""

    claim_id: str
    request_id: str
    at: datetime


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
class ClaimClosed:
    """Nobody appealed in time (C13)."""

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
    | InformationRequested
    | InformationProvided
    | ClaimResumed
    | ClaimGranted
    | SellerDebited
    | BuyerCompensated
    | SellerReimbursed
    | GrantVoided
    | ClaimDenied
    | ClaimClosed
    | LateAnswerSeen
    | TimerSet
    | TimerCanceled
)
