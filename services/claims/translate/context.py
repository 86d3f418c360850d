"""What every fact has: whom it is about, and what may be done and will come after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

from services.claims.domain.dossier import Order
from services.claims.domain.events import (
    AppealReversed,
    BuyerCompensated,
    ClaimGranted,
    GrantVoided,
    SellerDebited,
    SellerReimbursed,
)
from services.claims.domain.inputs import Actor
from services.claims.domain.judging import Desk
from services.claims.domain.money import Money, Units
from services.claims.domain.policy import Policies
from services.claims.domain.state import OrderState
from services.claims.domain.view import actions, deadlines
from services.claims.translate.inward import NAME
from shared.contracts import facts
from shared.contracts.data import Actor as SaidActor
from shared.contracts.money import Money as SaidMoney
from shared.kit import ids
from shared.values import dataclass

_Numbered: TypeAlias = (
    ClaimGranted | GrantVoided | AppealReversed | SellerDebited | BuyerCompensated | SellerReimbursed
)


@dataclass(frozen=True, slots=True)
class Context:
    """The order that is spoken of, and the time."""

    order: Order
    policies: Policies
    now: datetime

    @property
    def zone(self) -> str:
        """The marketplace's time zone."""
        return self.policies.zones[self.order.marketplace_id]

    @property
    def parties(self) -> dict[str, str]:
        """The two sides."""
        return {"seller_id": self.order.seller_id, "buyer_id": self.order.buyer_id}

    def about(self, state: OrderState, claim_id: str | None, at: datetime) -> dict[str, Any]:
        """Return what every claim fact has; without a claim, what every fact on the order has."""
        named = {"claim_id": claim_id} if claim_id else {}
        return {
            "order_id": self.order.order_id,
            "at": at,
            **named,
            **self.parties,
            **self.open_to(state, claim_id),
        }

    def open_to(self, state: OrderState, claim_id: str | None) -> dict[str, Any]:
        """Say what may be done now, and which clocks run."""
        desk = Desk(state, self.order, self.policies, self.now)
        return {
            "actions": dict(actions(desk, claim_id)),
            "deadlines": tuple(
                facts.Deadline(kind=each.kind, due_at=each.due_at, then=each.then)
                for each in deadlines(desk, claim_id)
            ),
        }

    def id_of(self, what: str, event: _Numbered) -> str:
        """Derive the id from the claim and the number of its grant, so that a retry collides."""
        return ids.derived(what, NAME, self.order.order_id, event.claim_id, str(event.ordinal))


def said_actor(actor: Actor) -> SaidActor:
    """Say who it was."""
    return SaidActor(kind=actor.kind, id=actor.id)


def said_money(money: Money) -> SaidMoney:
    """Say an amount."""
    return SaidMoney(amount_minor=money.amount_minor, currency=money.currency)


def said_lines(units: tuple[Units, ...]) -> tuple[facts.Line, ...]:
    """Say lines with their quantities."""
    return tuple(facts.Line(order_item_id=each.order_item_id, quantity=each.quantity) for each in units)
