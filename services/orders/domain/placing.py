"""An order comes in, is held, and is verified or not (O1 to O3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from services.orders.domain.canceling import cancel
from services.orders.domain.events import EarlyNewsKept, OrderReceived, VerificationDelayed, VerificationKept
from services.orders.domain.inputs import OrderPlaced
from services.orders.domain.model import (
    Canceled,
    CancelReason,
    ChargebackNews,
    Early,
    PaymentNews,
    Pending,
    Placed,
    Policy,
    Released,
    Unplaced,
)
from services.orders.domain.releasing import release_if_due
from services.orders.domain.stock import covers, reserve, wanted
from services.orders.domain.story import Story

_ENDS: Mapping[str, CancelReason] = {"refused": "payment_refused", "fraud": "fraud"}
_TROUBLES: Mapping[str, Literal["delayed", "failed"]] = {"delayed": "delayed", "failed": "failed"}


def place(story: Story, heard: OrderPlaced) -> tuple[Early, ...]:
    """Take in an order, and return the news that came before it. A second one of this id changes nothing."""
    order = story.world.order
    if not isinstance(order, Unplaced):
        return ()
    placed = heard.placed
    story.tell(received(placed, story.policy))
    units = wanted(story, placed)
    if not covers(story, units):
        cancel(story, placed.placed_at, "out_of_stock")
        return tuple(news for news in order.early if isinstance(news, ChargebackNews))
    reserve(story, placed, units)
    return order.early


def received(placed: Placed, policy: Policy) -> OrderReceived:
    """Start an order's two clocks."""
    return OrderReceived(
        placed=placed,
        hold_ends_at=placed.placed_at + policy.hold,
        verification_expires_at=placed.placed_at + policy.verification,
    )


def hear_payment(story: Story, news: PaymentNews) -> None:
    """Payment says how the verification stands."""
    release_if_due(story, news.at)
    order = story.world.order
    match order:
        case Unplaced():
            if news not in order.early:
                story.tell(EarlyNewsKept(news))
        case Pending():
            _hear_of_pending(story, order, news)
        case Released():
            # Dated before the release and read after it: judged as if it had been read in time.
            if news.verdict in _ENDS and news.at < order.released_at and not order.shipments:
                cancel(story, news.at, _ENDS[news.verdict])
        case Canceled():
            pass


def _hear_of_pending(story: Story, order: Pending, news: PaymentNews) -> None:
    row = story.world.row
    is_verified = row.verified_at is not None
    if not is_verified and news.at >= order.verification_expires_at:
        return  # too late: its deadline cancels the order
    if news.verdict in _ENDS:
        cancel(story, news.at, _ENDS[news.verdict])
    elif is_verified:
        return
    elif news.verdict in _TROUBLES:
        if row.delayed_at is None or news.at > row.delayed_at:
            story.tell(VerificationDelayed(news.at, _TROUBLES[news.verdict]))
    else:
        story.tell(VerificationKept(news.at))
        release_if_due(story, story.now)
