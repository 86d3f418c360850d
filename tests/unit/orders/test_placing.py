"""O1: an order comes in, and takes its quantity from the listing."""

from __future__ import annotations

from datetime import timedelta

from services.orders.domain.events import (
    ListingWithdrawn,
    OrderCanceled,
    OrderReceived,
    OrderReleased,
    StockReserved,
    TimerSet,
)
from services.orders.domain.model import (
    Canceled,
    CancellationRequested,
    PaymentNews,
    Quantity,
    status_of,
)
from tests.unit.orders.build import (
    EXPIRY,
    HOLD_END,
    NOON,
    line,
    orders,
    placed,
    received,
    reserved,
    stocked,
    usd,
    verified,
)


def test_an_order_is_pending_and_its_two_clocks_start() -> None:
    decided = orders.given().when(placed(), now=NOON)
    decided.then(received(), TimerSet("hold_end", HOLD_END), TimerSet("verification_due", EXPIRY))
    assert status_of(decided.state.order) == "Pending"


def test_an_order_takes_its_quantity_from_the_listing() -> None:
    decided = orders.given(stocked("sku-lamp", 5)).when(placed(line(quantity=2)), now=NOON)
    assert decided.the(StockReserved) == StockReserved("seller-1", "sku-lamp", 2, NOON)
    assert decided.state.stock["sku-lamp"].available == 3


def test_a_listing_that_reaches_zero_is_withdrawn() -> None:
    decided = orders.given(stocked("sku-lamp", 2)).when(placed(line(quantity=2)), now=NOON)
    assert decided.the(ListingWithdrawn) == ListingWithdrawn("seller-1", "sku-lamp", 0, NOON)


def test_an_order_that_cannot_be_covered_is_canceled_and_takes_nothing() -> None:
    decided = orders.given(stocked("sku-lamp", 1)).when(placed(line(quantity=2)), now=NOON)
    decided.then(
        received(line(quantity=2)),
        OrderCanceled(
            at=NOON,
            reason="out_of_stock",
            by="marketplace",
            lines=(Quantity("lamp", 2),),
            counts_in_cancellation_rate=False,
            amount=usd(4000),
        ),
    )
    assert decided.state.stock["sku-lamp"].available == 1


def test_one_item_that_cannot_be_covered_cancels_all_of_them() -> None:
    stock = (stocked("sku-lamp", 9), stocked("sku-shade", 0))
    decided = orders.given(*stock).when(placed(line(), line("shade", 1)), now=NOON)
    assert decided.the(OrderCanceled).lines == (Quantity("lamp", 2), Quantity("shade", 1))
    assert decided.state.stock["sku-lamp"].available == 9


def test_items_of_one_sku_are_covered_together_or_not_at_all() -> None:
    two_of_one_sku = placed(line("lamp", 2, sku="sku"), line("spare", 2, sku="sku"))
    given = orders.given(stocked("sku", 3))
    given.when(two_of_one_sku, now=NOON).then_kinds(OrderReceived, OrderCanceled)
    decided = orders.given(stocked("sku", 4)).when(two_of_one_sku, now=NOON)
    assert decided.the(StockReserved).quantity == 4


def test_a_sku_that_was_never_stocked_is_not_tracked() -> None:
    decided = orders.given(stocked("sku-shade", 1)).when(placed(line(), line("shade", 1)), now=NOON)
    assert [event.sku for event in decided.every(StockReserved)] == ["sku-shade"]
    assert not decided.every(OrderCanceled)


def test_a_second_order_with_the_same_id_changes_nothing() -> None:
    given = orders.given(stocked("sku-lamp", 5), received(), reserved("sku-lamp", 2))
    given.when(placed(), now=NOON).then_nothing()
    given.when(placed(line("other", 1)), now=NOON).then_nothing()


def test_a_canceled_order_does_not_come_back_when_it_is_placed_again() -> None:
    decided = orders.given(stocked("sku-lamp", 1)).when(placed(), now=NOON)
    assert isinstance(decided.state.order, Canceled)
    decided.when(placed(), now=NOON).then_nothing()


def test_payment_verified_before_the_order_came_is_kept_for_it() -> None:
    news = PaymentNews("verified", NOON + timedelta(minutes=5))
    decided = orders.given().when(news, now=HOLD_END).when(placed(), now=HOLD_END)
    assert decided.the(OrderReleased).at == HOLD_END


def test_a_cancellation_that_overtook_its_order_cancels_it() -> None:
    wish = CancellationRequested(NOON + timedelta(minutes=5))
    decided = orders.given().when(wish, now=NOON).when(placed(), now=HOLD_END)
    assert decided.the(OrderCanceled).reason == "buyer"


def test_news_that_overtook_its_order_is_kept_once() -> None:
    news = PaymentNews("verified", NOON)
    orders.given().when(news, now=NOON).when(news, now=NOON).then_nothing()
    wish = CancellationRequested(NOON)
    orders.given().when(wish, now=NOON).when(wish, now=NOON).then_nothing()


def test_an_out_of_stock_order_stays_canceled_whatever_news_overtook_it() -> None:
    news = PaymentNews("verified", NOON)
    decided = orders.given(stocked("sku-lamp", 0)).when(news, now=NOON).when(placed(), now=NOON)
    decided.then_kinds(OrderReceived, OrderCanceled)


def test_verification_that_came_first_leaves_only_the_hold_to_wait_for() -> None:
    decided = orders.given().when(PaymentNews("verified", NOON), now=NOON).when(placed(), now=NOON)
    decided.then(received(), verified(), TimerSet("hold_end", HOLD_END))
