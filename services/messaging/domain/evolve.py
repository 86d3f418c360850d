"""How each event changes what is known of an order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from services.messaging.domain.events import (
    CancellationNoted,
    ClaimNoted,
    CommandRefused,
    ContactOpened,
    ContactResolved,
    ContactResponded,
    Event,
    MessageSent,
    MoneyReturnNoted,
    Noted,
    OfContact,
    OfReturn,
    OrderNoted,
    ReleaseNoted,
    ResolutionOverdue,
    ResponseOverdue,
    ReturnAnswered,
    ReturnReceived,
    ReturnRequested,
    ReturnRequirementNoted,
    ReturnShipped,
    TimerCanceled,
    TimerSet,
)
from services.messaging.domain.model import (
    CanceledOrder,
    Claim,
    Contact,
    Conversation,
    Dossier,
    Order,
    OrderState,
    Parcel,
    PendingOrder,
    ReleasedOrder,
    ResolutionMissed,
    Resolved,
    Responded,
    ResponseMissed,
    Return,
)
from shared.values import replace


def evolve(state: OrderState | None, event: Event) -> OrderState | None:
    """Give the state after the event. Only the order itself can begin a state; without it nothing is kept."""
    if isinstance(event, OrderNoted):
        return state or OrderState(PendingOrder(event.order))
    return None if state is None else changed(state, event)


def changed(state: OrderState, event: Event) -> OrderState:
    """Give the state of an order that is known after the event."""
    if isinstance(event, Noted):
        return replace(state, dossier=_dossier(state.dossier, event))
    talk = conversation(state.conversation, event)
    return state if talk is state.conversation else replace(state, conversation=talk)


# -------------------------------------------------------------------------------------------- the dossier


def _dossier(dossier: Dossier, event: Noted) -> Dossier:
    match event:
        case OrderNoted():
            return dossier
        case ReleaseNoted(released_at):
            return ReleasedOrder(dossier.order, released_at)
        case CancellationNoted(canceled_at):
            since = dossier.released_at if isinstance(dossier, ReleasedOrder) else None
            return CanceledOrder(dossier.order, canceled_at, since)
        case MoneyReturnNoted() | ClaimNoted() | ReturnRequirementNoted():
            return replace(dossier, order=_order(dossier.order, event))
        case _:
            assert_never(event)


def _order(order: Order, event: MoneyReturnNoted | ClaimNoted | ReturnRequirementNoted) -> Order:
    match event:
        case MoneyReturnNoted(money):
            return replace(order, money_back=(*order.money_back, money))
        case ClaimNoted(claim_id, items):
            return replace(order, claims=(*order.claims, Claim(claim_id, items)))
        case ReturnRequirementNoted(claim_id, at):
            return replace(order, claims=tuple(_wanted_back(claim, claim_id, at) for claim in order.claims))
        case _:
            assert_never(event)


def _wanted_back(claim: Claim, claim_id: str, at: datetime) -> Claim:
    return replace(claim, wanted_back_at=at) if claim.claim_id == claim_id else claim


# --------------------------------------------------------------------------------------- the conversation


def conversation(talk: Conversation, event: Event) -> Conversation:
    """Replay one event on the conversation alone: what our own facts are enough for."""
    match event:
        case MessageSent(message, contact):
            return _named(
                replace(talk, messages=(*talk.messages, message)), contact or "", message.contact_id
            )
        case ReturnRequested() | ReturnAnswered() | ReturnShipped() | ReturnReceived():
            return _return(talk, event)
        case TimerSet() | TimerCanceled() | CommandRefused():
            return talk
        case _:
            return talk if isinstance(event, Noted) else _contact(talk, event)


def _contact(talk: Conversation, event: OfContact) -> Conversation:
    match event:
        case ContactOpened():
            return replace(talk, contacts=(*talk.contacts, _opened(event)))
        case ContactResponded(contact_id=contact_id, responded_at=at):
            return _with(talk, contact_id, lambda contact: replace(contact, response=Responded(at)))
        case ResponseOverdue(contact_id=contact_id):
            return _with(talk, contact_id, lambda contact: replace(contact, response=ResponseMissed()))
        case ResolutionOverdue(contact_id=contact_id):
            return _with(talk, contact_id, lambda contact: replace(contact, resolution=ResolutionMissed()))
        case ContactResolved(contact_id=contact_id, resolved_at=at):
            return _with(talk, contact_id, lambda contact: replace(contact, resolution=Resolved(at)))
        case _:
            assert_never(event)


def _opened(event: ContactOpened) -> Contact:
    return Contact(
        contact_id=event.contact_id,
        names=(event.contact_id,),
        channel=event.channel,
        issue=event.issue,
        opened_at=event.opened_at,
        respond_by=event.respond_by,
        resolve_by=event.resolve_by,
        policy_id=event.policy_id,
    )


def _named(talk: Conversation, contact_id: str, name: str) -> Conversation:
    """Let a contact go by the name that somebody gave it."""
    return _with(
        talk,
        contact_id,
        lambda contact: contact if name in contact.names else replace(contact, names=(*contact.names, name)),
    )


def _with(talk: Conversation, contact_id: str, change: Callable[[Contact], Contact]) -> Conversation:
    return replace(
        talk,
        contacts=tuple(
            change(contact) if contact.contact_id == contact_id else contact for contact in talk.contacts
        ),
    )


# -------------------------------------------------------------------------------------------- the returns


def _return(talk: Conversation, event: OfReturn) -> Conversation:
    match event:
        case ReturnRequested():
            return _requested(talk, event)
        case ReturnAnswered(answer, contact):
            return _back(talk, contact, lambda back: replace(back, answers=(*back.answers, answer)))
        case ReturnShipped(contact_id, parcel):
            return _back(talk, contact_id, lambda back: replace(back, parcels=(*back.parcels, parcel)))
        case ReturnReceived():
            return _back(talk, event.contact_id, lambda back: _received(back, event))
        case _:
            assert_never(event)


def _requested(talk: Conversation, event: ReturnRequested) -> Conversation:
    talk = _named(talk, event.contact, event.request.contact_id)
    if all(back.contact_id != event.contact for back in talk.returns):
        return replace(talk, returns=(*talk.returns, Return(event.contact, (event.request,))))
    return _back(talk, event.contact, lambda back: replace(back, requests=(*back.requests, event.request)))


def _received(back: Return, event: ReturnReceived) -> Return:
    """Mark the parcel that is told of: two alike that are both on their way come one after the other."""
    parcels = list(back.parcels)
    place = next((place for place, parcel in enumerate(parcels) if _is_told_of(parcel, event)), None)
    if place is None:
        return back
    parcels[place] = replace(parcels[place], received_at=event.received_at)
    return replace(back, parcels=tuple(parcels))


def _is_told_of(parcel: Parcel, event: ReturnReceived) -> bool:
    number = parcel.carrier, parcel.tracking_number
    return parcel.received_at is None and number == (event.carrier, event.tracking_number)


def _back(talk: Conversation, contact_id: str, change: Callable[[Return], Return]) -> Conversation:
    return replace(
        talk,
        returns=tuple(change(back) if back.contact_id == contact_id else back for back in talk.returns),
    )
