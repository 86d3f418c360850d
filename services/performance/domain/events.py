"""What can come of an input: what is only kept of an order, what is said, and what moves in a seller's days."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from services.performance.domain.model import Cause, Contact, Defect, DefectKind, Health, Order, Place, Tally
from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class OrderNoted:
    """The order is known from now on (kept, not said)."""

    order: Order


@dataclass(frozen=True, slots=True)
class ReleaseNoted:
    """It is a released order (kept, not said)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CancellationNoted:
    """Nothing of it is left, and its contacts have no clock any more (kept, not said)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CauseNoted:
    """Something may count, or, no longer standing, does not any more (kept, not said)."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class ContactNoted:
    """A contact as it stands now (kept, not said)."""

    contact: Contact


@dataclass(frozen=True, slots=True)
class DefectCounted:
    """A rate counts this from now on."""

    defect: Defect
    at: datetime


@dataclass(frozen=True, slots=True)
class DefectTakenBack:
    """It counts no more, because of `cause_id`."""

    defect_id: str
    kind: DefectKind
    cause_id: str
    contest_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ContestSubmitted:
    """The seller contests it."""

    contest_id: str
    defect_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ContestUnderReview:
    """It is in the investigators' queue."""

    contest_id: str
    defect_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ContestAccepted:
    """What was contested is taken back, for good."""

    contest_id: str
    defect_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ContestRejected:
    """What was contested stays counted."""

    contest_id: str
    defect_id: str
    at: datetime


Reason: TypeAlias = Literal[
    "in_the_future",
    "not_the_seller",
    "unknown_defect",
    "taken_back",
    "already_contested",
    "contest_id_reused",
    "not_the_investigator",
    "unknown_contest",
    "contest_decided",
    "too_large",
]


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """No, by which rule, and why."""

    rule: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class ContactTimerSet:
    """Ask to be told when the time to answer a contact has passed."""

    contact_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ContactTimerCanceled:
    """That is not needed any more."""

    contact_id: str
    due_at: datetime


OrderEvent: TypeAlias = (
    OrderNoted
    | ReleaseNoted
    | CancellationNoted
    | CauseNoted
    | ContactNoted
    | DefectCounted
    | DefectTakenBack
    | ContestSubmitted
    | ContestUnderReview
    | ContestAccepted
    | ContestRejected
    | CommandRefused
    | ContactTimerSet
    | ContactTimerCanceled
)


@dataclass(frozen=True, slots=True)
class TimeMoved:
    """The seller's windows end with the day of this instant (kept, not said)."""

    as_of: datetime


@dataclass(frozen=True, slots=True)
class DayLeft:
    """No window reaches this day any more (kept, not said)."""

    place: Place


@dataclass(frozen=True, slots=True)
class DayChanged:
    """So much more, or less, is counted of this day (kept, not said)."""

    place: Place
    change: Tally


@dataclass(frozen=True, slots=True)
class DayTimerSet:
    """Ask to be told when this day leaves a window."""

    place: Place
    due_at: datetime


@dataclass(frozen=True, slots=True)
class HealthChanged:
    """The seller's rates are others now."""

    health: Health
    at: datetime


SellerEvent: TypeAlias = TimeMoved | DayLeft | DayChanged | DayTimerSet | HealthChanged
