"""From what the domain decided to what is said on Kafka."""

from __future__ import annotations

from datetime import datetime
from typing import Any, assert_never

from services.messaging.domain.events import (
    CommandRefused,
    ContactOpened,
    ContactResolved,
    ContactResponded,
    Event,
    MessageSent,
    Noted,
    OfContact,
    OfReturn,
    Reason,
    ResolutionOverdue,
    ResponseOverdue,
    ReturnAnswered,
    ReturnReceived,
    ReturnRequested,
    ReturnShipped,
    Said,
    TimerCanceled,
    TimerSet,
)
from services.messaging.domain.model import Actor, Order, Units
from services.messaging.templates import REFUSALS
from services.messaging.translate.inward import NAME
from shared.contracts import facts, messaging, timer
from shared.contracts.data import Actor as SaidActor
from shared.contracts.data import Command, Data, OrderCommand
from shared.contracts.facts import PartyFact
from shared.contracts.topics import MESSAGING_EVENTS, TIMER_COMMANDS
from shared.kit import ids
from shared.kit.service import Outgoing


def outgoing(event: Event, order: Order, cause: Data, now: datetime) -> Outgoing | None:
    """Say an event on Kafka; None for what is only kept."""
    match event:
        case CommandRefused():
            return refused(cause, event, now, order)
        case TimerSet() | TimerCanceled():
            return _timer(event, order, now)
        case _:
            if isinstance(event, Noted):
                return None
            data = _fact(event, order, cause)
            return Outgoing(MESSAGING_EVENTS, order.order_id, data, at=data.at)


def _fact(event: Said, order: Order, cause: Data) -> PartyFact:
    about = {"order_id": order.order_id, "seller_id": order.seller_id, "buyer_id": order.buyer_id}
    match event:
        case MessageSent():
            return _message_sent(event, about, cause)
        case ReturnRequested() | ReturnAnswered() | ReturnShipped() | ReturnReceived():
            return _of_return(event, about)
        case _:
            return _of_contact(event, about)


def _of_contact(event: OfContact, about: dict[str, Any]) -> PartyFact:
    match event:
        case ContactOpened():
            return _contact_opened(event, about)
        case ContactResponded(contact_id, message_id, responded_at, respond_by):
            return messaging.ContactResponded(
                **about,
                at=responded_at,
                contact_id=contact_id,
                message_id=message_id,
                responded_at=responded_at,
                respond_by=respond_by,
            )
        case ResponseOverdue(contact_id, due_at):
            return messaging.ResponseOverdue(**about, at=due_at, contact_id=contact_id, respond_by=due_at)
        case ResolutionOverdue(contact_id, due_at):
            return messaging.ResolutionOverdue(**about, at=due_at, contact_id=contact_id, resolve_by=due_at)
        case ContactResolved(contact_id, at, cause):
            return messaging.ContactResolved(
                **about, at=at, contact_id=contact_id, resolved_at=at, cause=cause
            )
        case _:
            assert_never(event)


def _contact_opened(event: ContactOpened, about: dict[str, Any]) -> messaging.ContactOpened:
    return messaging.ContactOpened(
        **about,
        at=event.opened_at,
        contact_id=event.contact_id,
        message_id=event.message_id,
        channel=event.channel,
        issue=event.issue,
        opened_at=event.opened_at,
        respond_by=event.respond_by,
        resolve_by=event.resolve_by,
        policy_id=event.policy_id,
    )


def _message_sent(event: MessageSent, about: dict[str, Any], cause: Data) -> messaging.MessageSent:
    message = event.message
    return messaging.MessageSent(
        **about,
        at=message.at,
        command_id=cause.command_id if isinstance(cause, Command) else message.message_id,
        actor=_actor(message.author),
        channel=event.channel,
        message_id=message.message_id,
        contact_id=message.contact_id,
        belongs_to=event.contact,
        issue=message.issue,
        text=message.text,
        attachments=message.attachments,
        automatic=message.automatic,
        response_required=message.response_required,
    )


# --------------------------------------------------------------------------------------------- of returns


