"""What the upstream catalogue says of a seller's listings."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.data import Count, Data, Id, When
from shared.contracts.topics import CATALOG_EVENTS


class ListingStocked(Data):
    """The listing's stock is set to `quantity`."""

    TYPE: ClassVar[str] = "catalog.listing_stocked.v1"
    TOPIC: ClassVar[str] = CATALOG_EVENTS

    seller_id: Id
    sku: Id
    quantity: Count
    at: When


MESSAGES = (ListingStocked,)
