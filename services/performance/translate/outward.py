"""What goes out: our facts, answers of no, and timers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.performance.domain import events
from services.performance.domain.model import Health, Order, Place, Rate
from services.performance.templates.refusals import REFUSALS, Reason
from services.performance.translate.inward import CONTACT_DUE, DAY_ENDS, OWNER
from shared.contracts import performance, timer
from shared.contracts.data import Data, OrderCommand
from shared.contracts.topics import PERFORMANCE_EVENTS, TIMER_COMMANDS
from shared.kit import ids
from shared.kit.service import Outgoing


def of_order(event: events.OrderEvent, order: Order, cause: Data, now: datetime) -> Outgoing | None:
    """Say what came of an order; None for what is only kept."""
    match event:
        case events.DefectCounted() | events.DefectTakenBack():
            return _fact(_defect(event, order), order)
        case (
            events.ContestSubmitted()
            | events.ContestUnderReview()
            | events.ContestAccepted()
            | events.ContestRejected()
        ):
            return _fact(_contest(event, order, cause), order)
        case events.CommandRefused():
            return refused(cause, event.rule, event.reason, now, order)
        case events.ContactTimerSet() | events.ContactTimerCanceled():
            return _contact_timer(event, order, now)
        case _:
            return None


def of_seller(event: events.SellerEvent, order: Order, now: datetime) -> Outgoing | None:
    """Say what came of a seller's days; `order` is the one that moved them."""
    match event:
        case events.HealthChanged():
            data = performance.HealthChanged(
                at=event.at, seller_id=order.seller_id, rates=_rates(event.health)
            )
            return Outgoing(PERFORMANCE_EVENTS, order.seller_id, data, at=event.at)
        case events.DayTimerSet():
            return _day_timer(event.place, event.due_at, order, now)
        case _:
            return None


def _fact(data: performance.SellerFact, order: Order) -> Outgoing:
    return Outgoing(PERFORMANCE_EVENTS, order.seller_id, data, at=data.at)


def _defect(
    event: events.DefectCounted | events.DefectTakenBack, order: Order
) -> performance.DefectCounted | performance.DefectTakenBack:
    match event:
        case events.DefectCounted(defect, at):
            return performance.DefectCounted(
                at=at,
                seller_id=order.seller_id,
                order_id=order.order_id,
                defect_id=defect.defect_id,
                kind=defect.kind,
                day=defect.day,
                cause_id=defect.cause_id,
                claim_id=defect.claim_id,
                contact_id=defect.contact_id,
            )
        case events.DefectTakenBack():
            return performance.DefectTakenBack(
                at=event.at,
                seller_id=order.seller_id,
                order_id=order.order_id,
                defect_id=event.defect_id,
                kind=event.kind,
                cause_id=event.cause_id,
                contest_id=event.contest_id,
            )


def _contest(
    event: events.ContestSubmitted
    | events.ContestUnderReview
    | events.ContestAccepted
    | events.ContestRejected,
    order: Order,
    cause: Data,
) -> performance.ContestFact:
    about: dict[str, Any] = {
        "at": event.at,
        "seller_id": order.seller_id,
        "order_id": order.order_id,
        "contest_id": event.contest_id,
        "defect_id": event.defect_id,
    }
    match event, cause:
        case events.ContestUnderReview(), _:
            return performance.ContestUnderReview(**about)
        case events.ContestSubmitted(), performance.ContestDefect():
            return performance.ContestSubmitted(
                **about,
                command_id=cause.command_id,
                actor=cause.actor,
                explanation=cause.explanation,
                evidence=cause.evidence,
            )
        case ((events.ContestAccepted() | events.ContestRejected()), performance.DecideContest()):
            accepted = isinstance(event, events.ContestAccepted)
            said = performance.ContestAccepted if accepted else performance.ContestRejected
            return said(**about, command_id=cause.command_id, actor=cause.actor, reasons=cause.reasons)
        case _:
            raise TypeError(f"{cause.TYPE} leads to no {type(event).__name__}")


def _rates(health: Health) -> performance.Rates:
    return performance.Rates(
        order_defect_rate=_rate(health.order_defects),
        pre_fulfilment_cancel_rate=_rate(health.cancellations),
        answered_in_time_rate=_rate(health.answered),
    )


def _rate(rate: Rate) -> performance.Rate:
    return performance.Rate(
        numerator=rate.numerator,
        denominator=rate.denominator,
        target=rate.target,
        from_=rate.first,
        to=rate.last,
    )


def refused(cause: Data, rule: str, reason: Reason, now: datetime, order: Order | None) -> Outgoing:
    """Answer a command with no. Where the order is not known, it stands under who asked."""
    if not isinstance(cause, OrderCommand):
        raise TypeError(f"{cause.TYPE} is no command, and can't be refused")
    data = performance.CommandRefused(
        at=now,
        order_id=cause.order_id,
        command_id=cause.command_id,
        rule=rule,
        reason=reason,
        message=REFUSALS[reason],
        seller_id=order.seller_id if order else None,
        contest_id=getattr(cause, "contest_id", None),
        defect_id=getattr(cause, "defect_id", None),
    )
    key = order.seller_id if order else cause.actor.id
    return Outgoing(PERFORMANCE_EVENTS, key, data, at=now)


# ------------------------------------------------------------------------------------------------- timers


def _contact_timer(
    event: events.ContactTimerSet | events.ContactTimerCanceled, order: Order, now: datetime
) -> Outgoing:
    timer_id = _timer_id(CONTACT_DUE, order.order_id, event.contact_id, due_at=event.due_at)
    if isinstance(event, events.ContactTimerCanceled):
        data = timer.Cancel(timer_id=timer_id, order_id=order.order_id)
        return Outgoing(TIMER_COMMANDS, order.order_id, data, at=now)
    return _schedule(timer_id, CONTACT_DUE, event.contact_id, event.due_at, order, now)


def _day_timer(place: Place, due_at: datetime, order: Order, now: datetime) -> Outgoing:
    """Ask for the end of a seller's day once, whichever of its orders asks."""
    day = (place.marketplace_id, place.policy_id, place.day.isoformat())
    subject_id = ids.derived("day", order.seller_id, *day)
    timer_id = _timer_id(DAY_ENDS, subject_id, due_at=due_at)
    return _schedule(timer_id, DAY_ENDS, subject_id, due_at, order, now)


def _timer_id(kind: str, *subject: str, due_at: datetime) -> str:
    return ids.derived("timer", OWNER, *subject, kind, due_at.isoformat())


def _schedule(
    timer_id: str, kind: str, subject_id: str, due_at: datetime, order: Order, now: datetime
) -> Outgoing:
    data = timer.Schedule(
        timer_id=timer_id,
        kind=kind,
        owner=OWNER,
        order_id=order.order_id,
        subject_id=subject_id,
        due_at=due_at,
    )
    return Outgoing(TIMER_COMMANDS, order.order_id, data, at=now)
