"""What comes of a fact, a command or a deadline: total, pure, by the rulebook's M1-M3, M5, T1-T5, P1."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, assert_never

from services.messaging.domain.evolve import opened
from services.messaging.domain.model import (
    Actor,
    CanceledOrder,
    CancellationNoted,
    Command,
    CommandRefused,
    Contact,
    ContactOpened,
    ContactResolved,
    ContactResponded,
    Conversation,
    DeadlineExpired,
    Dossier,
    Event,
    Input,
    MessageSent,
    MoneyReturned,
    MoneyReturnNoted,
    Order,
    OrderCanceled,
    OrderNoted,
    OrderReceived,
    OrderReleased,
    OrderState,
    PendingOrder,
    Policy,
    Reason,
    ReleasedOrder,
    ReleaseNoted,
    ResolutionOverdue,
    ResolveContact,
    Resolved,
    Responded,
    ResponseAwaited,
    ResponseOverdue,
    SendMessage,
    SentMessage,
    TimerCanceled,
    TimerKind,
    TimerSet,
    Unresolved,
)

MESSAGES_MAX = 1000
TEXT_CHARACTERS_MAX = 1_000_000
"""Of each side of one order: beyond that it is no conversation any more, and its row would grow for ever."""

MESSAGE_BYTES_MAX = 1_000_000
"""Of one message as JSON: the fact that repeats it, with its envelope, must fit into a record of 1 MiB."""
_CHARACTERS_ALWAYS_FIT = MESSAGE_BYTES_MAX // 6


def decide(given: Input, state: OrderState | None, *, now: datetime, policy: Policy) -> Sequence[Event]:  # noqa: PLR0911
    """Say what follows. `policy` is the one in force when the command was given."""
    match given:
        case OrderReceived():
            return _order_received(given, state)
        case OrderReleased():
            return _order_released(given, state)
        case OrderCanceled():
            return _order_canceled(given, state)
        case MoneyReturned():
            return _money_returned(given, state)
        case SendMessage():
            return _send_message(given, state, now, policy)
        case ResolveContact():
            return _resolve_contact(given, state, now, policy)
        case DeadlineExpired():
            return _deadline_expired(given, state)
        case _:
            assert_never(given)


# ------------------------------------------------------------------------------------------- facts heard


def _order_received(fact: OrderReceived, state: OrderState | None) -> Sequence[Event]:
    if state is not None:
        return ()
    return [
        OrderNoted(
            Order(
                order_id=fact.order_id,
                marketplace_id=fact.marketplace_id,
                buyer_id=fact.buyer_id,
                seller_id=fact.seller_id,
                placed_at=fact.placed_at,
                left=fact.paid,
            )
        )
    ]


def _order_released(fact: OrderReleased, state: OrderState | None) -> Sequence[Event]:
    if state is None or not isinstance(state.dossier, PendingOrder):
        return ()
    return [ReleaseNoted(fact.at)]


def _order_canceled(fact: OrderCanceled, state: OrderState | None) -> Sequence[Event]:
    if state is None or isinstance(state.dossier, CanceledOrder):
        return ()
    stopped = [event for contact in state.conversation.contacts for event in _stop(contact, state, fact.at)]
    return [*stopped, CancellationNoted(fact.at)]


def _money_returned(fact: MoneyReturned, state: OrderState | None) -> Sequence[Event]:
    if state is None or fact.return_id in state.dossier.order.returns:
        return ()
    noted = MoneyReturnNoted(fact.return_id, fact.amount)
    if state.dossier.order.left.amount_minor > fact.amount.amount_minor:
        return [noted]
    open_ones = [contact for contact in state.conversation.contacts if _is_open(contact)]
    return [noted, *(event for contact in open_ones for event in _close(contact, state, fact.at, "refunded"))]


# ----------------------------------------------------------------------------------------------- commands


def _send_message(
    command: SendMessage, state: OrderState | None, now: datetime, policy: Policy
) -> Sequence[Event]:
    if state is None:
        return [_refused(command, "E1", "unknown_order")]
    message = _message(command)
    refusal = _not_in_order(command, state, now, policy) or _message_refused(command, message, state)
    return [refusal] if refusal else _pass_on(message, state, policy)


def _message_refused(command: SendMessage, message: SentMessage, state: OrderState) -> CommandRefused | None:
    if _same_id(message, state.conversation):
        return _refused(command, "M6", "message_id_reused")
    if _is_pending(state.dossier, message.at):
        return _refused(command, "M5", "order_pending")
    if _is_too_large(message):
        return _refused(command, "E1", "too_large")
    if _is_full(message, state):
        return _refused(command, "M1", "too_many_messages")
    return None


def _pass_on(message: SentMessage, state: OrderState, policy: Policy) -> Sequence[Event]:
    contact = _contact_of(message, state.conversation)
    if contact is not None:
        return _join(message, contact, state)
    if _opens_a_contact(message, state.dossier):
        return _open(message, state, policy)
    return [MessageSent(message, None)]


def _resolve_contact(
    command: ResolveContact, state: OrderState | None, now: datetime, policy: Policy
) -> Sequence[Event]:
    if state is None:
        return [_refused(command, "E1", "unknown_order")]
    if refusal := _not_in_order(command, state, now, policy):
        return [refusal]
    if _side(command.actor, state.dossier.order) != "buyer":
        return [_refused(command, "M2", "not_the_buyer")]
    contact = _named(command.contact_id, state.conversation)
    if contact is None:
        return [_refused(command, "M2", "unknown_contact")]
    if not _is_open(contact):
        return [_refused(command, "M2", "already_resolved")]
    return _close(contact, state, command.at, "buyer")


def _not_in_order(
    command: Command, state: OrderState, now: datetime, policy: Policy
) -> CommandRefused | None:
    """Say no to what is dated ahead of the clock (T5), or comes from someone else than the order's people."""
    if command.at - now > policy.ahead:
        return _refused(command, "T5", "in_the_future")
    if _side(command.actor, state.dossier.order) is None:
        return _refused(command, "M1", "not_a_party")
    return None