def _of_return(event: OfReturn, about: dict[str, Any]) -> PartyFact:
    match event:
        case ReturnRequested():
            return _return_requested(event, about)
        case ReturnAnswered():
            return _return_answered(event, about)
        case ReturnShipped():
            return _return_shipped(event, about)
        case ReturnReceived():
            return messaging.ReturnReceived(
                **about,
                at=event.received_at,
                contact_id=event.contact_id,
                lines=_lines(event.lines),
                by=event.by,
                received_at=event.received_at,
                command_id=event.command_id,
                carrier=event.carrier,
                tracking_number=event.tracking_number,
            )
        case _:
            assert_never(event)


def _return_requested(event: ReturnRequested, about: dict[str, Any]) -> messaging.ReturnRequested:
    request = event.request
    return messaging.ReturnRequested(
        **about,
        at=request.at,
        command_id=request.command_id,
        actor=_actor(request.author),
        contact_id=request.contact_id,
        belongs_to=event.contact,
        lines=_lines(request.lines),
        reason=request.reason,
        text=request.text,
    )


def _return_answered(event: ReturnAnswered, about: dict[str, Any]) -> messaging.ReturnAnswered:
    answer = event.answer
    return messaging.ReturnAnswered(
        **about,
        at=answer.at,
        command_id=answer.command_id,
        actor=_actor(answer.author),
        contact_id=event.contact,
        answer=answer.answer,
        lines=_lines(answer.lines),
        return_address_country=answer.return_address_country,
        prepaid_label=answer.prepaid_label,
        text=answer.text,
        answered_at=answer.at,
    )


def _return_shipped(event: ReturnShipped, about: dict[str, Any]) -> messaging.ReturnShipped:
    parcel = event.parcel
    return messaging.ReturnShipped(
        **about,
        at=parcel.sent_at,
        command_id=parcel.command_id,
        actor=_actor(parcel.sent_by),
        contact_id=event.contact_id,
        lines=_lines(parcel.lines),
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        tracking_valid=parcel.is_valid,
        shipped_at=parcel.sent_at,
    )


def _actor(actor: Actor) -> SaidActor:
    return SaidActor(kind=actor.kind, id=actor.id)


def _lines(units: tuple[Units, ...]) -> tuple[facts.Line, ...]:
    return tuple(facts.Line(order_item_id=line.order_item_id, quantity=line.quantity) for line in units)


# -------------------------------------------------------------------------------------- answers, and timers


def refused(cause: Data, no: CommandRefused, now: datetime, order: Order | None) -> Outgoing:
    """Answer a command with no. Without a known order the answer is not counted among the order's facts."""
    if not isinstance(cause, OrderCommand):
        raise TypeError(f"{cause.TYPE} is no command, and can't be refused")
    data = messaging.CommandRefused(
        at=now,
        order_id=cause.order_id,
        command_id=cause.command_id,
        rule=no.rule,
        reason=no.reason,
        message=REFUSALS[no.reason],
        missing=no.missing or None,
        seller_id=order.seller_id if order else None,
        buyer_id=order.buyer_id if order else None,
        contact_id=getattr(cause, "contact_id", None),
        message_id=getattr(cause, "message_id", None),
    )
    return Outgoing(MESSAGING_EVENTS, cause.order_id, data, at=now, sequenced=order is not None)


def unknown_order(cause: Data, now: datetime) -> Outgoing:
    """Answer a command whose order did not come in time."""
    command_id, reason = getattr(cause, "command_id", ""), _UNKNOWN_ORDER
    return refused(cause, CommandRefused(command_id, "E1", reason), now, None)


_UNKNOWN_ORDER: Reason = "unknown_order"


def _timer(event: TimerSet | TimerCanceled, order: Order, now: datetime) -> Outgoing:
    due_at = event.due_at.isoformat()
    timer_id = ids.derived("timer", NAME, order.order_id, event.subject_id, event.kind, due_at)
    if isinstance(event, TimerCanceled):
        return Outgoing(
            TIMER_COMMANDS, order.order_id, timer.Cancel(timer_id=timer_id, order_id=order.order_id), at=now
        )
    data = timer.Schedule(
        timer_id=timer_id,
        kind=event.kind,
        owner=NAME,
        order_id=order.order_id,
        subject_id=event.subject_id,
        due_at=event.due_at,
    )
    return Outgoing(TIMER_COMMANDS, order.order_id, data, at=now)
