"""The same order and claims as in `builders`, as messages on Kafka; and the service that handles them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any, TypeVar, cast

from services.claims.domain.evolve import decide_on
from services.claims.domain.state import Decided, OrderState
from services.claims.handlers import service
from services.claims.translate.replay import event_of
from shared import policies
from shared.contracts import claims, messaging, orders, timer
from shared.contracts.checkout import Item
from shared.contracts.data import Actor, Data
from shared.contracts.envelope import Attributes
from shared.contracts.examples import example
from shared.contracts.facts import Line
from shared.contracts.money import Money, Price
from shared.kit.service import Message, Outcome, Outgoing, Place
from shared.kit.states import body_from_json, body_to_json
from tests.unit.claims.builders import (
    BUYER,
    EDD,
    FILED,
    INVESTIGATOR,
    PAID,
    PLACED,
    PRICE,
    RELEASED,
    SELLER,
    SHIP_DATE,
    SHIPPED,
    SHIPPING,
    TAX,
    WINDOW,
    WROTE,
)

CATALOGUE = policies.load()
SERVICE = service(CATALOGUE)
USD = "USD"
LINE = Line(order_item_id="item-1", quantity=1)
_ids = count(1)
_Kind = TypeVar("_Kind", bound=Data)


def say(message: type[_Kind], **changes: Any) -> _Kind:
    """Say the golden example of a message, of the order that the builders speak of, with changes."""
    found: Any = example(message).data
    about = {"order_id": "order-1", "seller_id": SELLER.id, "buyer_id": BUYER.id}
    known = {name: value for name, value in about.items() if name in message.model_fields}
    return cast("_Kind", found.model_copy(update=known | changes))


def received(**changes: Any) -> orders.OrderReceived:
    item = Item(
        order_item_id="item-1",
        sku="kettle",
        title="A blue kettle",
        quantity=1,
        unit_price=Price(amount_minor=PRICE, currency=USD),
        shipping=Price(amount_minor=SHIPPING, currency=USD),
        tax=Price(amount_minor=TAX, currency=USD),
    )
    dates: dict[str, Any] = {"expected_ship_date": SHIP_DATE, "delivery_to": EDD, "marketplace_id": "us"}
    changes = {"items": (item,), "at": PLACED, "placed_at": PLACED, "fulfilment": "seller"} | dates | changes
    return say(orders.OrderReceived, **changes)


def released() -> orders.OrderReleased:
    return say(orders.OrderReleased, at=RELEASED, expected_ship_date=SHIP_DATE, delivery_to=EDD)


def shipped(**changes: Any) -> orders.ShipmentConfirmed:
    fields: dict[str, Any] = {"at": SHIPPED, "shipped_at": SHIPPED, "lines": (LINE,), "label": "seller"}
    return say(orders.ShipmentConfirmed, **(fields | {"trackable": True, "tracking_valid": True} | changes))


def promised(day: date) -> orders.PromiseChanged:
    return say(orders.PromiseChanged, at=SHIPPED, shipment_id=shipped().shipment_id, promised_date=day)


def delivered(at: datetime = WROTE) -> orders.ShipmentDelivered:
    shipment_id = shipped().shipment_id
    return say(orders.ShipmentDelivered, at=at, delivered_at=at, shipment_id=shipment_id, lines=(LINE,))


def wrote(at: datetime = WROTE, contact_id: str = "contact-1") -> messaging.ContactOpened:
    clocks = {"opened_at": at, "respond_by": at + WINDOW, "resolve_by": at + WINDOW, "at": at}
    return say(
        messaging.ContactOpened, contact_id=contact_id, issue="delivery", policy_id="2021-en", **clocks
    )


def answered(at: datetime) -> messaging.ContactResponded:
    return say(messaging.ContactResponded, contact_id="contact-1", at=at, responded_at=at)


def _command(message: type[_Kind], at: datetime, actor: Actor, **changes: Any) -> _Kind:
    fields = {"command_id": f"command-{next(_ids)}", "at": at, "actor": actor, "claim_id": "claim-1"}
    return say(message, **(fields | changes))


def who(kind: str) -> Actor:
    ids = {"buyer": BUYER.id, "seller": SELLER.id, "investigator": INVESTIGATOR.id}
    return Actor.model_validate({"kind": kind, "id": ids[kind]})


def file_claim(at: datetime = FILED, **changes: Any) -> claims.FileClaim:
    fields: dict[str, Any] = {
        "lines": (LINE,),
        "issue": "not_received",
        "reason": None,
        "wanted": "refund",
        "amount": Money(amount_minor=PAID, currency=USD),
        "extra_charges": None,
    }
    return _command(claims.FileClaim, at, who("buyer"), **(fields | changes))


def ask(at: datetime, command_id: str = "ask-1", **changes: Any) -> claims.RequestInformation:
    changes = {"command_id": command_id, "from_": "seller"} | changes
    return _command(claims.RequestInformation, at, who("investigator"), **changes)


def provide(at: datetime, kind: str = "seller") -> claims.ProvideInformation:
    return _command(claims.ProvideInformation, at, who(kind), request_id="ask-1")


def rule(outcome: str, at: datetime, **changes: Any) -> claims.DecideClaim:
    changes = {"outcome": outcome, "amount": None} | changes
    return _command(claims.DecideClaim, at, who("investigator"), **changes)


def told(message: type[_Kind], at: datetime, kind: str, **changes: Any) -> _Kind:
    """Give any command on the claim."""
    return _command(message, at, who(kind), **changes)


def review(at: datetime, **changes: Any) -> claims.DecideAppeal:
    flags = {"reverse_money": False, "reverse_defect": False, "amount": None}
    second = Actor(kind="investigator", id="investigator-2")
    return _command(claims.DecideAppeal, at, second, **(flags | changes))


def back(message: type[_Kind], at: datetime, **changes: Any) -> _Kind:
    """Give a fact about the return, or about the money, of the one item."""
    named = {"contact_id": "return-1", "lines": (LINE,), "at": at, "claim_id": None, "command_id": None}
    dates = {"answered_at": at, "shipped_at": at, "received_at": at}
    fields = message.model_fields
    return say(
        message, **{name: value for name, value in (named | dates | changes).items() if name in fields}
    )


def asked_to_return(at: datetime = WROTE) -> messaging.ContactOpened:
    return wrote(at, "return-1").model_copy(update={"channel": "return_requests", "issue": "product"})


def deadline(kind: str, subject_id: str, due_at: datetime, **changes: Any) -> timer.DeadlineExpired:
    fields = {"kind": kind, "subject_id": subject_id, "due_at": due_at, "owner": "claims", "fired_at": due_at}
    return say(timer.DeadlineExpired, **(fields | changes))


@dataclass(slots=True)
class Played:
    """What the service made of messages, one after the other, with everything read back as it was written."""

    state: OrderState | None = None
    outcome: Outcome = field(default_factory=Outcome)
    said: list[Outgoing] = field(default_factory=list)

    def hear(self, *messages: Data, now: datetime) -> Played:
        """Handle these at this time."""
        for data in messages:
            attributes = Attributes(
                id=getattr(data, "command_id", None) or f"event-{next(_ids)}", source="/test", type=data.TYPE
            )
            message = Message(Place(data.TOPIC, 0, 0), attributes, data)
            key = SERVICE.main(message)
            self.outcome = SERVICE.handle(message, {key: self.state}, now)
            self.said += self.outcome.out
            kind = SERVICE.kinds[0]
            changed = self.outcome.states.get(key, self.state)
            self.state = body_from_json(kind, len(kind.upcasts) + 1, body_to_json(kind, changed))
            assert self.state == changed
        return self

    def last(self) -> list[Data]:
        """Give what was said for the last message, each as its readers get it."""
        return [_read(each.data) for each in self.outcome.out]

    def the(self, kind: type[_Kind]) -> _Kind:
        """Give the one message of this type that was said for the last."""
        (found,) = (each for each in self.last() if isinstance(each, kind))
        return found

    def replayed(self) -> Decided:
        """Give what the facts that were said replay to."""
        decided = Decided()
        for each in self.said:
            event = event_of(_read(each.data), decided)
            decided = decide_on(decided, event) if event else decided
        return decided


def _read(data: _Kind) -> _Kind:
    return type(data).model_validate_json(data.to_json())


def play(*messages: Data, now: datetime = FILED) -> Played:
    return Played().hear(*messages, now=now)


def contacted(*messages: Data) -> Played:
    """Give an order that was shipped in time and about which the buyer wrote, then what came after that."""
    return play(received(), released(), shipped(), wrote(), *messages)


def missing_parcel(*messages: Data) -> Played:
    """Give an order that was delivered by its scan, whose buyer wrote and whose seller answered."""
    return contacted(delivered(WROTE), answered(WROTE), *messages)


def broken(*messages: Data) -> Played:
    """Give an order that came broken, whose buyer asked to return it, and whose seller allowed that."""
    in_time = answered(WROTE).model_copy(update={"contact_id": "return-1"})
    allowed = back(messaging.ReturnAnswered, WROTE, answer="authorised")
    order = (received(), released(), shipped(), delivered(WROTE), asked_to_return(), in_time, allowed)
    return play(*order, *messages)


def damaged(**changes: Any) -> claims.FileClaim:
    return file_claim(**({"issue": "not_as_expected", "reason": "damaged"} | changes))


def not_found(**changes: Any) -> claims.FileClaim:
    return file_claim(**({"reason": "delivered_not_found"} | changes))
