"""What follows from an input, for an order and for its seller: pure and total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import reduce
from typing import assert_never

from services.performance.domain.counting import Owed, answer_due, answered, owed
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
    DefectCounted,
    DefectTakenBack,
    OrderEvent,
    OrderNoted,
    Reason,
    ReleaseNoted,
)
from services.performance.domain.evolve import evolve
from services.performance.domain.inputs import (
    Canceled,
    CauseHeard,
    CauseLifted,
    ContactDue,
    ContactOpened,
    ContactResolved,
    ContactResponded,
    ContestDefect,
    DayEnds,
    DecideContest,
    Input,
    OrderReceived,
    OrderReleased,
)
from services.performance.domain.model import Contact, OrderRow, Place, Tally
from services.performance.domain.policy import Policies
from shared.values import dataclass, replace


def decide(given: Input, row: OrderRow, *, now: datetime, policy: Policies) -> Sequence[OrderEvent]:
    """Say what follows for the order: what is noted of it, then what counts by all that is known, then timers."""
    return told(given, row, now=now, policy=policy)[0]


def told(
    given: Input, row: OrderRow, *, now: datetime, policy: Policies
) -> tuple[Sequence[OrderEvent], OrderRow]:
    """Decide, and return what follows together with the order as it stands after it."""
    noted = _note(given, row, now, policy)
    heard = reduce(evolve, noted, row)
    ought = owed(heard, policy)
    counted: list[OrderEvent] = [*_taken_back(given, heard, ought), *_counted(heard, ought)]
    after = reduce(evolve, counted, heard)
    return [*noted, *counted, *_timers(row, after, policy)], after


def changes(was: Mapping[Place, Tally], now_is: Mapping[Place, Tally]) -> Mapping[Place, Tally]:
    """Return by how much the seller's days change with an order, from what it added to them and adds now."""
    moved = {place: now_is.get(place, Tally()) + -was.get(place, Tally()) for place in {**was, **now_is}}
    return {place: change for place, change in moved.items() if change != Tally()}


# --------------------------------------------------------------------------------------------------- noted


def _note(given: Input, row: OrderRow, now: datetime, policies: Policies) -> Sequence[OrderEvent]:  # noqa: C901, PLR0911  one arm an input
    match given:
        case OrderReceived():
            return [OrderNoted(given.order)] if row.dossier.order is None else []
        case OrderReleased():
            return [ReleaseNoted(given.at)] if row.dossier.released_at is None else []
        case Canceled():
            return _canceled(given, row)
        case CauseHeard():
            return [CauseNoted(given.cause)]
        case CauseLifted():
            return _lifted(given, row)
        case ContactOpened():
            known = _contact(row, given.contact.contact_id)
            return [ContactNoted(given.contact)] if known is None else []
        case ContactResponded() | ContactResolved() | ContactDue():
            contact = _contact(row, given.contact_id)
            noted = _after(contact, given) if contact else None
            return [ContactNoted(noted)] if noted and noted != contact else []
        case DayEnds():
            return []
        case ContestDefect():
            return _contest(given, row, now, policies)
        case DecideContest():
            return _decide_contest(given, row, now, policies)
        case _:
            assert_never(given)


def _canceled(given: Canceled, row: OrderRow) -> Sequence[OrderEvent]:
    noted: list[OrderEvent] = [CauseNoted(given.cause)] if given.cause else []
    if given.whole and row.dossier.canceled_at is None:
        noted.append(CancellationNoted(given.at))
    return noted


def _lifted(given: CauseLifted, row: OrderRow) -> Sequence[OrderEvent]:
    found = [each for each in row.dossier.causes if each.defect_id == given.defect_id and each.stands]
    return [CauseNoted(replace(cause, stands=False)) for cause in found]


def _contact(row: OrderRow, contact_id: str) -> Contact | None:
    return next((each for each in row.dossier.contacts if each.contact_id == contact_id), None)


def _after(contact: Contact, given: ContactResponded | ContactResolved | ContactDue) -> Contact:
    """Return the contact after the news; of two answers the earlier counts, whichever is read first."""
    match given:
        case ContactResponded():
            at = min(given.responded_at, contact.responded_at or given.responded_at)
            return replace(contact, responded_at=at)
        case ContactResolved():
            return replace(contact, resolved_at=contact.resolved_at or given.resolved_at)
        case ContactDue():
            return replace(contact, fell_due=True)


