"""Sending the item back (C4, C8): authorised, sent, received; and the clocks of a seller who asked for it first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from services.claims.domain.clocks import due, send_by
from services.claims.domain.dossier import Moment, ReturnStep
from services.claims.domain.money import merged
from services.claims.domain.policy import Policy
from services.claims.domain.state import Case
from services.claims.domain.subject import Subject, shipments_of, units_undelivered
from services.claims.domain.windows import end_of, in_time


def authorised(subject: Subject) -> Moment | None:
    """Say when the seller first authorised a return of what is claimed."""
    return _first(subject, [step for each in subject.dossier.returns for step in each.authorised])


def sent_back(subject: Subject) -> Moment | None:
    """Say when the last of what is claimed was sent back; None when some of it was not."""
    parcels = [step for each in subject.dossier.returns for step in each.shipped]
    missing = dict(subject.quantities)
    for parcel in _by_time(parcels):
        for item, quantity in merged(parcel.lines).items():
            missing[item] = missing.get(item, 0) - quantity
        if all(quantity <= 0 for quantity in missing.values()):
            return parcel.moment
    return None


def received_back(subject: Subject) -> Moment | None:
    """Say when the seller had all of what is claimed back. A receipt says all of its return that is back by then."""
    receipts = [(step, each.contact_id) for each in subject.dossier.returns for step in each.received]
    back: dict[str, Mapping[str, int]] = {}
    for receipt, contact_id in sorted(receipts, key=lambda pair: pair[0].moment.at):
        back[contact_id] = merged(receipt.lines)
        if all(
            sum(units.get(item, 0) for units in back.values()) >= quantity
            for item, quantity in subject.quantities.items()
        ):
            return receipt.moment
    return None


def first_sent_back(subject: Subject) -> Moment | None:
    """Say when any of what is claimed was first sent back, or was back."""
    steps = [step for each in subject.dossier.returns for step in (*each.shipped, *each.received)]
    return _first(subject, steps)


def _first(subject: Subject, steps: Iterable[ReturnStep]) -> Moment | None:
    of_it = [step for step in steps if any(units.order_item_id in subject.quantities for units in step.lines)]
    return next((step.moment for step in _by_time(of_it)), None)


def _by_time(steps: Iterable[ReturnStep]) -> Sequence[ReturnStep]:
    return sorted(steps, key=lambda step: step.moment.at)


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
