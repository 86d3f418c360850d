"""Kafka in. No rules: what a message means is the domain's, which rows it touches is the store's."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Any

from services.orders import store
from services.orders.domain.decide import told
from services.orders.domain.inputs import Input, Milestone, OrderPlaced
from services.orders.domain.model import ChargebackNews, OrderRow, Placed, Unplaced, World
from services.orders.translate.commands import COMMANDS
from services.orders.translate.inward import OWNER, input_of, is_heard
from services.orders.translate.outward import Speaker, unknown_order
from services.orders.translate.policies import Policies
from shared.contracts import checkout
from shared.contracts.data import Data
from shared.contracts.envelope import Unreadable
from shared.kit.errors import StatesMissing, UnreadableHereError
from shared.kit.service import NOTHING, Key, Message, Outcome, Outgoing, Service, States
from shared.values import dataclass

_NEW = World()
"""What a row is before anything is known of it."""


def service(policies: Policies) -> Service:
    """Describe the service to the kit."""
    return Service(
        name=OWNER,
        kinds=store.KINDS,
        main=store.main,
        handle=lambda message, states, now: _handle(message, _Desk(states, now, policies)),
        concerns=lambda message: is_heard(message.data),
        check=lambda data: _check(data, policies),
        keys=store.keys,
        related=store.related,
        is_known=lambda row: row is not None and not isinstance(row.order, Unplaced),
        refuse_unknown=_refuse_unknown,
        sides=store.sides,
    )


def _check(data: Data, policies: Policies) -> Unreadable | None:
    if isinstance(data, checkout.OrderPlaced) and not policies.knows_marketplace(data.marketplace_id):
        return Unreadable("unknown_marketplace", "marketplace_id is not that of a known marketplace")
    return None


def _refuse_unknown(message: Message, now: datetime) -> Outgoing:
    if not isinstance(message.data, COMMANDS):
        raise TypeError(f"{message.attributes.type} is no command to orders")
    return unknown_order(message.data, now)


def _handle(message: Message, desk: _Desk) -> Outcome:
    data = message.data
    heard = input_of(data, desk.policies)
    if heard is None:
        return NOTHING
    if isinstance(heard, ChargebackNews):
        _require_currency(heard.amount.currency, desk.find(store.main(message)))
    if isinstance(heard, Milestone):
        desk.scan(heard)
    else:
        desk.hear(heard, store.touched(data, desk.find))
    return desk.outcome()


def _require_currency(currency: str, row: OrderRow | None) -> None:
    """Refuse to read an amount in another currency than its order's: upstream has sent what cannot be."""
    placed = _placed(World(row=row or _NEW.row))
    if placed is not None and currency != placed.currency:
        why = f"amount must be in {placed.currency}, the order's currency"
        raise UnreadableHereError(Unreadable("wrong_currency", why))


@dataclass(slots=True)
class _Desk:
    """One message's work: the rows as they stand, what it changes of them, and what is said."""

    states: States
    now: datetime
    policies: Policies
    changed: dict[Key, Any] = field(default_factory=dict)
    out: list[Outgoing] = field(default_factory=list)

    def find(self, key: Key) -> Any:
        """Return a row as it now is, None if there is none. Raises StatesMissing when it was not loaded."""
        if key in self.changed:
            return self.changed[key]
        try:
            return self.states[key]
        except KeyError:
            raise StatesMissing([key]) from None

    def hear(self, heard: Input, touched: store.Touched) -> None:
        """Decide on an input, and keep what follows. Each fact says how things stand after all of them."""
        before = self._world(touched)
        policy = self.policies.of(heard.placed if isinstance(heard, OrderPlaced) else _placed(before))
        story = told(heard, before, now=self.now, policy=policy)
        speaker = Speaker(story.world, self.now)
        for event in story.events:
            said = speaker.say(event)
            if said is not None:
                self.out.append(said)
        self._keep(touched, before, story.world)

    def scan(self, milestone: Milestone) -> None:
        """Keep a scan with its number, and tell each order that waits for it."""
        number = store.tracking_key(milestone.carrier, milestone.tracking_number)
        tracking = self.find(number) or _NEW.tracking
        self.hear(milestone, store.Touched(number=number))
        for order_id in tracking.orders:
            self.hear(milestone, store.Touched(order=store.order_key(order_id), number=number))

    def _world(self, touched: store.Touched) -> World:
        stock = {sku: self.find(key) for sku, key in touched.stock.items()}
        return World(
            row=(self.find(touched.order) if touched.order else None) or _NEW.row,
            stock={sku: found for sku, found in stock.items() if found is not None},
            tracking=(self.find(touched.number) if touched.number else None) or _NEW.tracking,
            seller=(self.find(touched.seller) if touched.seller else None) or _NEW.seller,
        )

    def _keep(self, touched: store.Touched, before: World, after: World) -> None:
        if touched.order and after.row != before.row:
            self.changed[touched.order] = after.row
        if touched.number and after.tracking != before.tracking:
            self.changed[touched.number] = after.tracking
        if touched.seller and after.seller != before.seller:
            self.changed[touched.seller] = after.seller
        for sku, key in touched.stock.items():
            if after.stock.get(sku) != before.stock.get(sku):
                self.changed[key] = after.stock[sku]

    def outcome(self) -> Outcome:
        """Return all that came of the message."""
        return Outcome(self.changed, self.out)


def _placed(world: World) -> Placed | None:
    return None if isinstance(world.order, Unplaced) else world.order.placed
