"""The rulebook once more, as naively as can be: lists of what happened, and nothing kept between two questions.

Every item of the order is of one unit, and in at most one parcel; how parts of lines are counted and paid has
tests of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from services.claims.domain.inputs import (
    ContactOpened,
    ContactResolved,
    ContactResponded,
    FileClaim,
    ProvideInformation,
    RequestInformation,
    ShipmentConfirmed,
    ShipmentDelivered,
)
from tests.unit.claims.builders import DELIVER_BY, SHIP_BY, WINDOW


@dataclass(slots=True)
class Naive:
    """What happened, or as much of it as was read."""

    happened: list[object] = field(default_factory=list)

    def note(self, what: object) -> None:
        if what not in self.happened:
            self.happened.append(what)

    def grounds(self, claim: FileClaim, at: datetime) -> list[str]:
        """Say which grounds hold for a claim on one item at an instant."""
        item = claim.lines[0].order_item_id
        parcels = [
            each
            for each in self.happened
            if isinstance(each, ShipmentConfirmed) and each.lines[0].order_item_id == item
        ]
        delivered = [each.shipment_id for each in self.happened if isinstance(each, ShipmentDelivered)]
        coming = [each for each in parcels if each.shipment_id not in delivered]
        is_plain = claim.reason is None
        held = {
            "C6.1": any(not each.trackable and not each.tracking_valid for each in coming),
            "C6.2": any(self._is_unanswered(each, at) for each in self.contacts()),
            "C6.3": is_plain and at >= SHIP_BY and not any(each.shipped_at < SHIP_BY for each in parcels),
            "C6.4": is_plain and at >= DELIVER_BY and len(coming) == len(parcels),
            "C6.5": any(self._is_missed(each, at) for each in self.requests(claim.claim_id)),
        }
        return [rule for rule, holds in held.items() if holds]

    def contacts(self) -> list[ContactOpened]:
        return [
            each for each in self.happened if isinstance(each, ContactOpened) and each.about == "delivery"
        ]

    def requests(self, claim_id: str) -> list[RequestInformation]:
        return [
            each
            for each in self.happened
            if isinstance(each, RequestInformation) and each.claim_id == claim_id and each.asked == "seller"
        ]

    def _is_unanswered(self, contact: ContactOpened, at: datetime) -> bool:
        stopped = [
            each.responded_at if isinstance(each, ContactResponded) else each.resolved_at
            for each in self.happened
            if isinstance(each, ContactResponded | ContactResolved) and each.contact_id == contact.contact_id
        ]
        return at >= contact.opened_at + WINDOW and all(when > contact.opened_at + WINDOW for when in stopped)

    def _is_missed(self, request: RequestInformation, at: datetime) -> bool:
        answers = [
            each.at
            for each in self.happened
            if isinstance(each, ProvideInformation) and each.request_id == request.command_id
        ]
        return at >= request.at + WINDOW and all(when > request.at + WINDOW for when in answers)