# ----------------------------------------------------------------------------------------------- contests


def _contest(given: ContestDefect, row: OrderRow, now: datetime, policies: Policies) -> Sequence[OrderEvent]:
    refusal = _not_contestable(given, row, now, policies)
    if refusal is not None:
        return [refusal]
    about = (given.contest_id, given.defect_id, given.at)
    return [ContestSubmitted(*about), ContestUnderReview(*about)]


def _not_contestable(
    given: ContestDefect, row: OrderRow, now: datetime, policies: Policies
) -> CommandRefused | None:
    order = row.dossier.order
    defect = next((each for each in row.decided.defects if each.defect_id == given.defect_id), None)
    if _is_ahead(given, row, now, policies):
        return CommandRefused("T5", "in_the_future")
    if order is None or (given.actor.kind, given.actor.id) != ("seller", order.seller_id):
        return CommandRefused("H3", "not_the_seller")
    if defect is None:
        return CommandRefused("H3", "unknown_defect")
    return next((CommandRefused("H3", reason) for reason in _against(given, row, stands=defect.stands)), None)


def _against(given: ContestDefect, row: OrderRow, *, stands: bool) -> Iterator[Reason]:
    if not stands:
        yield "taken_back"
    if any(each.defect_id == given.defect_id for each in row.decided.contests):
        yield "already_contested"
    if any(each.contest_id == given.contest_id for each in row.decided.contests):
        yield "contest_id_reused"


def _decide_contest(
    given: DecideContest, row: OrderRow, now: datetime, policies: Policies
) -> Sequence[OrderEvent]:
    contest = next((each for each in row.decided.contests if each.contest_id == given.contest_id), None)
    if _is_ahead(given, row, now, policies):
        return [CommandRefused("T5", "in_the_future")]
    if given.actor.kind != "investigator":
        return [CommandRefused("H3", "not_the_investigator")]
    if contest is None:
        return [CommandRefused("H3", "unknown_contest")]
    if contest.state in {"accepted", "rejected"}:
        return [CommandRefused("H3", "contest_decided")]
    said = ContestAccepted if given.accepted else ContestRejected
    return [said(contest.contest_id, contest.defect_id, given.at)]


def _is_ahead(given: ContestDefect | DecideContest, row: OrderRow, now: datetime, policies: Policies) -> bool:
    order = row.dossier.order
    return order is not None and given.at > now + policies.of(order.policy_id).ahead


# ------------------------------------------------------------------------------------------- what counts


def _taken_back(given: Input, row: OrderRow, ought: Mapping[str, Owed]) -> Iterator[DefectTakenBack]:
    contest_id = given.contest_id if isinstance(given, DecideContest) else None
    for defect in row.decided.defects:
        if defect.stands and defect.defect_id not in ought:
            yield DefectTakenBack(defect.defect_id, defect.kind, given.source_id, contest_id, given.at)


def _counted(row: OrderRow, ought: Mapping[str, Owed]) -> Iterator[DefectCounted]:
    standing = {defect.defect_id for defect in row.decided.defects if defect.stands}
    for defect_id, each in ought.items():
        if defect_id not in standing:
            yield DefectCounted(each.defect, each.at)


# ------------------------------------------------------------------------------------------------- timers


@dataclass(frozen=True, slots=True)
class _Timer:
    contact_id: str
    due_at: datetime


def _timers(
    before: OrderRow, after: OrderRow, policies: Policies
) -> Iterator[ContactTimerSet | ContactTimerCanceled]:
    """Ask for what stands now and did not; take back what no longer stands, if it has not fired."""
    stood, stands = _standing(before, policies), _standing(after, policies)
    fired = {contact.contact_id for contact in after.dossier.contacts if contact.fell_due}
    for timer in stood:
        if timer not in stands and timer.contact_id not in fired:
            yield ContactTimerCanceled(timer.contact_id, timer.due_at)
    for timer in stands:
        if timer not in stood:
            yield ContactTimerSet(timer.contact_id, timer.due_at)


def _standing(row: OrderRow, policies: Policies) -> Sequence[_Timer]:
    """Return the timers that stand; none before the order is known, for nothing can be said about it."""
    if row.dossier.order is None:
        return []
    return [
        _Timer(contact.contact_id, answer_due(contact, policies))
        for contact in row.dossier.contacts
        if answered(contact, row.dossier, policies) == "waiting"
    ]
