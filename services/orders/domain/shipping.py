"""Shipments: confirmed by the seller, scanned by carriers, due by the cutoff (O10, O11, O12, O15)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from services.orders.domain.account import counted
from services.orders.domain.canceling import tell_progress
from services.orders.domain.carriers import normal_carrier, normal_number, number_key
from services.orders.domain.events import MilestoneKept, PromiseChanged, ShipmentConfirmed, ShipmentDelivered
from services.orders.domain.inputs import ConfirmShipment, Milestone
from services.orders.domain.model import (
    Order,
    Policy,
    Quantity,
    Released,
    Shipment,
    Unplaced,
    open_units,
    status_of,
)
from services.orders.domain.refusing import (
    No,
    not_allowed,
    not_shippable,
    refuse,
    unknown_line,
)
from services.orders.domain.releasing import release_if_due
from services.orders.domain.story import Story


def confirm(story: Story, command: ConfirmShipment) -> None:
    """The seller confirms a shipment, or hears why that can't be."""
    order = story.world.order
    if isinstance(order, Unplaced):
        return
    answer: tuple[Quantity, ...] | No | None = not_allowed(story, order.placed, command)
    if answer is None and command.source is not None and story.world.seller.plan == "individual":
        answer = No("professional_only")
    if answer is None:
        release_if_due(story, command.at)
        answer = _judge(story.world.order, command)
    if isinstance(answer, No):
        refuse(story, command, answer)
    elif answer is not None:
        _accept(story, command, answer)


def _judge(order: Order, command: ConfirmShipment) -> tuple[Quantity, ...] | No | None:
    """Return the lines that are confirmed, or why not; None for what was confirmed by this very command."""
    for shipment in order.shipments if isinstance(order, Released) else ():
        if shipment.shipment_id == command.shipment_id:
            return None if shipment.command_id == command.command_id else No("shipment_id_reused")
    no = not_shippable(order, command.at)
    return no or _judge_lines(order, command) if isinstance(order, Released) else no


def _judge_lines(order: Released, command: ConfirmShipment) -> tuple[Quantity, ...] | No:
    left = open_units(order)
    wanted = counted(command.lines) or left
    no = unknown_line(order.placed, command.lines)
    if no is not None:
        return no
    for item, units in wanted.items():
        if units > left.get(item, 0):
            is_canceled = item not in left and item in order.canceled
            return _none_left("order_canceled" if is_canceled else "nothing_left", left.get(item, 0))
    if not wanted:
        return _none_left("order_canceled" if order.canceled else "nothing_left", 0)
    return tuple(Quantity(item, units) for item, units in wanted.items())


def _none_left(reason: Literal["order_canceled", "nothing_left"], left: int) -> No:
    return No(reason, (("left", left),) if reason == "nothing_left" else ())


def _accept(story: Story, command: ConfirmShipment, lines: tuple[Quantity, ...]) -> None:
    before = status_of(story.world.order)
    shipment = _shipment(command, lines, story.policy)
    story.tell(ShipmentConfirmed(command.at, command.actor, shipment, command.source))
    tell_progress(story, before, command.at)
    _compare_with_scans(story, number_key(command.carrier, command.tracking_number))


def _shipment(command: ConfirmShipment, lines: tuple[Quantity, ...], policy: Policy) -> Shipment:
    carrier = policy.carriers.get(normal_carrier(command.carrier))
    method = command.method.strip().lower()
    return Shipment(
        shipment_id=command.shipment_id,
        command_id=command.command_id,
        carrier=command.carrier,
        method=command.method,
        tracking_number=command.tracking_number,
        shipped_at=command.shipped_at,
        label=command.label,
        lines=lines,
        tracking_valid=carrier is not None and carrier.has_form(normal_number(command.tracking_number)),
        trackable=method != "" and (carrier is None or method not in carrier.untracked),
    )


def scan(story: Story, milestone: Milestone) -> None:
    """A carrier scanned a parcel: kept for confirmations to come, and told to the order that has it."""
    _keep(story, milestone)
    _compare_with_scans(story, number_key(milestone.carrier, milestone.tracking_number))


def _keep(story: Story, milestone: Milestone) -> None:
    known = story.world.tracking
    if milestone.milestone == "delivered":
        if milestone.occurred_at not in known.delivered_at:
            story.tell(MilestoneKept(milestone.occurred_at, None))
    elif milestone.promised_date is not None and (
        known.promise is None or milestone.occurred_at > known.promise.promised_at
    ):
        story.tell(MilestoneKept(milestone.occurred_at, milestone.promised_date))


def _compare_with_scans(story: Story, number: str) -> None:
    """Tell what the scans of a number mean for the order's shipments that have it."""
    order = story.world.order
    if not number or not isinstance(order, Released):
        return
    for shipment in order.shipments:
        if shipment.delivered_at is None and number == number_key(shipment.carrier, shipment.tracking_number):
            _compare_promise(story, shipment)
            _compare_delivery(story, shipment)


def _counts(scanned_at: datetime, shipment: Shipment, policy: Policy) -> bool:
    """A scan counts for a shipment whose ship date is at most a day later: numbers are used again (O15)."""
    return shipment.shipped_at <= scanned_at + policy.ship_date_after_scan_max


def _compare_promise(story: Story, shipment: Shipment) -> None:
    promise = story.world.tracking.promise
    if promise is None or not shipment.tracking_valid or promise.delivery_date == shipment.promised_date:
        return
    if _counts(promise.promised_at, shipment, story.policy):
        story.tell(PromiseChanged(promise.promised_at, shipment.shipment_id, promise.delivery_date))


def _compare_delivery(story: Story, shipment: Shipment) -> None:
    scans = [at for at in story.world.tracking.delivered_at if _counts(at, shipment, story.policy)]
    if not scans:
        return
    before = status_of(story.world.order)
    story.tell(ShipmentDelivered(shipment.shipment_id, shipment.lines, scans[0]))
    tell_progress(story, before, scans[0])
