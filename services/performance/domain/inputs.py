"""Everything that comes in: facts heard, commands, and deadlines that fired.

`source_id` is the event's id, `at` the instant that it is dated.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from services.performance.domain.model import Actor, Cause, Contact, Order
from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class OrderReceived:
    """The order exists."""

    source_id: str
    at: datetime
    order: Order


@dataclass(frozen=True, slots=True)
class OrderReleased:
    """From now on it is one of the orders that the rates are of."""

    source_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Canceled:
    """Lines, or, if `whole`, all that was left of the order. `cause` is there if it counts against the seller."""

    source_id: str
    at: datetime
    whole: bool
    cause: Cause | None


@dataclass(frozen=True, slots=True)
class CauseHeard:
    """Something may count: a grant, a refunded claim, feedback, a chargeback lost."""

    source_id: str
    at: datetime
    cause: Cause


@dataclass(frozen=True, slots=True)
class CauseLifted:
    """It is reversed or void."""

    source_id: str
    at: datetime
    defect_id: str


@dataclass(frozen=True, slots=True)
class ContactOpened:
    """The buyer raised an issue."""

    source_id: str
    at: datetime
    contact: Contact


@dataclass(frozen=True, slots=True)
class ContactResponded:
    """The seller answered in person. Said again if an earlier answer is read later."""

    source_id: str
    at: datetime
    contact_id: str
    responded_at: datetime


@dataclass(frozen=True, slots=True)
class ContactResolved:
    """It is settled, and no answer is waited for any more."""

    source_id: str
    at: datetime
    contact_id: str
    resolved_at: datetime


@dataclass(frozen=True, slots=True)
class ContactDue:
    """The time to answer a contact has passed."""

    source_id: str
    at: datetime
    contact_id: str


@dataclass(frozen=True, slots=True)
class DayEnds:
    """A day has left a window of the order's seller."""

    source_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ContestDefect:
    """The seller contests something that a rate counts. What is explained is said, and not kept."""

    source_id: str
    at: datetime
    actor: Actor
    contest_id: str
    defect_id: str


@dataclass(frozen=True, slots=True)
class DecideContest:
    """An investigator accepts or rejects it."""

    source_id: str
    at: datetime
    actor: Actor
    contest_id: str
    accepted: bool


Command: TypeAlias = ContestDefect | DecideContest
Input: TypeAlias = (
    OrderReceived
    | OrderReleased
    | Canceled
    | CauseHeard
    | CauseLifted
    | ContactOpened
    | ContactResponded
    | ContactResolved
    | ContactDue
    | DayEnds
    | Command
)
