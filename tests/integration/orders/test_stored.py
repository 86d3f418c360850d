"""Orders on a real PostgreSQL: what is stored is found again, whoever else is at work."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.orders.domain.model import Canceled, Released, status_of
from shared.contracts import inventory, orders
from shared.contracts.carriers import Milestone
from shared.contracts.catalog import ListingStocked
from shared.contracts.checkout import CancellationRequested, FraudDetected, OrderPlaced
from shared.contracts.timer import DeadlineExpired
from tests.integration.orders.desk import Desk
from tests.support.events import Event, Order, event, ups_number

NOON = datetime(2021, 3, 1, 12, tzinfo=UTC)
NEXT_DAY = NOON + timedelta(days=1)
DELIVERED = NOON + timedelta(days=3)


def order(order_id: str = "order-1", **other: object) -> Order:
    return Order(order_id, "seller-1", "buyer-1", NOON, **other)  # type: ignore[arg-type]


def stocked(quantity: int, sku: str = "lamp") -> Event:
    return event(ListingStocked(seller_id="seller-1", sku=sku, quantity=quantity, at=NOON), "seller-1", NOON)


def scanned(number: str, at: datetime = DELIVERED) -> Event:
    return event(
        Milestone(carrier="UPS", tracking_number=number, milestone="delivered", occurred_at=at), number, at
    )


def promised(number: str) -> Event:
    return event(
        Milestone(
            carrier="UPS",
            tracking_number=number,
            milestone="accepted",
            occurred_at=NEXT_DAY,
            promised_date=DELIVERED.date(),
        ),
        number,
        NEXT_DAY,
    )


def wished(order_id: str) -> Event:
    at = NOON + timedelta(minutes=1)
    return event(CancellationRequested(order_id=order_id, requested_at=at), order_id, at)


async def test_a_whole_life_in_one_batch_is_numbered_without_gap(desk: Desk) -> None:
    one, number = order(), ups_number(1)
    await desk.apply(
        one.placed(), one.verified(), one.shipped(NEXT_DAY, number), promised(number), scanned(number)
    )
    assert status_of((await desk.order("order-1")).order) == "Delivered"
    assert await desk.numbers("order-1") == [
        ("orders.order_received.v1", 1),
        ("orders.order_released.v1", 2),
        ("orders.shipment_confirmed.v1", 3),
        ("orders.order_shipped.v1", 4),
        ("orders.promise_changed.v1", 5),
        ("orders.shipment_delivered.v1", 6),
        ("orders.order_delivered.v1", 7),
    ]


async def test_a_whole_life_in_many_batches_is_the_same(desk: Desk) -> None:
    one, number = order(), ups_number(1)
    for each in (
        one.placed(), one.verified(), one.shipped(NEXT_DAY, number), promised(number), scanned(number)
    ):  # fmt: skip
        await desk.apply(each)
    assert status_of((await desk.order("order-1")).order) == "Delivered"
    assert [number for _, number in await desk.numbers("order-1")] == [1, 2, 3, 4, 5, 6, 7]


async def test_every_record_sent_again_at_a_new_offset_changes_nothing(desk: Desk) -> None:
    one, number = order(sku="lamp"), ups_number(1)
    events = [
        stocked(5), one.placed(), one.verified(), one.shipped(NEXT_DAY, number), scanned(number)
    ]  # fmt: skip
    await desk.apply(*events)
    before = await desk.pool.fetch("SELECT kind, key, version, body FROM state ORDER BY kind, key")
    await desk.apply(*events)
    assert await desk.pool.fetch("SELECT kind, key, version, body FROM state ORDER BY kind, key") == before


async def test_a_command_that_overtook_its_order_runs_when_it_comes(desk: Desk) -> None:
    one = order()
    await desk.apply(one.shipped(NEXT_DAY, ups_number(1)))
    await desk.apply(one.placed(), one.verified())
    assert status_of((await desk.order("order-1")).order) == "Shipped"


async def test_news_that_overtook_its_order_is_stored_for_it(desk: Desk) -> None:
    one = order()
    await desk.apply(one.verified())
    await desk.apply(one.placed())
    assert isinstance((await desk.order("order-1")).order, Released)


@pytest.mark.parametrize("batches", ["one", "two"])
async def test_a_canceled_order_gives_its_units_back(desk: Desk, batches: str) -> None:
    placed = order(sku="lamp", quantity=2).placed()
    if batches == "one":
        await desk.apply(stocked(2), placed, wished("order-1"))
    else:
        await desk.apply(stocked(2), placed)
        await desk.apply(wished("order-1"))
    assert (await desk.stock("seller-1", "lamp")).available == 2
    assert [fact.quantity for fact in await desk.said(inventory.ListingRestored)] == [2]


async def test_an_expired_cutoff_gives_its_units_back(desk: Desk) -> None:
    one = order(sku="lamp")
    await desk.apply(stocked(5), one.placed(), one.verified())
    due_at = NOON + timedelta(days=30, minutes=10)
    expired = DeadlineExpired(
        timer_id="timer",
        kind="ship_confirmation_due",
        owner="orders",
        order_id="order-1",
        subject_id="order-1",
        due_at=due_at,
        fired_at=due_at,
    )
    await desk.apply(event(expired, "order-1", due_at))
    assert isinstance((await desk.order("order-1")).order, Canceled)
    assert (await desk.stock("seller-1", "lamp")).available == 5


async def test_two_sellers_whose_ids_look_alike_have_stocks_of_their_own(desk: Desk) -> None:
    for seller_id, sku, quantity in (("a/b", "c", 1), ("a", "b/c", 2), ("a%2Fb", "c", 3)):
        listing = ListingStocked(seller_id=seller_id, sku=sku, quantity=quantity, at=NOON)
        await desk.apply(event(listing, seller_id, NOON))
    assert (await desk.stock("a/b", "c")).available == 1
    assert (await desk.stock("a", "b/c")).available == 2
    assert (await desk.stock("a%2Fb", "c")).available == 3


async def test_an_order_of_an_unknown_marketplace_is_a_dead_letter(desk: Desk) -> None:
    await desk.apply(order().placed(marketplace_id="moon"), order("order-2").placed())
    letters = await desk.pool.fetch("SELECT rule FROM dead_letters")
    assert [letter["rule"] for letter in letters] == ["unknown_marketplace"]
    assert [fact.order_id for fact in await desk.said(orders.OrderReceived)] == ["order-2"]


# --------------------------------------------------------------------------------------- two at the same time


async def test_two_processes_never_sell_more_than_there_is(desk: Desk, other_desk: Desk) -> None:
    await desk.apply(stocked(25))
    left = [order(f"left-{number}", sku="lamp").placed() for number in range(20)]
    right = [order(f"right-{number}", sku="lamp").placed() for number in range(20)]

    async def place(at: Desk, events: list[Event]) -> None:
        for first in range(0, len(events), 4):
            await at.apply(*events[first : first + 4])

    await asyncio.gather(place(desk, left), place(other_desk, right))
    assert (await desk.stock("seller-1", "lamp")).available == 0
    assert len(await desk.said(inventory.StockReserved)) == 25
    assert len(await desk.said(orders.OrderCanceled)) == 15
    assert len(await desk.said(inventory.ListingWithdrawn)) == 1


async def test_a_confirmation_and_a_scan_in_two_processes_meet(desk: Desk, other_desk: Desk) -> None:
    """Whoever is first: the scan finds the shipment, or the confirmation finds the scan."""
    numbers = [ups_number(serial) for serial in range(30)]
    sold = [order(f"order-{serial}") for serial in range(30)]
    await desk.apply(*(one.placed() for one in sold), *(one.verified() for one in sold))

    async def confirm() -> None:
        for one, number in zip(sold, numbers, strict=True):
            await desk.apply(one.shipped(NEXT_DAY, number))

    async def scan() -> None:
        for number in numbers:
            await other_desk.apply(scanned(number))

    await asyncio.gather(confirm(), scan())
    assert sorted(fact.order_id for fact in await desk.said(orders.OrderDelivered)) == sorted(
        one.order_id for one in sold
    )


async def test_a_scan_that_waits_for_a_confirmations_lock_finds_the_order_it_then_names(
    desk: Desk, other_desk: Desk
) -> None:
    one, number = order(), ups_number(1)
    await desk.apply(one.placed(), one.verified(), promised(number))
    async with desk.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SELECT 1 FROM state WHERE kind = 'tracking' FOR UPDATE")
        confirming = asyncio.ensure_future(desk.apply(one.shipped(NEXT_DAY, number)))
        await _until_waiting(other_desk, 1)
        scanning = asyncio.ensure_future(other_desk.apply(scanned(number)))
        await _until_waiting(other_desk, 2)
        await transaction.rollback()
        await asyncio.gather(confirming, scanning)
    assert status_of((await desk.order("order-1")).order) == "Delivered"
    assert (await desk.tracking("UPS", number)).orders == ()


async def test_a_cancellation_and_a_restocking_in_two_processes_both_count(
    desk: Desk, other_desk: Desk
) -> None:
    sold = [order(f"order-{number}", sku="lamp") for number in range(10)]
    await desk.apply(stocked(10), *(one.placed() for one in sold))

    async def cancel() -> None:
        for one in sold:
            at = NOON + timedelta(minutes=1)
            await desk.apply(event(FraudDetected(order_id=one.order_id, at=at), one.order_id, at))

    async def restock() -> None:
        for number in range(10):
            at = NOON + timedelta(hours=1 + number)
            listing = ListingStocked(seller_id="seller-1", sku=f"shade-{number}", quantity=7, at=at)
            await other_desk.apply(event(listing, "seller-1", at))

    await asyncio.gather(cancel(), restock())
    assert (await desk.stock("seller-1", "lamp")).available == 10


async def _until_waiting(desk: Desk, sessions: int) -> None:
    async with asyncio.timeout(10):
        while await desk.waiting() < sessions:  # noqa: ASYNC110  another session's wait can only be asked for
            await asyncio.sleep(0.005)


async def test_of_an_order_placed_no_address_is_kept_and_so_nobodys_texts_are_noted(desk: Desk) -> None:
    placed = order().placed()
    assert isinstance(placed.data, OrderPlaced)
    await desk.apply(placed)
    kept = await desk.pool.fetchval("SELECT string_agg(body::text, '') FROM state")
    said = await desk.pool.fetchval("SELECT string_agg(convert_from(payload, 'UTF8'), '') FROM outbox")
    assert placed.data.ship_to.line1 not in kept + said
    assert await desk.pool.fetchval("SELECT count(*) FROM texts") == 0
