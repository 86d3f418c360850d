"""From what was decided to what is kept. Total, and without a rule."""

from __future__ import annotations

from bisect import bisect_left
from typing import assert_never

from services.performance.domain.events import (
    CancellationNoted,
    CauseNoted,
    CommandRefused,
    ContactNoted,
    ContactTimerCanceled,
    ContactTimerSet,
    ContestAccepted,
    ContestRejected,
    ContestSubmitted,
    ContestUnderReview,
    DayChanged,
    DayLeft,
    DayTimerSet,
    DefectCounted,
    DefectTakenBack,
    HealthChanged,
    OrderEvent,
    OrderNoted,
    ReleaseNoted,
    SellerEvent,
    TimeMoved,
)
from services.performance.domain.model import (
    Bucket,
    Cause,
    Contact,
    Contest,
    ContestState,
    Decided,
    Defect,
    Dossier,
    OrderRow,
    Place,
    SellerRow,
    Tally,
)
from shared.values import replace


def evolve(row: OrderRow, event: OrderEvent) -> OrderRow:
    """Return the row after an event."""
    return OrderRow(_hear(row.dossier, event), decide_on(row.decided, event))


def _hear(dossier: Dossier, event: OrderEvent) -> Dossier:
    match event:
        case OrderNoted():
            return replace(dossier, order=event.order)
        case ReleaseNoted():
            return replace(dossier, released_at=event.at)
        case CancellationNoted():
            return replace(dossier, canceled_at=event.at)
        case CauseNoted():
            return replace(dossier, causes=_with_cause(dossier.causes, event.cause))
        case ContactNoted():
            return replace(dossier, contacts=_with_contact(dossier.contacts, event.contact))
        case _:
            return dossier


def decide_on(decided: Decided, event: OrderEvent) -> Decided:  # noqa: PLR0911  one arm an event
    """Replay one event on what was decided: our own facts are enough for it."""
    match event:
        case DefectCounted():
            return replace(decided, defects=_with_defect(decided.defects, event.defect))
        case DefectTakenBack():
            defects = tuple(
                replace(each, stands=False) if each.defect_id == event.defect_id else each
                for each in decided.defects
            )
            return replace(decided, defects=defects)
        case ContestSubmitted():
            contest = Contest(event.contest_id, event.defect_id)
            return replace(decided, contests=(*decided.contests, contest))
        case ContestUnderReview():
            return _contested(decided, event.contest_id, "under_review")
        case ContestAccepted():
            return _contested(decided, event.contest_id, "accepted")
        case ContestRejected():
            return _contested(decided, event.contest_id, "rejected")
        case OrderNoted() | ReleaseNoted() | CancellationNoted() | CauseNoted() | ContactNoted():
            return decided
        case CommandRefused() | ContactTimerSet() | ContactTimerCanceled():
            return decided
        case _:
            assert_never(event)


def _contested(decided: Decided, contest_id: str, state: ContestState) -> Decided:
    contests = tuple(
        replace(each, state=state) if each.contest_id == contest_id else each for each in decided.contests
    )
    return replace(decided, contests=contests)


def _with_cause(causes: tuple[Cause, ...], cause: Cause) -> tuple[Cause, ...]:
    """Put it where it was; a claim that is granted again is the same defect."""
    known = {each.defect_id: each for each in causes} | {cause.defect_id: cause}
    return tuple(known.values())


def _with_contact(contacts: tuple[Contact, ...], contact: Contact) -> tuple[Contact, ...]:
    known = {each.contact_id: each for each in contacts} | {contact.contact_id: contact}
    return tuple(known.values())


def _with_defect(defects: tuple[Defect, ...], defect: Defect) -> tuple[Defect, ...]:
    known = {each.defect_id: each for each in defects} | {defect.defect_id: defect}
    return tuple(known.values())


def evolve_seller(seller: SellerRow, event: SellerEvent) -> SellerRow:
    """Return a seller's row after an event. Days are kept in order, whatever order they came in."""
    match event:
        case TimeMoved():
            return replace(seller, as_of=event.as_of)
        case DayLeft():
            return replace(
                seller, buckets=tuple(each for each in seller.buckets if each.place != event.place)
            )
        case DayChanged():
            return _counted(seller, event)
        case HealthChanged():
            return replace(seller, said=event.health, said_at=event.at)
        case DayTimerSet():
            return seller
        case _:
            assert_never(event)


def tally_of(seller: SellerRow, place: Place) -> Tally:
    """Return what is counted of a day; nothing of one that is not kept."""
    at = _find(seller, place)
    found = seller.buckets[at : at + 1]
    return found[0].tally if found and found[0].place == place else Tally()


def _counted(seller: SellerRow, event: DayChanged) -> SellerRow:
    at, buckets = _find(seller, event.place), seller.buckets
    rest = buckets[at:]
    if rest and rest[0].place == event.place:
        rest = rest[1:]
    bucket = Bucket(event.place, tally_of(seller, event.place) + event.change)
    here = event.place.marketplace_id
    known = seller.marketplaces
    return replace(
        seller,
        marketplaces=known if here in known else tuple(sorted((*known, here))),
        buckets=(*buckets[:at], bucket, *rest),
    )


def _find(seller: SellerRow, place: Place) -> int:
    """Return where a day stands, or would stand, among those that are kept."""
    return bisect_left(seller.buckets, place, key=lambda bucket: bucket.place)
