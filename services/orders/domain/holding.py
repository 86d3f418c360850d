"""What the buyer is due while a chargeback holds the money: paid back when that ends, as far as it is left (C15)."""

from __future__ import annotations

from datetime import datetime

from services.orders.domain.account import Balance, is_open
from services.orders.domain.events import HeldRefundDropped, RefundHeld, RefundRecorded
from services.orders.domain.model import Asked, HeldRefund, Money, Placed
from services.orders.domain.story import Story
from shared.values import replace


def hold_back(story: Story, due: HeldRefund) -> None:
    """Keep in mind what cannot be paid back yet."""
    if due.amount_minor > 0:
        story.tell(RefundHeld(due))


def pay(story: Story, placed: Placed, at: datetime, due: HeldRefund, asked: Asked | None = None) -> None:
    """Pay back what is due, as far as the buyer has not got it yet; what a chargeback holds of it, later."""
    amount = min(due.amount_minor, _unspent(story, placed, due))
    now = min(amount, Balance(story.world.row, placed).free_for(due.claim_id))
    if now > 0:
        _record(story, placed, at, replace(due, amount_minor=now), asked)
    hold_back(story, replace(due, refund_key=rest_of(due.refund_key), amount_minor=amount - now))


def rest_of(refund_key: str) -> str:
    """Name the part of a refund that a chargeback held."""
    return f"{refund_key}/rest"


def is_paid(story: Story, refund_key: str) -> bool:
    """Say whether a refund was recorded before, or is held."""
    return bool({refund_key, rest_of(refund_key)} & set(story.world.row.heard.refunds))


def settle(story: Story, placed: Placed, at: datetime) -> None:
    """Pay back what was held, once no chargeback is open any more."""
    if any(is_open(one) for one in story.world.row.account.chargebacks):
        return
    for due in story.world.row.heard.held:
        amount = min(due.amount_minor, _unspent(story, placed, due))
        if amount > 0:
            _record(story, placed, at, replace(due, amount_minor=amount), None)
        else:
            story.tell(HeldRefundDropped(due.refund_key))


def _unspent(story: Story, placed: Placed, due: HeldRefund) -> int:
    balance = Balance(story.world.row, placed)
    return (
        balance.unspent_of(due.lines)
        if due.claim_id is None
        else balance.left_of_claim(due.claim_id, due.lines)
    )


def _record(story: Story, placed: Placed, at: datetime, due: HeldRefund, asked: Asked | None) -> None:
    story.tell(
        RefundRecorded(
            at=at,
            refund_key=due.refund_key,
            lines=due.lines,
            amount=Money(due.amount_minor, placed.currency),
            cause=due.cause,
            claim_id=due.claim_id,
            contact_id=due.contact_id,
            asked=asked,
        )
    )
