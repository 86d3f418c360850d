"""From our own facts back to the events that they tell of: a recorded history can be replayed."""

from __future__ import annotations

from services.messaging.domain.events import (
    ContactOpened,
    ContactResolved,
    ContactResponded,
    Event,
    MessageSent,
    ResolutionOverdue,
    ResponseOverdue,
    ReturnAnswered,
    ReturnReceived,
    ReturnRequested,
    ReturnShipped,
)
from services.messaging.domain.model import Parcel, ReturnAnswer, ReturnRequest, SentMessage
from services.messaging.translate.inward import actor, units
from shared.contracts import messaging
from shared.contracts.data import Data


def event_of(fact: Data) -> Event | None:
    """Read one of our own facts back; None for an answer of no."""
    match fact:
        case messaging.MessageSent():
            return MessageSent(_message(fact), fact.belongs_to, fact.channel)
        case messaging.ReturnRequested():
            return ReturnRequested(_request(fact), fact.belongs_to)
        case messaging.ReturnAnswered():
            return ReturnAnswered(_answer(fact), fact.contact_id)
        case messaging.ReturnShipped():
            return ReturnShipped(fact.contact_id, _parcel(fact))
        case messaging.ReturnReceived():
            return _received(fact)
        case _:
            return _of_contact(fact)


def _of_contact(fact: Data) -> Event | None:
    match fact:
        case messaging.ContactOpened():
            return _opened(fact)
        case messaging.ContactResponded():
            return ContactResponded(fact.contact_id, fact.message_id, fact.responded_at, fact.respond_by)
        case messaging.ResponseOverdue():
            return ResponseOverdue(fact.contact_id, fact.respond_by)
        case messaging.ResolutionOverdue():
            return ResolutionOverdue(fact.contact_id, fact.resolve_by)
        case messaging.ContactResolved():
            return ContactResolved(fact.contact_id, fact.resolved_at, fact.cause)
        case _:
            return None


def _opened(fact: messaging.ContactOpened) -> ContactOpened:
    return ContactOpened(
        contact_id=fact.contact_id,
        message_id=fact.message_id,
        channel=fact.channel,
        issue=fact.issue,
        opened_at=fact.opened_at,
        respond_by=fact.respond_by,
        resolve_by=fact.resolve_by,
        policy_id=fact.policy_id,
    )


def _message(fact: messaging.MessageSent) -> SentMessage:
    return SentMessage(
        message_id=fact.message_id,
        contact_id=fact.contact_id,
        author=actor(fact.actor),
        at=fact.at,
        issue=fact.issue,
        text=fact.text,
        attachments=fact.attachments,
        automatic=fact.automatic,
        response_required=fact.response_required,
    )


def _request(fact: messaging.ReturnRequested) -> ReturnRequest:
    return ReturnRequest(
        command_id=fact.command_id,
        contact_id=fact.contact_id,
        author=actor(fact.actor),
        at=fact.at,
        lines=units(fact.lines),
        reason=fact.reason,
        text=fact.text,
    )


def _answer(fact: messaging.ReturnAnswered) -> ReturnAnswer:
    return ReturnAnswer(
        command_id=fact.command_id,
        author=actor(fact.actor),
        at=fact.answered_at,
        answer=fact.answer,
        lines=units(fact.lines),
        return_address_country=fact.return_address_country,
        prepaid_label=fact.prepaid_label,
        text=fact.text,
    )


def _parcel(fact: messaging.ReturnShipped) -> Parcel:
    return Parcel(
        command_id=fact.command_id,
        sent_by=actor(fact.actor),
        sent_at=fact.shipped_at,
        lines=units(fact.lines),
        carrier=fact.carrier,
        tracking_number=fact.tracking_number,
        is_valid=fact.tracking_valid,
    )


def _received(fact: messaging.ReturnReceived) -> ReturnReceived:
    return ReturnReceived(
        contact_id=fact.contact_id,
        lines=units(fact.lines),
        carrier=fact.carrier or "",
        tracking_number=fact.tracking_number or "",
        received_at=fact.received_at,
        by=fact.by,
        command_id=fact.command_id,
    )
