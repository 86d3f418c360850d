"""Whom a command comes from, as far as claims can tell: a side of the order, or an investigator."""

from __future__ import annotations

from services.claims.domain.dossier import Order
from services.claims.domain.inputs import Actor, Side
from services.claims.domain.refusal import Refusal


def side_of(actor: Actor, order: Order) -> Side | None:
    """Say which side of the order somebody is on. Support acts for the buyer."""
    match actor:
        case Actor("support", _):
            return "buyer"
        case Actor("buyer", id_) if id_ == order.buyer_id:
            return "buyer"
        case Actor("seller", id_) if id_ == order.seller_id:
            return "seller"
        case _:
            return None


def not_permitted(rule: str) -> Refusal:
    """Say that this is for somebody else to do."""
    return Refusal(rule, "not_permitted")


def chargeback_open() -> Refusal:
    """Say that nothing is decided while a chargeback runs (C16)."""
    return Refusal("C16", "chargeback_open")


def claim_decided(rule: str) -> Refusal:
    """Say that it is too late: the claim is decided, or at its end."""
    return Refusal(rule, "claim_decided")
