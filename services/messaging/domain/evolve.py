"""How each event changes what is known of an order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from services.messaging.domain.model import (
    CanceledOrder,
    CancellationNoted,
    CommandRefused,
    Contact,
    ContactOpened,
    ContactResolved,
    ContactResponded,
    Conversation,
    Dossier,
    Event,
    MessageSent,
    Money,
    MoneyReturnNoted,
    OrderNoted,
    OrderState,
    PendingOrder,
    ReleasedOrder,
    ReleaseNoted,
    ResolutionMissed,
    ResolutionOverdue,
    Resolved,
    Responded,
    ResponseMissed,
    ResponseOverdue,
    TimerCanceled,
    TimerSet,
)


def evolve(state: OrderState | None, event: Event) -> OrderState | None:
    """Give the state after the event. Only the order itself can begin a state; without it nothing is kept."""
    if isinstance(event, OrderNoted):
        return state or OrderState(PendingOrder(event.order))
    if state is None:
        return None
    return OrderState(_dossier(state.dossier, event), conversation(state.conversation, event))


def _dossier(dossier: Dossier, event: Event) -> Dossier:
    match event:
        case ReleaseNoted(released_at):
            return ReleasedOrder(dossier.order, released_at)
        case CancellationNoted(canceled_at):
            return CanceledOrder(dossier.order, canceled_at)
        case MoneyReturnNoted(return_id, amount):
            order = dossier.order
            left = Money(order.left.amount_minor - amount.amount_minor, order.left.currency)
            return replace(dossier, order=replace(order, left=left, returns=(*order.returns, return_id)))
        case _:
            return dossier


def conversation(talk: Conversation, event: Event) -> Conversation:  # noqa: PLR0911
    """Replay one event on the conversation alone: what our own facts are enough for."""
    match event:
        case MessageSent():
            return _sent(talk, event)
        case ContactOpened():
            return replace(talk, contacts=(*talk.contacts, opened(event)))
        case ContactResponded(contact_id=contact_id, responded_at=at):
            return _with(talk, contact_id, lambda contact: replace(contact, response=Responded(at)))
        case ResponseOverdue(contact_id=contact_id):
            return _with(talk, contact_id, lambda contact: replace(contact, response=ResponseMissed()))
        case ResolutionOverdue(contact_id=contact_id):
            return _with(talk, contact_id, lambda contact: replace(contact, resolution=ResolutionMissed()))
        case ContactResolved(contact_id=contact_id, resolved_at=at):
            return _with(talk, contact_id, lambda contact: replace(contact, resolution=Resolved(at)))
        case OrderNoted() | ReleaseNoted() | CancellationNoted() | MoneyReturnNoted():
            return talk
        case TimerSet() | TimerCanceled() | CommandRefused():
            return talk
        case _:
            assert_never(event)


def opened(event: ContactOpened) -> Contact:
    """Give the contact as it is when it has just been opened."""
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


def _sent(talk: Conversation, event: MessageSent) -> Conversation:
    kept = replace(talk, messages=(*talk.messages, event.message))
    name = event.message.contact_id
    return _with(
        kept,
        event.contact,
        lambda contact: contact if name in contact.names else replace(contact, names=(*contact.names, name)),
    )


def _with(talk: Conversation, contact_id: str | None, change: Callable[[Contact], Contact]) -> Conversation:
    return replace(
        talk,
        contacts=tuple(
            change(contact) if contact.contact_id == contact_id else contact for contact in talk.contacts
        ),
    )
