"""What claims has decided of an order: its claims as a union of shapes, each with its own ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from services.claims.domain.dossier import Dossier, Moment
from services.claims.domain.inputs import Issue, Reason, Side, Source, Wanted
from services.claims.domain.money import Units
from services.claims.domain.policy import OnSilence
from services.claims.domain.windows import in_time

Funding: TypeAlias = Literal["seller", "marketplace"]


@dataclass(frozen=True, slots=True)
class Filing:
    """What the buyer asked for. `source` is the command that filed it, and when."""

    claim_id: str
    source: Source
    lines: tuple[Units, ...]
    issue: Issue
    reason: Reason | None
    wanted: Wanted
    amount_minor: int
    extra_minor: int
    """Extra charges, documented by evidence; 0 when they are not."""
    policy_id: str


@dataclass(frozen=True, slots=True)
class Request:
    """Information that an investigator asked for. `on_silence`: what it means if the clock runs out."""

    request_id: str
    asked: Side
    asked_at: datetime
    respond_by: datetime
    on_silence: OnSilence
    answer: Moment | None = None

    @property
    def is_answered_in_time(self) -> bool:
        """Say whether its clock was stopped; an answer after its end does not."""
        return in_time(self.answer.at if self.answer else None, self.respond_by)

    @property
    def source(self) -> Source:
        """The command that asked."""
        return Source(self.request_id, self.asked_at)


@dataclass(frozen=True, slots=True)
class Debit:
    """A debit of the seller. It stands until it is reimbursed, whole."""

    ordinal: int
    amount_minor: int
    is_standing: bool = True


@dataclass(frozen=True, slots=True)
class Ledger:
    """The money of one claim: how often it was granted, what the buyer got, what the seller was debited."""

    grants: int = 0
    compensated_minor: int = 0
    debits: tuple[Debit, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """What every claim has, whatever became of it."""

    filing: Filing
    requests: tuple[Request, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def claim_id(self) -> str:
        """The claim's id."""
        return self.filing.claim_id


@dataclass(frozen=True, slots=True)
class UnderInvestigation:
    """An investigator has it."""

    case: Case
    shape: Literal["under_investigation"] = "under_investigation"


@dataclass(frozen=True, slots=True)
class AwaitingInformation:
    """A side was asked, and its clock runs."""

    case: Case
    awaited: tuple[str, ...]
    """Requests that are neither answered nor lapsed: at least one."""
    shape: Literal["awaiting_information"] = "awaiting_information"


@dataclass(frozen=True, slots=True)
class Granted:
    """The buyer was right. `held`: the grounds of C6 that held when it was granted."""

    case: Case
    amount_minor: int
    funding: Funding
    automatic: bool
    held: tuple[str, ...]
    decided_at: datetime
    decided_by: str | None
    closes_at: datetime
    shape: Literal["granted"] = "granted"


@dataclass(frozen=True, slots=True)
class Denied:
    """An investigator said no."""

    case: Case
    decided_at: datetime
    decided_by: str
    closes_at: datetime
    shape: Literal["denied"] = "denied"


@dataclass(frozen=True, slots=True)
class Closed:
    """Nobody appealed in time: nothing about it changes any more (C13)."""

    was: Granted | Denied
    closed_at: datetime
    shape: Literal["closed"] = "closed"

    @property
    def case(self) -> Case:
        """The case as it was when it closed."""
        return self.was.case


Open: TypeAlias = UnderInvestigation | AwaitingInformation
Claim: TypeAlias = UnderInvestigation | AwaitingInformation | Granted | Denied | Closed


@dataclass(frozen=True, slots=True)
class Decided:
    """What claims said of an order: its claims as they were filed, and for which contacts filing opened."""

    claims: tuple[Claim, ...] = ()
    announced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderState:
    """An order as claims knows it: what was heard, and what was decided on it."""

    dossier: Dossier = field(default_factory=Dossier)
    decided: Decided = field(default_factory=Decided)


def claim_of(state: OrderState, claim_id: str) -> Claim | None:
    """Find a claim of the order."""
    return next((claim for claim in state.decided.claims if claim.case.claim_id == claim_id), None)
