"""What a fact that is heard makes of the dossier. One that says nothing new changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from services.claims.domain.dossier import (
    Cancellation,
    Chargeback,
    Contact,
    Dossier,
    Moment,
    Order,
    Promise,
    Refund,
    Return,
    ReturnStep,
    Shipment,
)
from services.claims.domain.inputs import (
    ChargebackClosed,
    ChargebackOpened,
    ContactOpened,
    ContactResolved,
    ContactResponded,
    Heard,
    HeardOfContact,
    HeardOfMoney,
    HeardOfOrder,
    HeardOfReturn,
    HeardOfShipment,
    LinesCanceled,
    OrderReceived,
    OrderReleased,
    PromiseChanged,
    RefundRecorded,
    ReturnAnswered,
    ReturnReceived,
    ReturnShipped,
    ShipmentConfirmed,
    ShipmentDelivered,
    Source,
)
from services.claims.domain.money import Units
from services.claims.domain.windows import is_read_late
from shared.values import replace


def hear(dossier: Dossier, fact: Heard, read_at: datetime) -> Dossier:
    """Add a fact. One that is known already, or says nothing about what is known, changes nothing."""
    match fact:
        case OrderReceived() | OrderReleased() | LinesCanceled():
            return _hear_of_order(dossier, fact)
        case ShipmentConfirmed() | PromiseChanged() | ShipmentDelivered():
            return _hear_of_shipment(dossier, fact)
        case RefundRecorded() | ChargebackOpened() | ChargebackClosed():
            return _hear_of_money(dossier, fact)
        case ContactOpened() | ContactResponded() | ContactResolved():
            return _hear_of_contact(dossier, fact, read_at)
        case ReturnAnswered() | ReturnShipped() | ReturnReceived():
            return _hear_of_return(dossier, fact)
        case _:
            assert_never(fact)


def _hear_of_order(dossier: Dossier, fact: HeardOfOrder) -> Dossier:
    match fact:
        case OrderReceived():
            return dossier if dossier.order else replace(dossier, order=_order(fact))
        case OrderReleased():
            return _released(dossier, fact)
        case LinesCanceled():
            return _canceled(dossier, fact)
        case _:
            assert_never(fact)


def _hear_of_shipment(dossier: Dossier, fact: HeardOfShipment) -> Dossier:
    match fact:
        case ShipmentConfirmed():
            return _confirmed(dossier, fact)
        case PromiseChanged():
            return _shipment(dossier, fact.shipment_id, lambda known: _promised(known, fact))
        case ShipmentDelivered():
            return _shipment(dossier, fact.shipment_id, lambda known: _delivered(known, fact))
        case _:
            assert_never(fact)


def _hear_of_money(dossier: Dossier, fact: HeardOfMoney) -> Dossier:
    match fact:
        case RefundRecorded():
            return _refunded(dossier, fact)
        case ChargebackOpened():
            return _charged_back(dossier, fact)
        case ChargebackClosed():
            return _chargeback_closed(dossier, fact)
        case _:
            assert_never(fact)


def _hear_of_return(dossier: Dossier, fact: HeardOfReturn) -> Dossier:
    known = next((each for each in dossier.returns if each.contact_id == fact.contact_id), None)
    before = known or Return(fact.contact_id)
    heard = _returned(before, fact)
    if heard == before:
        return dossier
    if known is None:
        return replace(dossier, returns=(*dossier.returns, heard))
    return replace(dossier, returns=tuple(heard if each == known else each for each in dossier.returns))


def _returned(known: Return, fact: HeardOfReturn) -> Return:
    """An answer other than an authorisation sends nothing back, and takes none back."""
    match fact:
        case ReturnAnswered():
            if fact.answer != "authorised":
                return known
            return replace(
                known, authorised=_step(known.authorised, fact.lines, fact.answered_at, fact.source)
            )
        case ReturnShipped():
            return replace(known, shipped=_step(known.shipped, fact.lines, fact.shipped_at, fact.source))
        case ReturnReceived():
            return replace(known, received=_step(known.received, fact.lines, fact.received_at, fact.source))
        case _:
            assert_never(fact)


def _step(
    steps: tuple[ReturnStep, ...], lines: tuple[Units, ...], at: datetime, source: Source
) -> tuple[ReturnStep, ...]:
    step = ReturnStep(lines, Moment(at, source))
    return steps if step in steps else (*steps, step)


def _hear_of_contact(dossier: Dossier, fact: HeardOfContact, read_at: datetime) -> Dossier:
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


def _refunded(dossier: Dossier, fact: RefundRecorded) -> Dossier:
    if any(known.refund_id == fact.refund_id for known in dossier.refunds):
        return dossier
    refund = Refund(fact.source, fact.refund_id, fact.lines, fact.amount_minor, fact.claim_id)
    return replace(dossier, refunds=(*dossier.refunds, refund))


def _charged_back(dossier: Dossier, fact: ChargebackOpened) -> Dossier:
    if any(known.opened.id == fact.source.id for known in dossier.chargebacks):
        return dossier
    return replace(dossier, chargebacks=(*dossier.chargebacks, Chargeback(fact.source)))


def _chargeback_closed(dossier: Dossier, fact: ChargebackClosed) -> Dossier:
    """Close the one that is open; one that was never heard of is noted as closed when it opened."""
    if any(known.closed and known.closed.id == fact.source.id for known in dossier.chargebacks):
        return dossier
    kept = fact.amount_minor if fact.outcome == "buyer_won" else 0
    known = dossier.chargeback or Chargeback(fact.source)
    closed = replace(known, closed=fact.source, outcome=fact.outcome, kept_minor=kept)
    others = tuple(each for each in dossier.chargebacks if each is not known)
    return replace(dossier, chargebacks=(*others, closed))


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
