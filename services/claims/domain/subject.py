"""What the rules look at: an order, what was heard of it, and the lines that are claimed or asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime

from services.claims.domain.dossier import Contact, Dossier, Order, Shipment
from services.claims.domain.inputs import Issue, Reason, Source
from services.claims.domain.money import Line, Money, merged
from services.claims.domain.state import Case, Claim, OrderState
from services.claims.domain.windows import end_of, in_time
from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A claim, or one about to be filed: `source` is the command, `earlier` the claims filed before it."""

    order: Order
    dossier: Dossier
    zone: str
    source: Source
    quantities: Mapping[str, int]
    issue: Issue
    reason: Reason | None
    earlier: Sequence[Claim]
    later: Sequence[Claim] = ()

    @property
    def units_claimed(self) -> int:
        """How many units it is about."""
        return sum(self.quantities.values())

    @property
    def ship_by(self) -> datetime:
        """When the expected ship date is over in the marketplace."""
        return end_of(self.order.expected_ship_date, self.zone)

    @property
    def deliver_by(self) -> datetime:
        """When the maximum EDD is over in the marketplace."""
        return end_of(self.order.edd, self.zone)

    def money(self, amount_minor: int) -> Money:
        """Say an amount in the order's currency."""
        return Money(amount_minor, self.order.currency)


def subject_of(state: OrderState, case: Case, order: Order, zone: str) -> Subject:
    """Look at a filed claim."""
    filing = case.filing
    claims = state.decided.claims
    place = next(i for i, claim in enumerate(claims) if claim.case.claim_id == case.claim_id)
    return Subject(
        order=order,
        dossier=state.dossier,
        zone=zone,
        source=filing.source,
        quantities=merged(filing.lines),
        issue=filing.issue,
        reason=filing.reason,
        earlier=claims[:place],
        later=claims[place + 1 :],
    )


# --------------------------------------------------------------------------------------------------- units


def shipments_of(subject: Subject) -> Sequence[Shipment]:
    """Return the shipments that carry something of what is claimed."""
    return [
        shipment
        for shipment in subject.dossier.shipments
        if any(units.order_item_id in subject.quantities for units in shipment.lines)
    ]


def _count(subject: Subject, count: Callable[[Line], int]) -> int:
    """Count the claimed units of which something may be true, given of how many of each line it is."""
    lines = {line.order_item_id: line for line in subject.order.lines}
    return sum(
        min(quantity, max(0, count(lines[item])))
        for item, quantity in subject.quantities.items()
        if item in lines
    )


def _shipped(subject: Subject, line: Line, is_meant: Callable[[Shipment], bool]) -> int:
    return sum(
        units.quantity
        for shipment in subject.dossier.shipments
        if is_meant(shipment)
        for units in shipment.lines
        if units.order_item_id == line.order_item_id
    )


def _kept(subject: Subject, line: Line) -> int:
    """Units that still are to come or came: not canceled, unless because a claim was granted for them."""
    canceled = sum(
        units.quantity
        for cancellation in subject.dossier.cancellations
        if not cancellation.by_claim
        for units in cancellation.lines
        if units.order_item_id == line.order_item_id
    )
    return line.quantity - canceled


def units_not_canceled(subject: Subject) -> int:
    """Count the claimed units that were not canceled."""
    return _count(subject, lambda line: _kept(subject, line))


def units_undelivered(subject: Subject) -> int:
    """Count the claimed units that may still be under way."""
    return _count(
        subject,
        lambda line: (
            _kept(subject, line) - _shipped(subject, line, lambda parcel: parcel.delivery is not None)
        ),
    )


def units_not_shipped(subject: Subject) -> int:
    """Count the claimed units that may not have been shipped by the expected ship date."""
    return _count(
        subject,
        lambda line: (
            _kept(subject, line) - _shipped(subject, line, lambda it: is_shipped_in_time(subject, it))
        ),
    )


def units_untracked(subject: Subject) -> int:
    """Count the claimed units that may be in a parcel that nobody can track."""
    return _count(
        subject,
        lambda line: _shipped(
            subject,
            line,
            lambda it: it.delivery is None and not it.trackable and not it.tracking_valid,
        ),
    )


def units_protected(subject: Subject) -> int:
    """Count the claimed units shipped in time, by the marketplace's label, tracked and undelivered (C10)."""
    return _count(subject, lambda line: _shipped(subject, line, lambda it: _is_protected(subject, it)))


def is_shipped_in_time(subject: Subject, shipment: Shipment) -> bool:
    """Say whether a parcel was shipped before the expected ship date was over."""
    return shipment.shipped_at < subject.ship_by


def _is_protected(subject: Subject, shipment: Shipment) -> bool:
    return (
        shipment.label == "marketplace"
        and shipment.tracking_valid
        and shipment.delivery is None
        and is_shipped_in_time(subject, shipment)
    )


# ------------------------------------------------------------------------------------------------- windows


def contacts_of(dossier: Dossier, issue: Issue) -> Sequence[Contact]:
    """Return the contacts of the right kind: about delivery in the messages, or a return request (C2, C3)."""
    if issue == "not_as_expected":
        return [contact for contact in dossier.contacts if contact.channel == "return_requests"]
    return [
        contact
        for contact in dossier.contacts
        if contact.channel == "buyer_seller_messages" and contact.about == "delivery"
    ]


def promises_of(subject: Subject) -> Sequence[Shipment]:
    """Return the parcels whose valid tracking promises a day; one that was delivered promises no more."""
    return [
        shipment
        for shipment in shipments_of(subject)
        if shipment.promise is not None
        and shipment.tracking_valid
        and (shipment.delivery is None or subject.reason == "delivered_not_found")
    ]


def expected_on(subject: Subject) -> date:
    """Return the maximum EDD, or the day that valid tracking promises, whichever is sooner (C2)."""
    promised = [shipment.promise.day for shipment in promises_of(subject) if shipment.promise]
    return min([subject.order.edd, *promised])


def eligible_from(subject: Subject, wait_days: int, contacts: Iterable[Contact]) -> datetime | None:
    """Say from when one may file on any of these contacts; None when none of them is left unresolved."""
    ready = [each.settle_by for each in contacts if not is_resolved_in_time(each)]
    if not ready:
        return None
    if subject.issue == "not_as_expected":
        return min(ready)
    return max(min(ready), end_of(expected_on(subject), subject.zone, wait_days))


def is_resolved_in_time(contact: Contact) -> bool:
    """Say whether it was settled in its window; a later resolution does not bar a claim (C2)."""
    return in_time(contact.resolved.at if contact.resolved else None, contact.settle_by)


def filing_until(subject: Subject, file_days: int) -> datetime:
    """Return the midnight at which the last day to file is over (C4)."""
    return end_of(subject.order.edd, subject.zone, file_days)
