"""Sending the item back (C4, C8): authorised, sent, received; and the clocks of a seller who asked for it first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from services.claims.domain.clocks import due, send_by
from services.claims.domain.dossier import Moment, Return
from services.claims.domain.money import merged
from services.claims.domain.policy import Policy
from services.claims.domain.state import Case
from services.claims.domain.subject import Subject, shipments_of, units_undelivered
from services.claims.domain.windows import end_of, in_time


def authorised(subject: Subject) -> Moment | None:
    """Say when the seller first authorised a return of what is claimed."""
    answered = [
        each.answered
        for each in subject.dossier.returns
        if each.answer == "authorised" and each.answered and _is_of(subject, each)
    ]
    return min(answered, key=lambda moment: moment.at, default=None)


def sent_back(subject: Subject) -> Moment | None:
    """Say when the last of what is claimed was sent back; None when some of it was not."""
    return _complete(subject, lambda each: each.shipped)


def received_back(subject: Subject) -> Moment | None:
    """Say when the seller had all of what is claimed back."""
    return _complete(subject, lambda each: each.received)


def first_sent_back(subject: Subject) -> Moment | None:
    """Say when any of what is claimed was first sent back, or was back."""
    moments = [
        moment
        for each in subject.dossier.returns
        if _is_of(subject, each)
        for moment in (each.shipped, each.received)
        if moment
    ]
    return min(moments, key=lambda moment: moment.at, default=None)


def _is_of(subject: Subject, returned: Return) -> bool:
    return any(units.order_item_id in subject.quantities for units in returned.lines)


def _complete(subject: Subject, step: Callable[[Return], Moment | None]) -> Moment | None:
    done = [(moment, each) for each in subject.dossier.returns if (moment := step(each))]
    missing = dict(subject.quantities)
    for moment, each in sorted(done, key=lambda pair: pair[0].at):
        for item, quantity in merged(each.lines).items():
            missing[item] = missing.get(item, 0) - quantity
        if all(quantity <= 0 for quantity in missing.values()):
            return moment
    return None


# ------------------------------------------------------------------------------------------------- the seller's


def is_sent_in_time(subject: Subject, case: Case) -> bool:
    """Say whether the item was sent back before the clock of the demand ended; back is sent as well."""
    due_at = send_by(case)
    moments = [moment for moment in (sent_back(subject), received_back(subject)) if moment]
    return due_at is not None and any(in_time(moment.at, due_at) for moment in moments)


def refund_due(subject: Subject, case: Case, policy: Policy) -> datetime | None:
    """Until when a seller who asked for the item back is to refund it; None until it is back (C8)."""
    received = received_back(subject)
    if case.demand is None or received is None:
        return None
    runs_from = max(received.at, case.demand.source.at)
    begins_at = _after_pause(case, runs_from)
    return due(case, begins_at + policy.return_refund, begins_at)


def _after_pause(case: Case, at: datetime) -> datetime:
    """Move an instant at which a clock began, while all stood still, to the end of that."""
    for pause in case.pauses:
        if pause.since <= at and pause.until is not None and at < pause.until:
            return pause.until
    return at


# ------------------------------------------------------------------------------------------------- the policy's


def return_by(subject: Subject, policy: Policy) -> datetime | None:
    """Until when an authorised return was to be sent; None while not all of it came (C4)."""
    scans = [each.delivery.at for each in shipments_of(subject) if each.delivery]
    if not scans or units_undelivered(subject):
        return None
    day = max(scans).astimezone(ZoneInfo(subject.zone)).date()
    return end_of(day, subject.zone, policy.return_window_days)
