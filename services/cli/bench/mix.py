"""The whole mix: orders that live fast, so that every service has its part of the work at any moment.

Each order is placed, verified, shipped and scanned; its buyer writes, finds nothing at the door and claims, the seller
keeps silent, and the claim is granted when the window for an answer ends. What its people say carries the times of an
order that is twelve days old; only that window ends now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.cli.bench.loading import Sent, outside
from services.cli.story.events import (
    Event,
    Order,
    Person,
    buyer_registered,
    scanned,
    seller_registered,
    ups_number,
)
from shared.contracts.carriers import Milestone
from shared.contracts.checkout import OrderPlaced
from shared.contracts.data import field_of
from shared.kit import ids

MARKETPLACE = "cn"
"""Where one may claim after 48 h, and an answer is due after 72: so there is a claim that waits for a deadline."""
SILENCE = timedelta(hours=72)
PEOPLE = 50
"""Sellers, and as many buyers."""
_PLACED_AGO, _SHIPPED_AFTER, _DELIVERED_AFTER = timedelta(days=12), timedelta(days=1), timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Life:
    """One order, whose seller's silence ends at `due_at`."""

    prefix: str
    number: int
    due_at: datetime

    @property
    def order(self) -> Order:
        """What its people say about it."""
        return Order(
            order_id=f"{self.prefix}-{self.number}",
            seller=_seller(self.number),
            buyer=_buyer(self.number),
            placed_at=self.due_at - _PLACED_AGO,
            title="A lamp",
            sku="never-stocked",
            price_minor=4999,
            tracking_number=ups_number(self.number % 10_000_000),
        )

    def placed(self) -> Sequence[Event]:
        """It is placed and paid."""
        event = self.order.placed()
        if not isinstance(event.data, OrderPlaced):
            raise TypeError(event.data.TYPE)
        placed = event.data.model_copy(update={"marketplace_id": MARKETPLACE})
        return [Event(placed, event.at), self.order.verified(event.at)]

    def shipped(self) -> Event:
        """The seller ships it."""
        return self.order.shipped(self.order.placed_at + _SHIPPED_AFTER)

    def on_its_way(self) -> Event:
        """The carrier has it."""
        at = self.order.placed_at + _SHIPPED_AFTER
        number = self.order.tracking_number
        return Event(
            Milestone(carrier="UPS", tracking_number=number, milestone="in_transit", occurred_at=at), at
        )

    def wrote(self) -> Event:
        """The buyer writes; the seller will not answer."""
        return self.order.wrote("buyer", "Where is it?", self.due_at - SILENCE)

    def delivered(self) -> Event:
        """It is scanned at a door."""
        return scanned(self.order.tracking_number, self.order.placed_at + _DELIVERED_AFTER)

    def filed(self, now: datetime) -> Event:
        """The buyer, at whose door nothing lies, claims."""
        return self.order.filed(now, "delivered_not_found")


def people(at: datetime) -> Sequence[Event]:
    """Everybody who can be mailed."""
    return [
        *(seller_registered(_seller(number), at) for number in range(PEOPLE)),
        *(buyer_registered(_buyer(number), at) for number in range(PEOPLE)),
    ]


def sent(event: Event) -> Sent:
    """Write it as its sender would: a command's id is its own, an event's is drawn."""
    key = next(
        str(value)
        for name in ("order_id", "tracking_number", "seller_id", "buyer_id")
        if (value := field_of(event.data, name)) is not None
    )
    return outside(event, key, ids.fresh())


def _seller(number: int) -> Person:
    return Person(f"bench-seller-{number % PEOPLE}", "Seller")


def _buyer(number: int) -> Person:
    return Person(f"bench-buyer-{number % PEOPLE}", "Buyer")
