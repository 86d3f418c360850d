"""A row without somebody's words is the one that their messages make when they come without them (M6)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.notifications.handlers import service
from shared import policies
from shared.contracts import accounts, claims, messaging, orders
from shared.contracts.data import Data
from shared.contracts.erasure import Sides
from shared.contracts.examples import example
from tests.support.playing import check_erasing

SERVICE = service(policies.load())
ORDER = {"order_id": "order-1", "seller_id": "seller-1", "buyer_id": "buyer-1"}
TALK = (
    messaging.ContactOpened,
    messaging.MessageSent,
    messaging.ReturnRequested,
    messaging.ReturnAnswered,
    claims.ClaimFiled,
    claims.ClaimAppealed,
)


def said(message: type[Data]) -> Data:
    """Return the golden example of a message, about one order."""
    data: Any = example(message).data
    changed: Data = data.model_copy(
        update={name: value for name, value in ORDER.items() if name in message.model_fields}
    )
    return changed


@pytest.mark.parametrize(
    "heard",
    [(orders.OrderReceived, orders.OrderReleased, *TALK), TALK, (accounts.BuyerRegistered,)],
    ids=["a known order", "an order that has not come", "an account"],
)
def test_an_erased_row_is_the_one_that_erased_messages_make(heard: tuple[type[Data], ...]) -> None:
    sides = Sides("buyer-1", "seller-1")
    check_erasing(SERVICE, [said(message) for message in heard], sides, now=datetime(2021, 6, 1, tzinfo=UTC))
