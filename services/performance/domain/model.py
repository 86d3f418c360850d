"""What is kept: of an order, what was heard and what was decided on it; of a seller, a few numbers a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal, TypeAlias

from shared.values import dataclass

ActorKind: TypeAlias = Literal["buyer", "seller", "support", "investigator", "operator"]
DefectKind: TypeAlias = Literal[
    "claim_granted", "claim_refunded", "negative_feedback", "chargeback_lost", "cancellation", "late_answer"
]
OF_ORDERS: frozenset[DefectKind] = frozenset(
    {"claim_granted", "claim_refunded", "negative_feedback", "chargeback_lost"}
)
"""What makes an order one with a defect (H1)."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who gave a command."""

    kind: ActorKind
    id: str


# --------------------------------------------------------------------------------------- an order: heard


@dataclass(frozen=True, slots=True)
class Order:
    """An order, the policy that it was placed under, and its date at its marketplace."""

    order_id: str
    marketplace_id: str
    policy_id: str
    seller_id: str
    day: date


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that may count against an order, as its owner said it; `stands` until its owner lifts it.

    `rating` is that of feedback: whether it is negative, the order's policy says.
    """

    defect_id: str
    kind: DefectKind
    cause_id: str
    at: datetime
    claim_id: str | None = None
    rating: int | None = None
    stands: bool = True


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact, and how it was answered. `fell_due`: the time to answer it has passed, and its timer has fired."""

    contact_id: str
    defect_id: str
    cause_id: str
    policy_id: str
    opened_at: datetime
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    fell_due: bool = False


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that was heard about one order. What overtakes the order itself is kept until it comes."""

    order: Order | None = None
    released_at: datetime | None = None
    canceled_at: datetime | None = None
    causes: tuple[Cause, ...] = ()
    contacts: tuple[Contact, ...] = ()


# ------------------------------------------------------------------------------------- an order: decided


@dataclass(frozen=True, slots=True)
class Defect:
    """Something that a rate counts, or, no longer standing, has counted. `day` is the day that it counts for."""

    defect_id: str
    kind: DefectKind
    day: date
    cause_id: str
    claim_id: str | None = None
    contact_id: str | None = None
    stands: bool = True


ContestState: TypeAlias = Literal["submitted", "under_review", "accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Contest:
    """The seller says that something should not count (H3)."""

    contest_id: str
    defect_id: str
    state: ContestState = "submitted"


@dataclass(frozen=True, slots=True)
class Decided:
    """What was said about one order: our own facts are enough for it."""

    defects: tuple[Defect, ...] = ()
    contests: tuple[Contest, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderRow:
    """All that performance keeps of one order."""

    dossier: Dossier = Dossier()
    decided: Decided = Decided()


# ---------------------------------------------------------------------------------------------- a seller


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A day of a marketplace, under the policy that its windows are by."""

    marketplace_id: str
    policy_id: str
    day: date


@dataclass(frozen=True, slots=True)
class Tally:
    """What the rates count of one day. Orders are of the day that they were placed on, contacts opened on."""

    released: int = 0
    defective: int = 0
    canceled: int = 0
    contacts: int = 0
    answered: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.released + other.released,
            self.defective + other.defective,
            self.canceled + other.canceled,
            self.contacts + other.contacts,
            self.answered + other.answered,
        )

    def __neg__(self) -> Tally:
        return Tally(-self.released, -self.defective, -self.canceled, -self.contacts, -self.answered)


@dataclass(frozen=True, slots=True)
class Bucket:
    """One day of a seller."""

    place: Place
    tally: Tally


@dataclass(frozen=True, slots=True)
class Rate:
    """A part of a whole, over the days `first` to `last`, both included."""

    numerator: int
    denominator: int
    target: float
    first: date
    last: date

    @property
    def numbers(self) -> tuple[int, int, float]:
        """Without the days: what makes it another rate."""
        return self.numerator, self.denominator, self.target


@dataclass(frozen=True, slots=True)
class Health:
    """A seller's rates."""

    order_defects: Rate
    cancellations: Rate
    answered: Rate

    @property
    def numbers(self) -> tuple[tuple[int, int, float], ...]:
        """Without the days: what makes it another health."""
        return self.order_defects.numbers, self.cancellations.numbers, self.answered.numbers


@dataclass(frozen=True, slots=True)
class SellerRow:
    """A seller's days, as of an instant: those that a window still reaches, however many orders they are of.

    `as_of` only goes forward. `said` is the health that was said last, as of `said_at`. The days are in order.
    """

    as_of: datetime | None = None
    marketplaces: tuple[str, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    said: Health | None = None
    said_at: datetime | None = None
