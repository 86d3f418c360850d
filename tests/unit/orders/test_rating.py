"""O9, H1: the buyer leaves feedback once, on a released order or one that its seller canceled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.orders.domain.events import CommandRefused, Event, FeedbackLeft
from services.orders.domain.inputs import DeadlineExpired
from services.orders.domain.model import Actor, Asked, CancellationRequested
from tests.unit.orders.build import (
    BUYER,
    HOLD_END,
    NEXT_DAY,
    NOON,
    SELLER,
    SETTLED,
    STRANGERS,
    SUPPORT,
    cancellation,
    confirmed,
    feedback,
    orders,
    pending,
    unshipped,
)


@pytest.mark.parametrize("events", [unshipped(), (*unshipped(), confirmed())])
def test_the_buyer_rates_a_released_order(events: tuple[Event, ...]) -> None:
    decided = orders.given(*events).when(feedback(4), now=NEXT_DAY)
    decided.then(FeedbackLeft(NEXT_DAY, Asked("rate-1", BUYER), 4, "Not as shown."))


def test_the_buyer_rates_an_order_that_its_seller_canceled() -> None:
    canceled = orders.given(*unshipped()).when(cancellation(), now=NEXT_DAY)
    canceled.when(feedback(1), now=NEXT_DAY).the(FeedbackLeft)


def test_an_order_is_rated_once() -> None:
    once = orders.given(*unshipped()).when(feedback(), now=NEXT_DAY)
    refused = once.when(feedback(5, command_id="rate-2"), now=NEXT_DAY).then_no_change()
    assert refused.the(CommandRefused).reason == "already_rated"
    once.when(feedback(), now=NEXT_DAY).then_no_change()


@pytest.mark.parametrize("actor", [SELLER, SUPPORT, *STRANGERS])
def test_nobody_else_rates_it(actor: Actor) -> None:
    refused = orders.given(*unshipped()).when(feedback(actor=actor), now=NEXT_DAY).then_no_change()
    assert refused.the(CommandRefused).reason == "not_the_buyer"


def test_a_pending_order_is_not_rated() -> None:
    refused = orders.given(*pending()).when(feedback(), now=NEXT_DAY).then_no_change()
    assert refused.the(CommandRefused).reason == "order_pending"
    before = feedback(at=HOLD_END - timedelta(microseconds=1))
    early = orders.given(*unshipped()).when(before, now=NEXT_DAY).then_no_change()
    assert early.the(CommandRefused).reason == "order_pending"


def test_an_order_that_others_canceled_is_not_rated() -> None:
    wished = orders.given(*pending()).when(CancellationRequested(NOON), now=NOON)
    expired = orders.given(*unshipped()).when(DeadlineExpired("ship_confirmation_due", SETTLED), now=SETTLED)
    for canceled in (wished, expired):
        refused = canceled.when(feedback(at=SETTLED), now=SETTLED).then_no_change()
        assert refused.the(CommandRefused).reason == "order_canceled"
