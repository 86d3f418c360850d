"""What happens to orders: many at once, in step, so that each service hears batches of one kind of message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from shared.kit import clock
from tests.bench.town import Town
from tests.support.events import Order, buyer, delivered, seller, ups_number

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
_ORDERS_A_SELLER = 10

Journey = Callable[[Town, str, int], Awaitable[None]]


async def _placed(town: Town, tag: str, count: int) -> list[Order]:
    """Have sellers and buyers register, and orders placed, verified and released."""
    begins = clock.now()
    orders = [
        Order(
            f"order-{tag}-{number}",
            f"seller-{tag}-{number // _ORDERS_A_SELLER}",
            f"buyer-{tag}-{number}",
            begins,
        )
        for number in range(count)
    ]
    await town.hear(seller(each, begins) for each in dict.fromkeys(order.seller_id for order in orders))
    await town.hear(buyer(order.buyer_id, begins) for order in orders)
    await town.hear(order.placed() for order in orders)
    town.hand.set(begins + 5 * MINUTE)
    await town.hear(order.verified() for order in orders)
    await town.advance(begins + DAY)
    return orders


async def _shipped(town: Town, tag: str, count: int) -> list[Order]:
    """Have orders placed and shipped, and their parcels delivered on the third day."""
    begins = clock.now()
    orders = await _placed(town, tag, count)
    first = len(town.logs["carriers.events"])
    numbers = [ups_number(first + place) for place in range(count)]
    await town.hear(order.shipped(clock.now(), number) for order, number in zip(orders, numbers, strict=True))
    await town.advance(begins + 3 * DAY)
    await town.hear(delivered(number, clock.now()) for number in numbers)
    return orders


async def granted(town: Town, tag: str, count: int) -> None:
    """Let nothing be shipped, the buyer write, the seller be silent; the claim is granted when it is filed."""
    begins = clock.now()
    orders = await _placed(town, tag, count)
    await town.advance(begins + 6 * DAY)
    await town.hear(order.wrote("buyer", clock.now()) for order in orders)
    await town.advance(begins + 11 * DAY)
    await town.hear(order.filed(clock.now()) for order in orders)
    await town.advance(clock.now() + DAY)


async def answered(town: Town, tag: str, count: int) -> None:
    """Let the parcel come late, the buyer ask, the seller answer; asked by an investigator, the seller is silent."""
    begins = clock.now()
    orders = await _shipped(town, tag, count)
    await town.advance(begins + 6 * DAY)
    await town.hear(order.wrote("buyer", clock.now()) for order in orders)
    await town.advance(begins + 6 * DAY + 20 * HOUR)
    await town.hear(order.wrote("seller", clock.now(), "It came.") for order in orders)
    await town.advance(begins + 11 * DAY)
    await town.hear(order.filed(clock.now(), "delivered_not_found") for order in orders)
    await town.hear(order.asked(clock.now()) for order in orders)
    await town.advance(clock.now() + 4 * DAY)


async def quiet(town: Town, tag: str, count: int) -> None:
    """Let the parcel come in time, and nobody say a word."""
    begins = clock.now()
    await _shipped(town, tag, count)
    await town.advance(begins + 60 * DAY)