def _refused(command: Command, rule: str, reason: Reason) -> CommandRefused:
    return CommandRefused(command.command_id, rule, reason)


# ---------------------------------------------------------------------------------------------- deadlines


def _deadline_expired(fired: DeadlineExpired, state: OrderState | None) -> Sequence[Event]:
    if state is None:
        return ()
    return [
        _overdue(clock)
        for contact in state.conversation.contacts
        for clock in running(contact, state.dossier)
        if clock == Clock(fired.kind, fired.subject_id, fired.due_at)
    ]


class Clock(NamedTuple):
    """One clock of one contact that still runs."""

    kind: TimerKind
    contact_id: str
    due_at: datetime


def running(contact: Contact, dossier: Dossier) -> Sequence[Clock]:
    """List the clocks that run: none once the contact is resolved or the order canceled."""
    if isinstance(dossier, CanceledOrder) or not _is_open(contact):
        return ()
    response = Clock("response_due", contact.contact_id, contact.respond_by)
    resolution = Clock("resolution_due", contact.contact_id, contact.resolve_by)
    return (
        *((response,) if isinstance(contact.response, ResponseAwaited) else ()),
        *((resolution,) if isinstance(contact.resolution, Unresolved) else ()),
    )


def _overdue(clock: Clock) -> Event:
    if clock.kind == "response_due":
        return ResponseOverdue(clock.contact_id, clock.due_at)
    return ResolutionOverdue(clock.contact_id, clock.due_at)


def _halt(clocks: Iterable[Clock], at: datetime) -> Sequence[Event]:
    """Stop clocks at a moment. What fell due before it, and was not heard of yet, still did (T4)."""
    return [
        event
        for clock in clocks
        for event in (*([_overdue(clock)] if clock.due_at < at else []), TimerCanceled(*clock))
    ]


def _stop(contact: Contact, state: OrderState, at: datetime) -> Sequence[Event]:
    return _halt(running(contact, state.dossier), at)


def _close(
    contact: Contact, state: OrderState, at: datetime, cause: Literal["buyer", "refunded"]
) -> Sequence[Event]:
    return [*_stop(contact, state, at), ContactResolved(contact.contact_id, at, cause)]


# ----------------------------------------------------------------------------------- messages and contacts


def _open(message: SentMessage, state: OrderState, policy: Policy) -> Sequence[Event]:
    """The buyer's first message on an issue starts both clocks; the answer may have been read before it."""
    event = ContactOpened(
        contact_id=message.contact_id,
        message_id=message.message_id,
        channel="buyer_seller_messages",
        issue=message.issue,
        opened_at=message.at,
        respond_by=message.at + policy.response_window,
        resolve_by=message.at + policy.resolution_window,
        policy_id=policy.policy_id,
    )
    contact = opened(event)
    clocks = running(contact, state.dossier)
    answered = _answered(contact, message, state)
    return [
        event,
        MessageSent(message, contact.contact_id),
        *(TimerSet(*clock) for clock in clocks if not (answered and clock.kind == "response_due")),
        *(gone for gone in answered if not isinstance(gone, TimerCanceled)),
    ]


