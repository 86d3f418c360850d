"""Between the contracts and the domain."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast, get_args

from services.messaging.domain import model as domain
from shared import policies
from shared.contracts import facts, messaging, orders, timer
from shared.contracts.data import Actor, Command, Data, OrderCommand, Words
from shared.contracts.envelope import Unreadable
from shared.contracts.facts import PartyFact
from shared.contracts.topics import MESSAGING_EVENTS, TIMER_COMMANDS
from shared.kit import ids
from shared.kit.service import Message, Outgoing

NAME = "messaging"

REFUSALS: Mapping[domain.Reason, Words] = {
    "unknown_order": Words(en="There is no such order.", zh="没有这个订单。"),
    "in_the_future": Words(
        en="This is dated in the future. Please check the clock and send it again.",
        zh="时间晚于当前时间。请检查时钟后重新发送。",
    ),
    "order_pending": Words(
        en="The order is still pending, so the seller cannot be written to yet. Customer service can help you: "
        "choose Help on the page of your order.",
        zh="订单仍在等待中，暂时无法联系卖家。客服可以为您提供帮助：请在订单页面选择“帮助”。",
    ),
    "not_a_party": Words(
        en="Only the buyer and the seller of this order, and customer service, can write about it.",
        zh="只有该订单的买家、卖家以及客服可以就此订单发送消息。",
    ),
    "not_the_buyer": Words(
        en="Only the buyer, or customer service for the buyer, can say that the matter is settled.",
        zh="只有买家或代买家处理的客服可以确认问题已解决。",
    ),
    "message_id_reused": Words(
        en="Another message was already sent under this id. A message is never altered: send a new one.",
        zh="已有另一条消息使用了这个编号。消息发送后不可更改，请发送一条新消息。",
    ),
    "unknown_contact": Words(
        en="This order has no such contact. Its contacts are listed with its messages.",
        zh="该订单没有这个联系。请在订单的消息中查看已有的联系。",
    ),
    "already_resolved": Words(
        en="This is settled already. If something else is open, write a message under a new contact.",
        zh="该问题已经解决。如有其他问题，请以新的联系发送消息。",
    ),
    "too_large": Words(
        en="The message is too large. Please send it with fewer attachments.",
        zh="消息过大。请减少附件后重新发送。",
    ),
    "too_many_messages": Words(
        en="There are too many messages about this order to add another one. Customer service can help you.",
        zh="该订单的消息过多，无法再添加。客服可以为您提供帮助。",
    ),
}
"""Why not, and what to do instead."""


# ------------------------------------------------------------------------------------------------------ in


def order_id(message: Message) -> str:
    """Name the order that a message is about."""
    data = message.data
    if isinstance(data, OrderCommand | PartyFact | facts.Refused | timer.DeadlineExpired):
        return data.order_id
    raise TypeError(f"{message.attributes.type} is about no order")


def concerns_us(message: Message) -> bool:
    """Pass over the deadlines of other services."""
    return not isinstance(message.data, timer.DeadlineExpired) or message.data.owner == NAME


def known_marketplace(catalogue: policies.Catalogue, data: Data) -> Unreadable | None:
    """Refuse to read an order of a marketplace that the policies do not know."""
    if not isinstance(data, orders.OrderReceived) or catalogue.knows_marketplace(data.marketplace_id):
        return None
    return Unreadable("unknown_marketplace", "marketplace_id is none that the policies know")


def input_of(message: Message) -> domain.Input | None:  # noqa: PLR0911  one arm a message
    """Read a message; None for what messaging only counts."""
    data = message.data
    match data:
        case orders.OrderReceived():
            return _order_received(data)
        case orders.OrderReleased():
            return domain.OrderReleased(data.at)
        case orders.OrderCanceled():
            return domain.OrderCanceled(data.at)
        case orders.LinesCanceled():
            amount = domain.Money(data.amount.amount_minor, data.amount.currency)
            return domain.MoneyReturned(message.attributes.id, data.at, amount)
        case messaging.SendMessage():
            return _send_message(data)
        case messaging.ResolveContact():
            return domain.ResolveContact(data.command_id, data.at, _actor(data.actor), data.contact_id)
        case timer.DeadlineExpired() if data.kind in get_args(domain.TimerKind):
            return domain.DeadlineExpired(cast("domain.TimerKind", data.kind), data.subject_id, data.due_at)
        case _:
            return None


def _order_received(data: orders.OrderReceived) -> domain.OrderReceived:
    paid = sum(
        item.unit_price.amount_minor * item.quantity + item.shipping.amount_minor + item.tax.amount_minor
        for item in data.items
    )
    return domain.OrderReceived(
        order_id=data.order_id,
        marketplace_id=data.marketplace_id,
        buyer_id=data.buyer_id,
        seller_id=data.seller_id,
        placed_at=data.placed_at,
        paid=domain.Money(paid, data.items[0].unit_price.currency),
    )


def _send_message(data: messaging.SendMessage) -> domain.SendMessage:
    return domain.SendMessage(
        command_id=data.command_id,
        at=data.at,
        actor=_actor(data.actor),
        message_id=data.message_id,
        contact_id=data.contact_id,
        issue=data.issue,
        text=data.text,
        attachments=data.attachments,
        automatic=data.automatic,
        response_required=data.response_required,
    )


def _actor(actor: Actor) -> domain.Actor:
    return domain.Actor(actor.kind, actor.id)


def policy(catalogue: policies.Catalogue, marketplace_id: str, at: datetime) -> domain.Policy:
    """Fill in the numbers of the policy in force at that instant (P1)."""
    found = catalogue.policy_in_force(marketplace_id, at)
    return domain.Policy(
        policy_id=found.id,
        ahead=found.commands.ahead,
        response_window=found.messaging.response,
        resolution_window=found.messaging.resolution,
    )


# ----------------------------------------------------------------------------------------------------- out


def outgoing(event: domain.Event, order: domain.Order, cause: Data, now: datetime) -> Outgoing | None:
    """Say an event on Kafka; None for what is only kept."""
    match event:
        case domain.OrderNoted() | domain.ReleaseNoted() | domain.CancellationNoted():
            return None
        case domain.MoneyReturnNoted():
            return None
        case domain.CommandRefused(_, rule, reason):
            return refused(cause, rule, reason, now, order)
        case domain.TimerSet() | domain.TimerCanceled():
            return _timer(event, order, now)
        case _:
            data = _fact(event, order, cause)
            return Outgoing(MESSAGING_EVENTS, order.order_id, data, at=data.at)


def _fact(
    event: domain.MessageSent
    | domain.ContactOpened
    | domain.ContactResponded
    | domain.ResponseOverdue
    | domain.ResolutionOverdue
    | domain.ContactResolved,
    order: domain.Order,
    cause: Data,
) -> PartyFact:
    about = {"order_id": order.order_id, "seller_id": order.seller_id, "buyer_id": order.buyer_id}
    match event:
        case domain.MessageSent(message, contact):
            return _message_sent(message, contact, order, cause)
        case domain.ContactOpened():
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
        case domain.ContactResponded(contact_id, message_id, responded_at, respond_by):
            return messaging.ContactResponded(
                **about,
                at=responded_at,
                contact_id=contact_id,
                message_id=message_id,
                responded_at=responded_at,
                respond_by=respond_by,
            )
        case domain.ResponseOverdue(contact_id, due_at):
            return messaging.ResponseOverdue(**about, at=due_at, contact_id=contact_id, respond_by=due_at)
        case domain.ResolutionOverdue(contact_id, due_at):
            return messaging.ResolutionOverdue(**about, at=due_at, contact_id=contact_id, resolve_by=due_at)
        case domain.ContactResolved(contact_id, at, cause_):
            return messaging.ContactResolved(
                **about, at=at, contact_id=contact_id, resolved_at=at, cause=cause_
            )


def _message_sent(
    message: domain.SentMessage, contact: str | None, order: domain.Order, cause: Data
) -> messaging.MessageSent:
    return messaging.MessageSent(
        order_id=order.order_id,
        seller_id=order.seller_id,
        buyer_id=order.buyer_id,
        at=message.at,
        command_id=cause.command_id if isinstance(cause, Command) else message.message_id,
        actor=Actor(kind=message.author.kind, id=message.author.id),
        channel="buyer_seller_messages",
        message_id=message.message_id,
        contact_id=message.contact_id,
        belongs_to=contact,
        issue=message.issue,
        text=message.text,
        attachments=message.attachments,
        automatic=message.automatic,
        response_required=message.response_required,
    )


def refused(
    cause: Data, rule: str, reason: domain.Reason, now: datetime, order: domain.Order | None
) -> Outgoing:
    """Answer a command with no. Without a known order the answer is not counted among the order's facts."""
    if not isinstance(cause, OrderCommand):
        raise TypeError(f"{cause.TYPE} is no command, and can't be refused")
    data = messaging.CommandRefused(
        at=now,
        order_id=cause.order_id,
        command_id=cause.command_id,
        rule=rule,
        reason=reason,
        message=REFUSALS[reason],
        seller_id=order.seller_id if order else None,
        buyer_id=order.buyer_id if order else None,
        contact_id=getattr(cause, "contact_id", None),
        message_id=getattr(cause, "message_id", None),
    )
    return Outgoing(MESSAGING_EVENTS, cause.order_id, data, at=now, sequenced=order is not None)


