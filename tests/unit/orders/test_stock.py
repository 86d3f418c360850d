"""O1: what the catalogue says of a listing."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.orders.domain.events import ListingRestored, ListingWithdrawn, StockKept
from services.orders.domain.inputs import ListingStocked
from tests.unit.orders.build import NOON, orders, reserved, stocked

LATER = NOON + timedelta(hours=1)


def listing(quantity: int, at: datetime = NOON) -> ListingStocked:
    return ListingStocked("seller-1", "sku-lamp", quantity, at)


def test_the_catalogue_sets_what_there_is() -> None:
    decided = orders.given().when(listing(5), now=NOON).then(stocked("sku-lamp", 5, NOON))
    assert decided.state.stock["sku-lamp"].available == 5
    assert decided.when(listing(2, LATER), now=LATER).state.stock["sku-lamp"].available == 2


def test_a_listing_set_to_zero_is_withdrawn_and_returns_when_it_is_filled() -> None:
    empty = orders.given(stocked("sku-lamp", 5)).when(listing(0), now=NOON)
    empty.then(stocked("sku-lamp", 0, NOON), ListingWithdrawn("seller-1", "sku-lamp", 0, NOON))
    filled = empty.when(listing(3, LATER), now=LATER)
    assert filled.the(ListingRestored) == ListingRestored("seller-1", "sku-lamp", 3, LATER)


def test_a_listing_that_stays_at_zero_is_withdrawn_once() -> None:
    empty = orders.given(stocked("sku-lamp", 0, NOON))
    empty.when(listing(0, LATER), now=LATER).then_kinds(StockKept)


def test_a_listing_sold_out_returns_when_it_is_filled() -> None:
    sold_out = orders.given(stocked("sku-lamp", 2), reserved("sku-lamp", 2))
    sold_out.when(listing(4), now=NOON).then_kinds(StockKept, ListingRestored)


def test_a_repeat_does_not_bring_back_what_was_sold_since() -> None:
    sold = orders.given(stocked("sku-lamp", 5, NOON), reserved("sku-lamp", 2))
    sold.when(listing(5), now=LATER).then_nothing()


def test_what_the_catalogue_said_earlier_changes_nothing() -> None:
    orders.given(stocked("sku-lamp", 5, LATER)).when(listing(9, NOON), now=LATER).then_nothing()


def test_two_settings_of_one_instant_both_count_in_the_order_in_which_they_are_read() -> None:
    decided = orders.given(stocked("sku-lamp", 5, NOON)).when(listing(6), now=NOON)
    assert decided.state.stock["sku-lamp"].available == 6
