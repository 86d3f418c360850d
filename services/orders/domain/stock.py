"""The shelf: what a seller has of a sku (O1, O5). Never below zero; a sku never stocked is not tracked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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


def wanted(story: Story, placed: Placed) -> Mapping[str, int]:
    """Return an order's units by tracked sku: several of its items may be of one sku."""
    units: dict[str, int] = {}
    for line in placed.lines:
        if line.sku in story.world.stock:
            units[line.sku] = units.get(line.sku, 0) + line.quantity
    return units


def covers(story: Story, units: Mapping[str, int]) -> bool:
    """Say whether the stock covers all that is wanted of tracked skus."""
    shelf = story.world.stock
    return all(shelf[sku].available >= count for sku, count in units.items())


def reserve(story: Story, placed: Placed, units: Mapping[str, int]) -> None:
    """Take what is wanted of tracked skus; a listing that reaches zero is withdrawn."""
    for sku, count in units.items():
        story.tell(StockReserved(placed.seller_id, sku, count, placed.placed_at))
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
