"""Orders keep no text of anybody: what they repeat of one goes from what they said (M6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts import accounts, checkout, orders, timer
from shared.contracts.data import Actor, Data
from shared.contracts.erasure import Sides, owners
from shared.contracts.examples import example
from shared.contracts.facts import Line
from shared.contracts.money import Money
from shared.contracts.orders import CancelOrder, FeedbackLeft, LeaveFeedback, OrderCanceled, RefundOrder
from shared.kit.states import body_to_json
from tests.support.playing import check_erasing, play
from tests.unit.orders.build import HOLD_END, NEXT_DAY, NOON
from tests.unit.orders.shop import SERVICE, placed

SIDES = Sides("buyer-1", "seller-1")
MARK = "MARK-4711"


def by(kind: str, command: type[Data], **changes: Any) -> Data:
    found: Any = example(command).data
    actor = Actor(kind=kind, id=f"{kind}-1")  # type: ignore[arg-type]
    return found.model_copy(  # type: ignore[no-any-return]
        update={"order_id": "order-1", "actor": actor, "at": NEXT_DAY, "command_id": f"{kind}-{command.TYPE}"}
        | changes
    )


def released() -> list[Data]:
    fired = timer.DeadlineExpired(
        timer_id="hold",
        kind="hold_end",
        owner="orders",
        order_id="order-1",
        subject_id="order-1",
        due_at=HOLD_END,
        fired_at=HOLD_END,
    )
    return [placed(), checkout.PaymentVerified(order_id="order-1", at=NOON), fired]


def refund(amount_minor: int = 100) -> Data:
    lines = (Line(order_item_id="lamp", quantity=1),)
    money = Money(amount_minor=amount_minor, currency="USD")
    return by("seller", RefundOrder, amount=money, lines=lines, reason=MARK)


STORIES = {
    "canceled by the seller": [*released(), by("seller", CancelOrder, reason=MARK, lines=())],
    "canceled too late": [
        *released(),
        by("buyer", CancelOrder, reason=MARK, lines=()),
        by("support", CancelOrder, reason=MARK, lines=()),
    ],
    "refunded": [*released(), refund()],
    "rated": [
        *released(),
        by("seller", CancelOrder, reason=MARK, lines=()),
        by("buyer", LeaveFeedback, text=MARK),
    ],
    "registered": [example(accounts.SellerRegistered).data],
}


@pytest.mark.parametrize("heard", STORIES.values(), ids=list(STORIES))
def test_what_comes_erased_is_said_erased(heard: list[Data]) -> None:
    check_erasing(SERVICE, heard, SIDES, now=NEXT_DAY + timedelta(days=1))


@pytest.mark.parametrize("heard", STORIES.values(), ids=list(STORIES))
def test_no_row_holds_what_somebody_wrote_or_is_called_or_an_address(heard: list[Data]) -> None:
    played = play(SERVICE, *heard, now=NEXT_DAY + timedelta(days=1))
    kinds = {kind.name: kind for kind in SERVICE.kinds}
    kept = "".join(str(body_to_json(kinds[key.kind], state)) for key, state in played.states.items())
    address = placed().ship_to
    for personal in (MARK, address.name, address.line1, address.city, "Sample Seller", "@example.com"):
        assert personal not in kept


def test_the_stories_say_what_somebody_wrote() -> None:
    """Or the others would show nothing."""
    said = [data for heard in STORIES.values() for data in play(SERVICE, *heard, now=NEXT_DAY).said]
    repeated = {type(data) for data in said if owners(data, SIDES)}
    assert repeated >= {OrderCanceled, FeedbackLeft, orders.RefundRecorded, orders.CancellationRefused}
