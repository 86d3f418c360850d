"""The shelf: what a seller has of a sku (O1, O5). Never below zero; a sku never stocked is not tracked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from services.orders.domain.events import (
    ListingRestored,
    ListingWithdrawn,
    StockKept,
    StockReleased,
    StockReserved,
)
from services.orders.domain.inputs import ListingStocked
from services.orders.domain.model import Placed, Quantity
from services.orders.domain.story import Story


def stock(story: Story, heard: ListingStocked) -> None:
    """Set what there is of a sku. What the catalogue said earlier, or says twice, changes nothing."""
    known = story.world.stock.get(heard.sku)
    if known is not None and (heard.at, heard.quantity) == (known.stocked_at, known.stocked):
        return
    if known is not None and heard.at < known.stocked_at:
        return
    was_offered = known is None or known.available > 0
    where = (heard.seller_id, heard.sku, heard.quantity, heard.at)
    story.tell(StockKept(*where))
    if was_offered and heard.quantity == 0:
        story.tell(ListingWithdrawn(*where))
    if not was_offered and heard.quantity > 0:
        story.tell(ListingRestored(*where))


def covers(story: Story, placed: Placed) -> bool:
    """Say whether the stock covers the whole order."""
    shelf = story.world.stock
    return all(shelf[sku].available >= units for sku, units in wanted(placed).items() if sku in shelf)


def reserve(story: Story, placed: Placed) -> None:
    """Take an order's units from the tracked skus; a listing that reaches zero is withdrawn."""
    for sku, units in wanted(placed).items():
        if sku not in story.world.stock:
            continue
        story.tell(StockReserved(placed.seller_id, sku, units, placed.placed_at))
        if story.world.stock[sku].available == 0:
            story.tell(ListingWithdrawn(placed.seller_id, sku, 0, placed.placed_at))


def give_back(story: Story, placed: Placed, canceled: Iterable[Quantity], at: datetime) -> None:
    """Put canceled units back, as far as they were taken; a withdrawn listing returns."""
    skus = {line.order_item_id: line.sku for line in placed.lines}
    units: Counter[str] = Counter()
    for line in canceled:
        units[skus[line.order_item_id]] += line.quantity
    for sku, count in units.items():
        taken = min(count, story.world.row.reserved.get(sku, 0))
        if not taken or sku not in story.world.stock:
            continue
        was_offered = story.world.stock[sku].available > 0
        story.tell(StockReleased(placed.seller_id, sku, taken, at))
        if not was_offered:
            available = story.world.stock[sku].available
            story.tell(ListingRestored(placed.seller_id, sku, available, at))


def wanted(placed: Placed) -> Counter[str]:
    """Return an order's units by sku: several of its items may be of one sku."""
    units: Counter[str] = Counter()
    for line in placed.lines:
        units[line.sku] += line.quantity
    return units
