"""An order and all that may count of it, with good defaults: golden examples with other ids and dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar

from shared.contracts import claims, messaging, orders, performance
from shared.contracts.data import Actor, Data
from shared.contracts.examples import example

PLACED = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
"""10 March, 10:00 at the marketplace."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RELEASED = PLACED + timedelta(minutes=30)
OPENED = PLACED + 2 * DAY
DUE = OPENED + 2 * DAY

_Body = TypeVar("_Body", bound=Data)
_PARTIES = {"order_id": "order-1", "seller_id": "seller-1", "buyer_id": "buyer-1"}
_SELLER = Actor(kind="seller", id="seller-1")
INVESTIGATOR = Actor(kind="investigator", id="investigator-1")


def like(kind: type[_Body], **changes: Any) -> _Body:
    """Return the golden example of a message with other fields."""
    data: Any = example(kind).data
    found: _Body = data.model_copy(update=changes)
    return found


def received(
    order_id: str = "order-1",
    *,
    at: datetime = PLACED,
    seller_id: str = "seller-1",
    marketplace_id: str = "us",
    policy_id: str = "2021-en",
) -> orders.OrderReceived:
    return like(
        orders.OrderReceived,
        **_PARTIES | {"order_id": order_id, "seller_id": seller_id},
        at=at,
        placed_at=at,
        marketplace_id=marketplace_id,
        policy_id=policy_id,
    )


def released(
    order_id: str = "order-1", *, at: datetime = RELEASED, seller_id: str = "seller-1"
) -> orders.OrderReleased:
    return like(orders.OrderReleased, **_PARTIES | {"order_id": order_id, "seller_id": seller_id}, at=at)


def canceled(
    order_id: str = "order-1",
    *,
    at: datetime = RELEASED + DAY,
    counts: bool = True,
    reason: str = "seller",
) -> orders.OrderCanceled:
    changes = _PARTIES | {"order_id": order_id}
    return like(
        orders.OrderCanceled, **changes, at=at, counts_in_cancellation_rate=counts, reason=reason, by="seller"
    )


def lines_canceled(order_id: str = "order-1", *, at: datetime = RELEASED + DAY) -> orders.LinesCanceled:
    changes = _PARTIES | {"order_id": order_id}
    return like(orders.LinesCanceled, **changes, at=at, counts_in_cancellation_rate=True, reason="seller")


def feedback(
    rating: int, order_id: str = "order-1", *, at: datetime = RELEASED + 9 * DAY
) -> orders.FeedbackLeft:
    return like(orders.FeedbackLeft, **_PARTIES | {"order_id": order_id}, at=at, rating=rating)


def chargeback(
    outcome: Literal["buyer_won", "seller_won"],
    order_id: str = "order-1",
    *,
    at: datetime = RELEASED + 20 * DAY,
) -> orders.ChargebackClosed:
    return like(orders.ChargebackClosed, **_PARTIES | {"order_id": order_id}, at=at, outcome=outcome)


def granted(
    order_id: str = "order-1",
    *,
    claim_id: str = "claim-1",
    funding: Literal["seller", "marketplace"] = "seller",
    at: datetime = RELEASED + 10 * DAY,
) -> claims.ClaimGranted:
    changes = _PARTIES | {"order_id": order_id}
    return like(claims.ClaimGranted, **changes, claim_id=claim_id, funding=funding, at=at)


def voided(
    order_id: str = "order-1", *, claim_id: str = "claim-1", at: datetime = RELEASED + 11 * DAY
) -> claims.GrantVoided:
    return like(claims.GrantVoided, **_PARTIES | {"order_id": order_id}, claim_id=claim_id, at=at)


def refunded(
    order_id: str = "order-1", *, claim_id: str = "claim-1", at: datetime = RELEASED + 10 * DAY
) -> claims.ClaimRefundedBySeller:
    return like(claims.ClaimRefundedBySeller, **_PARTIES | {"order_id": order_id}, claim_id=claim_id, at=at)


def reversed_on_appeal(
    order_id: str = "order-1",
    *,
    claim_id: str = "claim-1",
    reverse_defect: bool = True,
    reverse_money: bool = True,
    first_outcome: Literal["granted", "denied", "refused"] = "granted",
    funding: Literal["seller", "marketplace"] = "seller",
    at: datetime = RELEASED + 30 * DAY,
) -> claims.AppealReversed:
    return like(
        claims.AppealReversed,
        **_PARTIES | {"order_id": order_id},
        claim_id=claim_id,
        reverse_defect=reverse_defect,
        reverse_money=reverse_money,
        first_outcome=first_outcome,
        funding=funding,
        at=at,
    )


def withdrawn(order_id: str = "order-1", *, at: datetime = RELEASED + 10 * DAY) -> claims.ClaimWithdrawn:
    return like(claims.ClaimWithdrawn, **_PARTIES | {"order_id": order_id}, at=at)


def denied(order_id: str = "order-1", *, at: datetime = RELEASED + 10 * DAY) -> claims.ClaimDenied:
    return like(claims.ClaimDenied, **_PARTIES | {"order_id": order_id}, at=at)


def opened(
    contact_id: str = "contact-1",
    order_id: str = "order-1",
    *,
    at: datetime = OPENED,
    policy_id: str = "2021-en",
) -> messaging.ContactOpened:
    return like(
        messaging.ContactOpened,
        **_PARTIES | {"order_id": order_id},
        contact_id=contact_id,
        at=at,
        opened_at=at,
        respond_by=at + 2 * DAY,
        resolve_by=at + 2 * DAY,
        policy_id=policy_id,
    )


def responded(
    contact_id: str = "contact-1", order_id: str = "order-1", *, at: datetime = OPENED + HOUR
) -> messaging.ContactResponded:
    return like(
        messaging.ContactResponded,
        **_PARTIES | {"order_id": order_id},
        contact_id=contact_id,
        at=at,
        responded_at=at,
    )


def resolved(
    contact_id: str = "contact-1", order_id: str = "order-1", *, at: datetime = OPENED + HOUR
) -> messaging.ContactResolved:
    return like(
        messaging.ContactResolved,
        **_PARTIES | {"order_id": order_id},
        contact_id=contact_id,
        at=at,
        resolved_at=at,
    )


def contest(
    defect_id: str,
    contest_id: str = "contest-1",
    *,
    order_id: str = "order-1",
    actor: Actor = _SELLER,
    at: datetime = RELEASED + 15 * DAY,
    command_id: str = "command-contest",
    **changes: Any,
) -> performance.ContestDefect:
    return like(
        performance.ContestDefect,
        order_id=order_id,
        command_id=command_id,
        actor=actor,
        at=at,
        contest_id=contest_id,
        defect_id=defect_id,
        **changes,
    )


def decision(
    contest_id: str = "contest-1",
    *,
    accepted: bool,
    order_id: str = "order-1",
    actor: Actor = INVESTIGATOR,
    at: datetime = RELEASED + 16 * DAY,
    command_id: str = "command-decide",
) -> performance.DecideContest:
    return like(
        performance.DecideContest,
        order_id=order_id,
        command_id=command_id,
        actor=actor,
        at=at,
        contest_id=contest_id,
        accepted=accepted,
    )