def _join(message: SentMessage, contact: Contact, state: OrderState) -> Sequence[Event]:
    """A further message in a contact; the seller's first in person stops the response clock."""
    answered = _answered(contact, message, state)
    missed = [event for event in answered if isinstance(event, ResponseOverdue)]
    rest = [event for event in answered if not isinstance(event, ResponseOverdue)]
    return [*missed, MessageSent(message, contact.contact_id), *rest]


def _answered(contact: Contact, message: SentMessage, state: OrderState) -> Sequence[Event]:
    """Say what the new message makes of the response. A later answer than the one known changes nothing."""
    answer = _first_answer(contact, (*state.conversation.messages, message), state)
    if answer is None or (isinstance(contact.response, Responded) and contact.response.at <= answer.at):
        return ()
    clocks = [clock for clock in running(contact, state.dossier) if clock.kind == "response_due"]
    responded = ContactResponded(contact.contact_id, answer.message_id, answer.at, contact.respond_by)
    return [*_halt(clocks, answer.at), responded]


def _first_answer(contact: Contact, messages: Sequence[SentMessage], state: OrderState) -> SentMessage | None:
    """Find the seller's first answer in person by its date, whenever it was read (M3, T5)."""
    answers = [
        message
        for message in messages
        if _side(message.author, state.dossier.order) == "seller"
        and not message.automatic
        and message.at >= contact.opened_at
        and _belongs(message, contact, state.conversation)
    ]
    return min(answers, key=lambda message: message.at, default=None)


def _contact_of(message: SentMessage, talk: Conversation) -> Contact | None:
    """Find the contact that goes by the message's id, or else the open one of its issue."""
    return _named(message.contact_id, talk) or next(
        (contact for contact in talk.contacts if _belongs(message, contact, talk)), None
    )


def _belongs(message: SentMessage, contact: Contact, talk: Conversation) -> bool:
    if message.contact_id in contact.names:
        return True
    return (
        _named(message.contact_id, talk) is None
        and _is_open(contact)
        and contact.channel == "buyer_seller_messages"
        and contact.issue == message.issue
    )


def _named(contact_id: str, talk: Conversation) -> Contact | None:
    return next((contact for contact in talk.contacts if contact_id in contact.names), None)


def _is_open(contact: Contact) -> bool:
    return not isinstance(contact.resolution, Resolved)


def _opens_a_contact(message: SentMessage, dossier: Dossier) -> bool:
    return (
        isinstance(dossier, ReleasedOrder)
        and message.response_required
        and _side(message.author, dossier.order) == "buyer"
    )


def _is_pending(dossier: Dossier, at: datetime) -> bool:
    """Judge by when the message was written (T5), not by when it was read."""
    match dossier:
        case PendingOrder():
            return True
        case ReleasedOrder(released_at=released_at):
            return at < released_at
        case CanceledOrder():
            return False


def _side(actor: Actor, order: Order) -> Literal["buyer", "seller"] | None:
    match actor:
        case Actor("support", _):
            return "buyer"
        case Actor("buyer", order.buyer_id):
            return "buyer"
        case Actor("seller", order.seller_id):
            return "seller"
        case _:
            return None


def _message(command: SendMessage) -> SentMessage:
    return SentMessage(
        message_id=command.message_id,
        contact_id=command.contact_id,
        author=command.actor,
        at=command.at,
        issue=command.issue,
        text=command.text,
        attachments=command.attachments,
        automatic=command.automatic,
        response_required=command.response_required,
    )


def _same_id(message: SentMessage, talk: Conversation) -> SentMessage | None:
    return next((kept for kept in talk.messages if kept.message_id == message.message_id), None)


def _is_full(message: SentMessage, state: OrderState) -> bool:
    """Each side has its own share: nobody can fill the other's, and so keep an answer out."""
    order = state.dossier.order
    side = _side(message.author, order)
    texts = [kept.text for kept in state.conversation.messages if _side(kept.author, order) == side]
    return len(texts) >= MESSAGES_MAX or sum(map(len, texts), len(message.text)) > TEXT_CHARACTERS_MAX


def _is_too_large(message: SentMessage) -> bool:
    texts = [message.text, *message.attachments]
    if sum(map(len, texts)) <= _CHARACTERS_ALWAYS_FIT:
        return False
    return len(json.dumps(texts, ensure_ascii=False).encode()) > MESSAGE_BYTES_MAX
