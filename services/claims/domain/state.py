"""What claims has decided of an order: its claims as a union of shapes, each with its own ledger."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Literal, TypeAlias

from services.claims.domain.dossier import Dossier, Moment
from services.claims.domain.inputs import Issue, Reason, Side, Source, Wanted
from services.claims.domain.money import Units
from services.claims.domain.policy import OnSilence
from shared.values import dataclass

Funding: TypeAlias = Literal["seller", "marketplace"]
Judgement: TypeAlias = Literal["return_policy_not_followed", "no_clear_justification"]
"""The two refusals of C4 that are an investigator's."""
FirstOutcome: TypeAlias = Literal["granted", "denied", "refused"]
End: TypeAlias = Literal[
    "granted",
    "denied",
    "refused",
    "withdrawn",
    "refunded",
    "not_returned",
    "chargeback",
    "reversed",
    "upheld",
]


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
    """Extra charges that were documented by evidence at the filing."""
    policy_id: str
    undocumented_minor: int = 0
    """Extra charges that were not: they count once evidence is added."""
    respond_by: datetime | None = None
    """Until when the seller has to answer, where the policy sets a deadline (C6.5)."""


@dataclass(frozen=True, slots=True)
class Request:
    """Information that an investigator asked for. `on_silence`: what it means if the clock runs out.

    `respond_by` is the deadline as it was set; a chargeback moves it, see `clocks.py`.
    """

    request_id: str
    asked: Side
    asked_at: datetime
    respond_by: datetime
    on_silence: OnSilence
    answer: Moment | None = None

    @property
    def source(self) -> Source:
        """The command that asked."""
        return Source(self.request_id, self.asked_at)


@dataclass(frozen=True, slots=True)
class Demand:
    """The seller refunds once the item is back, which is to be sent by then (C8)."""

    source: Source
    send_by: datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """While a chargeback ran the clocks stood still (C16). `until` is None while it runs."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Debit:
    """A debit of the seller. It stands until it is reimbursed, whole."""

    ordinal: int
    amount_minor: int
    is_standing: bool = True


@dataclass(frozen=True, slots=True)
class Ledger:
    """The money of one claim: how often it was granted, what the buyer got, what the seller was debited.

    `refunded_minor` is what the seller paid back to end the claim.
    """

    grants: int = 0
    compensated_minor: int = 0
    debits: tuple[Debit, ...] = ()
    refunded_minor: int = 0

    @property
    def standing(self) -> tuple[Debit, ...]:
        """The debits that were not reimbursed: one at most."""
        return tuple(debit for debit in self.debits if debit.is_standing)


@dataclass(frozen=True, slots=True)
class Case:
    """What every claim has, whatever became of it."""

    filing: Filing
    requests: tuple[Request, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)
    answer: Moment | None = None
    """The seller's first answer to the claim, by its date."""
    demand: Demand | None = None
    pauses: tuple[Pause, ...] = ()
    is_documented: bool = False
    """Whether the buyer added evidence after the filing."""

    @property
    def claim_id(self) -> str:
        """The claim's id."""
        return self.filing.claim_id

    @property
    def extra_minor(self) -> int:
        """Extra charges that are documented (C1)."""
        return self.filing.extra_minor + (self.filing.undocumented_minor if self.is_documented else 0)


# ----------------------------------------------------------------------------------------------------- open


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
class AwaitingReturn:
    """The seller asked for the item back first (C8). Somebody may have been asked something as well."""

    case: Case
    awaited: tuple[str, ...] = ()
    shape: Literal["awaiting_return"] = "awaiting_return"


# -------------------------------------------------------------------------------------------------- decided


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
class Refused:
    """An investigator refused it by judgement (C4)."""

    case: Case
    judgement: Judgement
    decided_at: datetime
    decided_by: str
    closes_at: datetime
    shape: Literal["refused"] = "refused"


Appealable: TypeAlias = Granted | Denied | Refused


@dataclass(frozen=True, slots=True)
class Appealed:
    """Somebody else than the first investigator looks at it again (C11)."""

    was: Appealable
    by: Side
    source: Source
    shape: Literal["appealed"] = "appealed"

    @property
    def case(self) -> Case:
        """The case as it was decided."""
        return self.was.case


# ------------------------------------------------------------------------------------------------ suspended


@dataclass(frozen=True, slots=True)
class Suspended:
    """A chargeback runs: nothing is decided (C16)."""

    was: UnderInvestigation | AwaitingInformation | AwaitingReturn | Appealed
    shape: Literal["suspended"] = "suspended"

    @property
    def case(self) -> Case:
        """The case as it stands still."""
        return self.was.case


# -------------------------------------------------------------------------------------------------- at an end


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The buyer took it back (C7)."""

    case: Case
    shape: Literal["withdrawn"] = "withdrawn"


@dataclass(frozen=True, slots=True)
class RefundedBySeller:
    """The seller refunded it in full (C8)."""

    case: Case
    shape: Literal["refunded_by_seller"] = "refunded_by_seller"


@dataclass(frozen=True, slots=True)
class Reversed:
    """The first decision did not stand (C12). `case` is the one after it, with the money that it moved."""

    was: Appealed
    case: Case
    reverse_money: bool
    reverse_defect: bool
    amount_minor: int
    funding: Funding
    shape: Literal["reversed"] = "reversed"


@dataclass(frozen=True, slots=True)
class Upheld:
    """The first decision stands, for good (C12)."""

    was: Appealed
    shape: Literal["upheld"] = "upheld"

    @property
    def case(self) -> Case:
        """The case as it was decided."""
        return self.was.case


Ended: TypeAlias = (
    Granted
    | Denied
    | Refused
    | Withdrawn
    | RefundedBySeller
    | UnderInvestigation
    | AwaitingInformation
    | AwaitingReturn
    | Suspended
    | Reversed
    | Upheld
)


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing about it changes any more. `was` says how it ended: it had not been sent back, for one."""

    was: Ended
    closed_at: datetime
    shape: Literal["closed"] = "closed"

    @property
    def case(self) -> Case:
        """The case as it was when it closed."""
        return self.was.case

    @property
    def end(self) -> End:
        """What stands."""
        return _ENDS[self.was.shape]


_ENDS: dict[str, End] = {
    "granted": "granted",
    "denied": "denied",
    "refused": "refused",
    "withdrawn": "withdrawn",
    "refunded_by_seller": "refunded",
    "awaiting_return": "not_returned",
    "suspended": "chargeback",
    "under_investigation": "chargeback",
    "awaiting_information": "chargeback",
    "reversed": "reversed",
    "upheld": "upheld",
}

Open: TypeAlias = UnderInvestigation | AwaitingInformation | AwaitingReturn
"""Still to be decided, and its clocks run."""
Claim: TypeAlias = (
    UnderInvestigation
    | AwaitingInformation
    | AwaitingReturn
    | Suspended
    | Granted
    | Denied
    | Refused
    | Appealed
    | Withdrawn
    | RefundedBySeller
    | Reversed
    | Upheld
    | Closed
)
OPEN = (UnderInvestigation, AwaitingInformation, AwaitingReturn)


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


def is_open(claim: Claim) -> bool:
    """Say whether it is still to be decided, for the first time or on appeal: it bars another of its items."""
    return isinstance(claim, (*OPEN, Suspended, Appealed))


def granted_of(claim: Claim) -> Granted | None:
    """Return the grant that a claim stands on, also while it is appealed and once it is closed."""
    match claim:
        case Granted():
            return claim
        case Appealed() | Suspended() | Upheld() | Closed():
            return granted_of(claim.was)
        case _:
            return None
