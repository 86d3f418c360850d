"""The service without Kafka and PostgreSQL: its rows in memory, every message through its one handler.

Timers fire when the clock is moved to them. What is said is written to JSON and read again, as on Kafka.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from services.orders import store
from services.orders.domain.model import Order, OrderRow, Stock, Tracking
from services.orders.handlers import service
from services.orders.translate.inward import may_cancel
from services.orders.translate.policies import Policies
from shared import policies
from shared.contracts import timer
from shared.contracts.accounts import SellerRegistered
from shared.contracts.carriers import Milestone
from shared.contracts.checkout import Address, Item, OrderPlaced
from shared.contracts.data import Actor, Command, Data, Role
from shared.contracts.envelope import Attributes
from shared.contracts.facts import Line
from shared.contracts.lists import MessageIssue, Plan
from shared.contracts.messaging import MessageSent
from shared.contracts.money import Money, Price
from shared.contracts.orders import ConfirmShipment
from shared.kit.service import Key, Message, Outgoing, Place, Service
from tests.unit.orders.build import NEXT_DAY, NOON, UPS

POLICIES = Policies(policies.load())
SERVICE = service(POLICIES)
PEOPLE: dict[Role, str] = {"seller": "seller-1", "buyer": "buyer-1", "support": "support-1"}
_ROWS: dict[str, TypeAdapter[Any]] = {kind.name: TypeAdapter(kind.state) for kind in store.KINDS}

Body = TypeVar("Body", bound=Data)


@dataclass(slots=True)
class Shop:
    """Rows, timers that stand, and everything that was said. `fired` hears of each deadline as it comes."""

    service: Service = SERVICE
    now: datetime = NOON
    rows: dict[Key, Any] = field(default_factory=dict)
    timers: dict[str, timer.Schedule] = field(default_factory=dict)
    said: list[Outgoing] = field(default_factory=list)
    records: int = 0
    fired: Callable[[timer.Schedule], None] = lambda _deadline: None

    def hear(self, data: Data) -> list[Outgoing]:
        """Take in a message, and return what is said to it."""
        message = self._message(data)
        if not self.service.concerns(message):
            return []
        main = self.service.main(message)
        if isinstance(data, Command) and not self.service.is_known(self.rows.get(main)):
            assert self.service.refuse_unknown is not None
            said = [self.service.refuse_unknown(message, self.now)]
        else:
            states = {
                key: self.rows.get(key)
                for key in (main, *self.service.keys(message), *self._related(message))
            }
            outcome = self.service.handle(message, states, self.now)
            for key, state in outcome.states.items():
                adapter = _ROWS[key.kind]
                self.rows[key] = adapter.validate_json(adapter.dump_json(state))
                assert self.rows[key] == state
            said = list(outcome.out)
        for each in said:
            self._say(each)
        return said

    def _message(self, data: Data) -> Message:
        self.records += 1
        read = type(data).model_validate_json(data.to_json())
        event_id = data.command_id if isinstance(data, Command) else f"event-{self.records}"
        return Message(Place(data.TOPIC, 0, self.records), Attributes(event_id, "/tests", data.TYPE), read)

    def _related(self, message: Message) -> list[Key]:
        row = self.rows.get(self.service.main(message))
        if isinstance(row, Tracking) and isinstance(message.data, Milestone):
            return [store.order_key(order_id) for order_id in row.orders]
        if isinstance(row, OrderRow) and may_cancel(message.data):
            return list(store.touched(message.data, lambda _key: row).stock.values())
        return []

    def _say(self, outgoing: Outgoing) -> None:
        data = outgoing.data
        assert type(data).model_validate_json(data.to_json()) == data
        self.said.append(outgoing)
        if isinstance(data, timer.Schedule):
            self.timers[data.timer_id] = data
        elif isinstance(data, timer.Cancel):
            self.timers.pop(data.timer_id, None)

    def advance(self, to: datetime) -> None:
        """Move the clock, firing what falls due on the way, in order."""
        while due := [one for one in self.timers.values() if one.due_at <= to]:
            first = min(due, key=lambda one: (one.due_at, one.timer_id))
            self.now = max(self.now, first.due_at)
            del self.timers[first.timer_id]
            self.fired(first)
            asked = first.model_dump()
            self.hear(timer.DeadlineExpired.model_validate({**asked, "fired_at": self.now}))
        self.now = max(self.now, to)

    def facts(self, kind: type[Body]) -> list[Body]:
        """Return every fact of this type that was said."""
        return [each.data for each in self.said if isinstance(each.data, kind)]

    def fact(self, kind: type[Body]) -> Body:
        """Return the one fact of this type."""
        (found,) = self.facts(kind)
        return found

    def order(self, order_id: str = "order-1") -> Order:
        """Return an order as it stands."""
        return cast("OrderRow", self.rows[store.order_key(order_id)]).order

    def order_rows(self) -> Iterator[OrderRow]:
        """Return every order's row."""
        return (row for row in self.rows.values() if isinstance(row, OrderRow))

    def available(self) -> dict[str, int]:
        """Return what is left of each sku that is tracked."""
        return {
            key.id.rpartition("/")[2]: row.available
            for key, row in self.rows.items()
            if isinstance(row, Stock)
        }

    def taken(self) -> Counter[str]:
        """Return the units that orders have taken and not given back, by sku."""
        units: defaultdict[str, int] = defaultdict(int)
        for row in self.order_rows():
            for sku, count in row.reserved.items():
                units[sku] += count
        return Counter(units)