def _timer(event: domain.TimerSet | domain.TimerCanceled, order: domain.Order, now: datetime) -> Outgoing:
    due_at = event.due_at.isoformat()
    timer_id = ids.derived("timer", NAME, order.order_id, event.subject_id, event.kind, due_at)
    if isinstance(event, domain.TimerCanceled):
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


# -------------------------------------------------------------------------------------------- read back


def event_of(fact: Data) -> domain.Event | None:  # noqa: PLR0911  one arm a fact
    """Read one of our own facts back, so that a recorded history can be replayed; None for an answer of no."""
    match fact:
        case messaging.MessageSent():
            return domain.MessageSent(_sent_before(fact), fact.belongs_to)
        case messaging.ContactOpened():
            return domain.ContactOpened(
                contact_id=fact.contact_id,
                message_id=fact.message_id,
                channel=fact.channel,
                issue=fact.issue,
                opened_at=fact.opened_at,
                respond_by=fact.respond_by,
                resolve_by=fact.resolve_by,
                policy_id=fact.policy_id,
            )
        case messaging.ContactResponded():
            return domain.ContactResponded(
                fact.contact_id, fact.message_id, fact.responded_at, fact.respond_by
            )
        case messaging.ResponseOverdue():
            return domain.ResponseOverdue(fact.contact_id, fact.respond_by)
        case messaging.ResolutionOverdue():
            return domain.ResolutionOverdue(fact.contact_id, fact.resolve_by)
        case messaging.ContactResolved():
            return domain.ContactResolved(fact.contact_id, fact.resolved_at, fact.cause)
        case _:
            return None


def _sent_before(fact: messaging.MessageSent) -> domain.SentMessage:
    return domain.SentMessage(
        message_id=fact.message_id,
        contact_id=fact.contact_id,
        author=_actor(fact.actor),
        at=fact.at,
        issue=fact.issue,
        text=fact.text,
        attachments=fact.attachments,
        automatic=fact.automatic,
        response_required=fact.response_required,
    )
