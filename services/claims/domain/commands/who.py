"""Whom a command comes from, as far as claims can tell: a side of the order, or an investigator."""

from __future__ import annotations

from functools import cache

from services.claims.domain.dossier import Order
from services.claims.domain.inputs import Actor, Side
from services.claims.domain.refusal import Refusal


def side_of(actor: Actor, order: Order) -> Side | None:
    """Say which side of the order somebody is on. Support acts for the buyer."""
    if actor.kind == "support" or (actor.kind == "buyer" and actor.id == order.buyer_id):
        return "buyer"
    return "seller" if actor.kind == "seller" and actor.id == order.seller_id else None


@cache
def not_permitted(rule: str) -> Refusal:
    """Say that this is for somebody else to do."""
    return Refusal(rule, "not_permitted")


@cache
def chargeback_open() -> Refusal:
    """Say that nothing is decided while a chargeback runs (C16)."""
    return Refusal("C16", "chargeback_open")


@cache
def claim_decided(rule: str) -> Refusal:
    """Say that it is too late: the claim is decided, or at its end."""
    return Refusal(rule, "claim_decided")
