"""From the domain's events to facts about an order's money, its address and its rating; and what they are made of."""

from __future__ import annotations

from typing import Any, assert_never

from services.orders.domain.events import (
    AddressChanged,
    ChargebackClosed,
    ChargebackOpened,
    FeedbackLeft,
    RefundRecorded,
)
from services.orders.domain.model import Actor, Asked, Money, Quantity
from services.orders.translate.inward import OWNER
from shared.contracts import facts, orders
from shared.contracts.data import Actor as SaidActor
from shared.contracts.money import Money as SaidMoney
from shared.kit import ids

AccountEvent = AddressChanged | RefundRecorded | FeedbackLeft | ChargebackOpened | ChargebackClosed


def account_fact(event: AccountEvent, about: dict[str, Any]) -> facts.StateFact:
    """Return the fact that tells of an event; `about` is what every order fact has."""
    fact: facts.StateFact
    match event:
        case AddressChanged():
            fact = orders.AddressChanged(
                **about,
                command_id=event.asked.command_id,
                actor=said_actor(event.asked.actor),
                message_id=event.message_id,
                ship_to_country=event.ship_to_country,
            )
        case RefundRecorded():
            fact = _refund(event, about)
        case FeedbackLeft():
            fact = orders.FeedbackLeft(
                **about,
                command_id=event.asked.command_id,
                actor=said_actor(event.asked.actor),
                rating=event.rating,
                text=event.text,
            )
        case ChargebackOpened():
            fact = orders.ChargebackOpened(**about, amount=said_money(event.amount))
        case ChargebackClosed():
            fact = orders.ChargebackClosed(**about, outcome=event.outcome, amount=said_money(event.amount))
        case _:
            assert_never(event)
    return fact


def _refund(event: RefundRecorded, about: dict[str, Any]) -> orders.RefundRecorded:
    return orders.RefundRecorded(
        **about,
        refund_id=refund_id(about["order_id"], event.refund_key),
        lines=said_lines(event.lines),
        amount=said_money(event.amount),
        cause=event.cause,
        claim_id=event.claim_id,
        contact_id=event.contact_id,
        **said_asked(event.asked),
    )


def refund_id(order_id: str, refund_key: str) -> str:
    """Name a refund on Kafka: the same one is named the same, however often its cause is read."""
    return ids.derived(OWNER, "refund", order_id, refund_key)


def said_lines(quantities: tuple[Quantity, ...]) -> tuple[facts.Line, ...]:
    """Return lines as facts have them."""
    return tuple(facts.Line(order_item_id=one.order_item_id, quantity=one.quantity) for one in quantities)


def said_money(money: Money) -> SaidMoney:
    """Return an amount as facts have it."""
    return SaidMoney(amount_minor=money.amount_minor, currency=money.currency)


def said_actor(actor: Actor) -> SaidActor:
    """Return who gave a command, as facts have it."""
    return SaidActor.model_validate({"kind": actor.kind, "id": actor.id})


def said_asked(asked: Asked | None) -> dict[str, Any]:
    """Return whose command led to a fact, and what they gave as their reason; nothing if nobody's did."""
    if asked is None:
        return {}
    return {"command_id": asked.command_id, "actor": said_actor(asked.actor), "note": asked.note or None}
