"""A seller's stock, as orders keeps it."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.data import Count, Id
from shared.contracts.facts import Fact
from shared.contracts.topics import INVENTORY_EVENTS


class StockFact(Fact):
    """A fact on one listing; `order_id` is the order that caused it, if one did."""

    seller_id: Id
    sku: Id
    quantity: Count
    order_id: Id | None = None


class StockReserved(StockFact):
    """`quantity` units were taken for an order."""

    TYPE: ClassVar[str] = "inventory.stock_reserved.v1"
    TOPIC: ClassVar[str] = INVENTORY_EVENTS


class StockReleased(StockFact):
    """`quantity` units of a canceled order were given back."""

    TYPE: ClassVar[str] = "inventory.stock_released.v1"
    TOPIC: ClassVar[str] = INVENTORY_EVENTS


class ListingWithdrawn(StockFact):
    """The listing has reached zero and leaves the offer page; `quantity` is what is left: 0."""

    TYPE: ClassVar[str] = "inventory.listing_withdrawn.v1"
    TOPIC: ClassVar[str] = INVENTORY_EVENTS


class ListingRestored(StockFact):
    """A withdrawn listing returns with `quantity` units."""

    TYPE: ClassVar[str] = "inventory.listing_restored.v1"
    TOPIC: ClassVar[str] = INVENTORY_EVENTS


MESSAGES = (StockReserved, StockReleased, ListingWithdrawn, ListingRestored)