SHIP_TO = Address(
    name="Canary Nameson",
    line1="1 Canary Street",
    line2="Canary Building",
    city="Canary City",
    region="CN",
    postal_code="99999",
    country="US",
    phone="+1 555 CANARY",
)


def usd(amount_minor: int) -> Price:
    return Price(amount_minor=amount_minor, currency="USD")


def item(
    order_item_id: str = "lamp", quantity: int = 2, sku: str | None = None, title: str = "A lamp"
) -> Item:
    return Item(
        order_item_id=order_item_id,
        sku=sku or f"sku-{order_item_id}",
        title=title,
        quantity=quantity,
        unit_price=usd(2000),
        shipping=usd(499),
        tax=usd(331),
    )


def placed(
    *items: Item, order_id: str = "order-1", placed_at: datetime = NOON, marketplace_id: str = "us"
) -> OrderPlaced:
    return OrderPlaced(
        order_id=order_id,
        marketplace_id=marketplace_id,
        buyer_id="buyer-1",
        seller_id="seller-1",
        placed_at=placed_at,
        fulfilment="seller",
        items=items or (item(),),
        ship_to=SHIP_TO,
        ship_from_country="US",
        ship_method="standard",
        expected_ship_date=placed_at.date(),
        delivery_from=placed_at.date(),
        delivery_to=placed_at.date(),
    )


def confirm(
    *lines: Line,
    order_id: str = "order-1",
    at: datetime = NEXT_DAY,
    shipment_id: str = "shipment-1",
    tracking_number: str | None = UPS,
    shipped_at: datetime | None = None,
) -> ConfirmShipment:
    return ConfirmShipment(
        command_id=f"confirm-{order_id}-{shipment_id}",
        at=at,
        actor=Actor(kind="seller", id="seller-1"),
        order_id=order_id,
        shipment_id=shipment_id,
        carrier="UPS",
        method="Ground",
        tracking_number=tracking_number,
        shipped_at=shipped_at or at,
        lines=lines,
    )


def money(amount_minor: int, currency: str = "USD") -> Money:
    return Money(amount_minor=amount_minor, currency=currency)


def by(who: Role, at: datetime, command_id: str, order_id: str = "order-1") -> dict[str, Any]:
    """Return what every command says: who gives it, when, and about which order."""
    actor = Actor(kind=who, id=PEOPLE.get(who, f"{who}-1"))
    return {"command_id": command_id, "at": at, "actor": actor, "order_id": order_id}


def wrote(
    message_id: str = "message-1",
    *,
    who: Role = "buyer",
    issue: MessageIssue = "address_change",
    at: datetime = NOON,
) -> MessageSent:
    return MessageSent(
        order_id="order-1",
        seller_id="seller-1",
        buyer_id="buyer-1",
        at=at,
        command_id=f"send-{message_id}",
        actor=Actor(kind=who, id=PEOPLE[who]),
        channel="buyer_seller_messages",
        message_id=message_id,
        contact_id="contact-1",
        issue=issue,
        text="Canary, please send it elsewhere.",
    )


def seller_registered(plan: Plan) -> SellerRegistered:
    return SellerRegistered(
        seller_id="seller-1",
        name="Canary Lamps",
        email="canary@example.com",
        language="en",
        plan=plan,
        country="US",
    )
