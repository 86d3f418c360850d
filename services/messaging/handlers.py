"""Kafka in: each message is read, decided on, and what follows is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from services.messaging import store
from services.messaging.domain import told
from services.messaging.domain.events import Event, ReturnShipped
from services.messaging.domain.inputs import Input, OrderReceived, ParcelDelivered
from services.messaging.domain.parcels import Tracking, awaited, awaited_only_by, scanned
from services.messaging.domain.returning import awaits
from services.messaging.translate.inward import NAME, concerns_us, input_of
from services.messaging.translate.outward import outgoing, unknown_order
from services.messaging.translate.policies import Policies
from shared.kit.errors import StatesMissing
from shared.kit.service import NOTHING, Key, Message, Outcome, Outgoing, Service, States
from shared.policies import Catalogue
from shared.values import dataclass


def service(catalogue: Catalogue) -> Service:
    """Describe the service to the kit."""
    policies = Policies(catalogue)
    return Service(
        name=NAME,
        kinds=store.KINDS,
        main=store.main,
        handle=lambda message, states, now: _handle(_Desk(message, states, now, policies)),
        concerns=concerns_us,
        check=policies.check,
        keys=store.keys,
        related=store.related,
        is_known=lambda state: state is not None,
        refuse_unknown=lambda message, now: unknown_order(message.data, now),
        sides=store.sides,
    )


def _handle(desk: _Desk) -> Outcome:
    given = input_of(desk.message)
    if given is None:
        return NOTHING
    if isinstance(given, ParcelDelivered):
        desk.scan(given)
    else:
        parcels = [event for event in desk.hear(given) if isinstance(event, ReturnShipped)]
        for event in parcels:
            desk.await_scans(event)
    return Outcome(desk.changed, desk.out)


@dataclass(slots=True)
class _Desk:
    """One message's work: the rows as they stand, what it changes of them, and what is said."""

    message: Message
    states: States
    now: datetime
    policies: Policies
    changed: dict[Key, Any] = field(default_factory=dict)
    out: list[Outgoing] = field(default_factory=list)

    def find(self, key: Key) -> Any:
        """Return a row as it now is, None if there is none. Raises StatesMissing when it was not loaded."""
        if key in self.changed:
            return self.changed[key]
        if key not in self.states:
            raise StatesMissing([key])
        return self.states[key]

    def hear(self, given: Input, key: Key | None = None) -> Sequence[Event]:
        """Decide on an input of an order, keep what follows, and say it."""
        key = key or store.main(self.message)
        state = self.find(key)
        marketplace_id = given.marketplace_id if isinstance(given, OrderReceived) else None
        if state is not None:
            marketplace_id = state.order.marketplace_id
        if marketplace_id is None:
            return ()
        policy = self.policies.in_force(marketplace_id, getattr(given, "at", self.now))
        events, after = told(given, state, now=self.now, policy=policy)
        if events and after is not None:
            self.changed[key] = after
            said = [outgoing(event, after.order, self.message.data, self.now) for event in events]
            self.out += [each for each in said if each is not None]
        return events

    def await_scans(self, event: ReturnShipped) -> None:
        """Let the order wait for scans of what was sent back; it may have arrived already."""
        parcel = event.parcel
        number = store.tracking_key(parcel.carrier, parcel.tracking_number)
        if number is None or not parcel.is_valid:
            return
        tracking = self.find(number) or Tracking()
        if tracking.delivered_at:
            self.hear(ParcelDelivered(parcel.carrier, parcel.tracking_number, tracking.delivered_at))
        order = store.main(self.message)
        if awaits(self.find(order), number.id):
            self.changed[number] = awaited(tracking, order.id)

    def scan(self, delivered: ParcelDelivered) -> None:
        """Keep a scan with its number, and tell each order that waits for it."""
        number = store.main(self.message)
        tracking = self.find(number) or Tracking()
        for order_id in tracking.orders:
            self.hear(delivered, store.order_key(order_id))
        for at in delivered.delivered_at:
            tracking = scanned(tracking, at)
        still = [each for each in tracking.orders if awaits(self.find(store.order_key(each)), number.id)]
        self.changed[number] = awaited_only_by(tracking, still)
