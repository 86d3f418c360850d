"""The dossier: what claims has heard of an order, each fact kept with the event that said it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import assert_never

from services.claims.domain.inputs import (
    Channel,
    ContactOpened,
    ContactResolved,
    ContactResponded,
    Fulfilment,
    Heard,
    Label,
    LinesCanceled,
    OrderReceived,
    OrderReleased,
    PromiseChanged,
    ShipmentConfirmed,
    ShipmentDelivered,
    Source,
)
from services.claims.domain.money import Line, Units
from services.claims.domain.windows import is_read_late


@dataclass(frozen=True, slots=True)
class Order:
    """The order as it was placed, with its promises as they moved at the release."""

    source: Source
    order_id: str
    marketplace_id: str
    buyer_id: str
    seller_id: str
    fulfilment: Fulfilment
    currency: str
    lines: tuple[Line, ...]
    expected_ship_date: date
    edd: date
    dates_source: Source
    released: Source | None = None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Units that will not come, and what is not charged for them."""

    source: Source
    lines: tuple[Units, ...]
    not_charged_minor: int
    by_claim: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened (a scan, an answer), and the event that said so.

    `is_read_late`: an answer that counts by a date long before it was read is marked in explanations.
    """

    at: datetime
    source: Source
    is_read_late: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """The day that a carrier promised last."""

    day: date
    source: Source


@dataclass(frozen=True, slots=True)
class Shipment:
    """A parcel that the seller confirmed."""

    source: Source
    shipment_id: str
    lines: tuple[Units, ...]
    shipped_at: datetime
    label: Label
    trackable: bool
    tracking_valid: bool
    promise: Promise | None = None
    delivery: Moment | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One issue that the buyer raised, with its clocks and what stopped them."""

    source: Source
    contact_id: str
    channel: Channel
    about: str
    opened_at: datetime
    respond_by: datetime
    settle_by: datetime
    policy_id: str
    responded: Moment | None = None
    resolved: Moment | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything heard of one order. A contact may be heard of before the order: topics keep no order."""

    order: Order | None = None
    cancellations: tuple[Cancellation, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    contacts: tuple[Contact, ...] = ()


def hear(dossier: Dossier, fact: Heard, read_at: datetime) -> Dossier:
    """Add a fact. One that is known already, or says nothing about what is known, changes nothing."""
    match fact:
        case OrderReceived() | OrderReleased() | LinesCanceled():
            return _hear_of_order(dossier, fact)
        case ShipmentConfirmed() | PromiseChanged() | ShipmentDelivered():
            return _hear_of_shipment(dossier, fact)
        case ContactOpened() | ContactResponded() | ContactResolved():
            return _hear_of_contact(dossier, fact, read_at)
        case _:
            assert_never(fact)


def _hear_of_order(dossier: Dossier, fact: OrderReceived | OrderReleased | LinesCanceled) -> Dossier:
    match fact:
        case OrderReceived():
            return dossier if dossier.order else replace(dossier, order=_order(fact))
        case OrderReleased():
            return _released(dossier, fact)
        case LinesCanceled():
            return _canceled(dossier, fact)
        case _:
            assert_never(fact)


def _hear_of_shipment(
    dossier: Dossier, fact: ShipmentConfirmed | PromiseChanged | ShipmentDelivered
) -> Dossier:
    match fact:
        case ShipmentConfirmed():
            return _confirmed(dossier, fact)
        case PromiseChanged():
            return _shipment(dossier, fact.shipment_id, lambda known: _promised(known, fact))
        case ShipmentDelivered():
            return _shipment(dossier, fact.shipment_id, lambda known: _delivered(known, fact))
        case _:
            assert_never(fact)


def _hear_of_contact(
    dossier: Dossier, fact: ContactOpened | ContactResponded | ContactResolved, read_at: datetime
) -> Dossier:
    match fact:
        case ContactOpened():
            return _opened(dossier, fact)
        case ContactResponded():
            return _contact(dossier, fact.contact_id, lambda known: _responded(known, fact, read_at))
        case ContactResolved():
            return _contact(dossier, fact.contact_id, lambda known: _resolved(known, fact))
        case _:
            assert_never(fact)


def _order(fact: OrderReceived) -> Order:
    return Order(
        source=fact.source,
        order_id=fact.order_id,
        marketplace_id=fact.marketplace_id,
        buyer_id=fact.buyer_id,
        seller_id=fact.seller_id,
        fulfilment=fact.fulfilment,
        currency=fact.currency,
        lines=fact.lines,
        expected_ship_date=fact.expected_ship_date,
        edd=fact.edd,
        dates_source=fact.source,
    )


def _released(dossier: Dossier, fact: OrderReleased) -> Dossier:
    if dossier.order is None or dossier.order.released is not None:
        return dossier
    order = replace(dossier.order, released=fact.source)
    if (fact.expected_ship_date, fact.edd) != (order.expected_ship_date, order.edd):
        order = replace(
            order, expected_ship_date=fact.expected_ship_date, edd=fact.edd, dates_source=fact.source
        )
    return replace(dossier, order=order)


def _canceled(dossier: Dossier, fact: LinesCanceled) -> Dossier:
    if any(known.source.id == fact.source.id for known in dossier.cancellations):
        return dossier
    canceled = Cancellation(fact.source, fact.lines, fact.not_charged_minor, fact.by_claim)
    return replace(dossier, cancellations=(*dossier.cancellations, canceled))


def _confirmed(dossier: Dossier, fact: ShipmentConfirmed) -> Dossier:
    if any(known.shipment_id == fact.shipment_id for known in dossier.shipments):
        return dossier
    shipment = Shipment(
        source=fact.source,
        shipment_id=fact.shipment_id,
        lines=fact.lines,
        shipped_at=fact.shipped_at,
        label=fact.label,
        trackable=fact.trackable,
        tracking_valid=fact.tracking_valid,
    )
    return replace(dossier, shipments=(*dossier.shipments, shipment))


def _promised(known: Shipment, fact: PromiseChanged) -> Shipment:
    if known.promise is not None and (
        known.promise.day == fact.promised_date or known.promise.source.at > fact.source.at
    ):
        return known
    return replace(known, promise=Promise(fact.promised_date, fact.source))


def _delivered(known: Shipment, fact: ShipmentDelivered) -> Shipment:
    return known if known.delivery else replace(known, delivery=Moment(fact.delivered_at, fact.source))


def _opened(dossier: Dossier, fact: ContactOpened) -> Dossier:
    if any(known.contact_id == fact.contact_id for known in dossier.contacts):
        return dossier
    contact = Contact(
        source=fact.source,
        contact_id=fact.contact_id,
        channel=fact.channel,
        about=fact.about,
        opened_at=fact.opened_at,
        respond_by=fact.respond_by,
        settle_by=fact.settle_by,
        policy_id=fact.policy_id,
    )
    return replace(dossier, contacts=(*dossier.contacts, contact))


def _responded(known: Contact, fact: ContactResponded, read_at: datetime) -> Contact:
    """Keep the first answer by its date: one that is read later may be dated earlier."""
    if known.responded is not None and known.responded.at <= fact.responded_at:
        return known
    return replace(known, responded=answer_read(fact.responded_at, fact.source, read_at))


def answer_read(at: datetime, source: Source, read_at: datetime) -> Moment:
    """Note an answer, and whether it was read long after its date."""
    return Moment(at, source, is_read_late=is_read_late(at, read_at))


def _resolved(known: Contact, fact: ContactResolved) -> Contact:
    if known.resolved is not None and known.resolved.at <= fact.resolved_at:
        return known
    return replace(known, resolved=Moment(fact.resolved_at, fact.source))


def _shipment(dossier: Dossier, shipment_id: str, change: Callable[[Shipment], Shipment]) -> Dossier:
    changed = tuple(change(each) if each.shipment_id == shipment_id else each for each in dossier.shipments)
    return dossier if changed == dossier.shipments else replace(dossier, shipments=changed)


def _contact(dossier: Dossier, contact_id: str, change: Callable[[Contact], Contact]) -> Dossier:
    changed = tuple(change(each) if each.contact_id == contact_id else each for each in dossier.contacts)
    return dossier if changed == dossier.contacts else replace(dossier, contacts=changed)
