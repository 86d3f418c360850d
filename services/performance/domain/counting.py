"""What counts of one order, by all that was heard of it: in whatever order that came, the same comes out (H1, H2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Literal, TypeAlias

from services.performance.domain.model import (
    OF_ORDERS,
    Cause,
    Contact,
    ContestState,
    Defect,
    DefectKind,
    Dossier,
    Order,
    OrderRow,
    Place,
    Tally,
)
from services.performance.domain.policy import Policies
from shared.values import dataclass, replace

Answered: TypeAlias = Literal["waiting", "in_time", "late", "not_needed"]


def answered(contact: Contact, dossier: Dossier, policies: Policies) -> Answered:
    """Say how a contact was answered; one that was settled, or whose order was canceled, before its time needs none."""
    due_at = answer_due(contact, policies)
    if contact.responded_at is not None and contact.responded_at <= due_at:
        return "in_time"
    ends = [at for at in (contact.resolved_at, dossier.canceled_at) if at is not None]
    if ends and min(ends) <= due_at:
        return "not_needed"
    return "late" if contact.fell_due or contact.responded_at is not None else "waiting"


def answer_due(contact: Contact, policies: Policies) -> datetime:
    """Return the last instant at which an answer counts as in time."""
    return contact.opened_at + policies.of(contact.policy_id).answered_within


@dataclass(frozen=True, slots=True)
class Owed:
    """A defect that ought to be counted, and since when."""

    defect: Defect
    at: datetime


def owed(row: OrderRow, policies: Policies) -> Mapping[str, Owed]:
    """Return the defects that ought to be counted, by id: nothing that a contest has taken back for good."""
    order = row.dossier.order
    if order is None:
        return {}
    excused = {contest.defect_id for contest in row.decided.contests if contest.state == "accepted"}
    found = [*_of_order(order, row.dossier, policies), *_of_contacts(order, row.dossier, policies)]
    return {each.defect.defect_id: each for each in found if each.defect.defect_id not in excused}


def _of_order(order: Order, dossier: Dossier, policies: Policies) -> Iterator[Owed]:
    """Only released orders are counted, so a defect of one that is not yet released waits for that."""
    if dossier.released_at is None:
        return
    for cause in dossier.causes:
        if cause.stands and _is_bad(cause, order, policies):
            day = _day_of(cause, order, policies)
            defect = Defect(cause.defect_id, cause.kind, day, cause.cause_id, cause.claim_id)
            yield Owed(defect, max(cause.at, dossier.released_at))


def _day_of(cause: Cause, order: Order, policies: Policies) -> date:
    """A cancellation counts for the day it was made: after 30 days no window of orders would reach one by O11 (H2)."""
    return policies.day(order.marketplace_id, cause.at) if cause.kind == "cancellation" else order.day


def _is_bad(cause: Cause, order: Order, policies: Policies) -> bool:
    return cause.rating is None or cause.rating <= policies.of(order.policy_id).negative_rating_max


def _of_contacts(order: Order, dossier: Dossier, policies: Policies) -> Iterator[Owed]:
    for contact in dossier.contacts:
        if answered(contact, dossier, policies) == "late":
            day = policies.day(order.marketplace_id, contact.opened_at)
            defect = Defect(
                contact.defect_id, "late_answer", day, contact.cause_id, contact_id=contact.contact_id
            )
            yield Owed(defect, answer_due(contact, policies))


# ------------------------------------------------------------------------------- what the rates count of it


Counts: TypeAlias = DefectKind | Literal["released", "answered_in_time"]


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing behind a seller's numbers: a released order, a contact answered in time, or a defect.

    `name` tells apart those of one order: a defect's or contact's id. `stands`: whether it counts.
    """

    place: Place
    counts: Counts
    order_id: str
    name: str
    claim_id: str | None = None
    contact_id: str | None = None
    stands: bool = True
    contest_id: str | None = None
    contest: ContestState | None = None


def things(row: OrderRow, policies: Policies) -> Mapping[tuple[Counts, str], Thing]:
    """Return everything of an order that a number is made of, or was."""
    order = row.dossier.order
    if order is None:
        return {}
    found = [_defect(defect, order, row) for defect in row.decided.defects]
    if row.dossier.released_at is not None:
        found.append(Thing(_placed(order), "released", order.order_id, ""))
    for contact in row.dossier.contacts:
        if answered(contact, row.dossier, policies) == "in_time":
            place = _opened(contact, order, policies.day(order.marketplace_id, contact.opened_at))
            name = contact.contact_id
            found.append(Thing(place, "answered_in_time", order.order_id, name, contact_id=name))
    return {(thing.counts, thing.name): thing for thing in found}


def tallies(row: OrderRow, found_of_it: Iterable[Thing]) -> Mapping[Place, Tally]:
    """Return what an order adds to its seller's days. One with two defects counts once, and so do cancellations."""
    standing = [thing for thing in found_of_it if thing.stands]
    order = row.dossier.order
    found: dict[Place, Tally] = {}
    if order is not None and row.dossier.released_at is not None:
        found[_placed(order)] = Tally(
            released=1,
            defective=int(any(thing.counts in OF_ORDERS for thing in standing)),
        )
    canceled = [thing.place for thing in standing if thing.counts == "cancellation"]
    if canceled:
        first = min(canceled, key=lambda place: place.day)
        found[first] = found.get(first, Tally()) + Tally(canceled=1)
    for thing in standing:
        if thing.counts in {"answered_in_time", "late_answer"}:
            one = Tally(contacts=1, answered=int(thing.counts == "answered_in_time"))
            found[thing.place] = found.get(thing.place, Tally()) + one
    return found


def _defect(defect: Defect, order: Order, row: OrderRow) -> Thing:
    contest = next((each for each in row.decided.contests if each.defect_id == defect.defect_id), None)
    contact = next((each for each in row.dossier.contacts if each.contact_id == defect.contact_id), None)
    return Thing(
        _opened(contact, order, defect.day) if contact else replace(_placed(order), day=defect.day),
        defect.kind,
        order.order_id,
        defect.defect_id,
        defect.claim_id,
        defect.contact_id,
        defect.stands,
        contest.contest_id if contest else None,
        contest.state if contest else None,
    )


def _placed(order: Order) -> Place:
    return Place(order.marketplace_id, order.policy_id, order.day)


def _opened(contact: Contact, order: Order, day: date) -> Place:
    return Place(order.marketplace_id, contact.policy_id, day)
