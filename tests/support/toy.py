"""A toy of a service, to test the kit with: it takes messaging's place, and collects what it heard of each order.

It reads facts with numbers (`orders.events`), facts without (`checkout.events`), commands and deadlines, and says one
numbered fact for each message that it applies. An order of checkout touches its seller's row as well: the hot row.
Switches make it raise, or keep what PostgreSQL refuses.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts import accounts, checkout, messaging, orders, timer, topics
from shared.contracts.data import Actor, Data, OrderCommand, Role, Words
from shared.contracts.envelope import Attributes, write_headers
from shared.contracts.erasure import Sides, erased_text
from shared.contracts.facts import PartyFact
from shared.contracts.operations import Retry, Skip
from shared.kit.decode import decoder
from shared.kit.fold import Item
from shared.kit.records import Record
from shared.kit.service import Key, Kind, Message, Outcome, Outgoing, Place, Service, States
from tests.support.events import Order

NAME = "messaging"
BUYER, SELLER = "buyer", "seller"
SIDES = Sides(BUYER, SELLER)
NOON = datetime(2021, 3, 10, 12, tzinfo=UTC)
READS = tuple(
    topics.TOPICS[name]
    for name in (
        topics.CHECKOUT_EVENTS,
        topics.ACCOUNTS_EVENTS,
        topics.ORDERS_EVENTS,
        topics.MESSAGING_COMMANDS,
        topics.TIMER_EVENTS,
        topics.OPERATIONS_COMMANDS,
    )
)


@dataclass(frozen=True, slots=True)
class ToyOrder:
    """The ids of all that was heard of an order; a fact makes it known. `written`: who wrote what."""

    heard: tuple[str, ...] = ()
    is_known: bool = False
    text: str = ""
    written: tuple[tuple[str, str], ...] = ()


def erase(state: ToyOrder, party_id: str) -> ToyOrder:
    """Take out what somebody wrote. A text that says so can't be erased."""
    if any(text == "can't be erased" for who, text in state.written if who == party_id):
        raise ArithmeticError("this text can't be erased")
    kept = tuple((who, erased_text(text) if who == party_id else text) for who, text in state.written)
    return replace(state, written=kept)


@dataclass(frozen=True, slots=True)
class ToySeller:
    """How many orders a seller had."""

    orders: int = 0


Apply = Callable[[Any, Sequence[Any]], Awaitable[None]]


@dataclass
class Toy:
    """The switches. `raises`: orders whose messages raise. `texts`: what to keep in the state of an order."""

    raises: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    apply: Apply | None = None
    names: dict[str, Sequence[str]] = field(default_factory=dict)
    concerns: Callable[[Message], bool] = lambda _message: True

    def service(self) -> Service:
        return Service(
            name=NAME,
            kinds=(Kind("order", ToyOrder, erase=erase), Kind("seller", ToySeller)),
            sides=lambda state: SIDES if state.is_known else None,
            known_as=self._known_as,
            main=lambda message: Key("order", order_of(message)),
            keys=_seller_of,
            concerns=self.concerns,
            is_known=lambda state: state is not None and state.is_known,
            refuse_unknown=_refused,
            handle=self._handle,
            apply=self._apply,
        )

    def _handle(self, message: Message, states: States, now: datetime) -> Outcome:
        order_id = order_of(message)
        if order_id in self.raises:
            raise ArithmeticError(f"the rule for {order_id} is wrong")
        key = Key("order", order_id)
        before = states[key] or ToyOrder()
        is_fact = topics.TOPICS[message.topic].tier is topics.Tier.FACTS
        after = ToyOrder(
            heard=(*before.heard, message.attributes.id),
            is_known=before.is_known or is_fact,
            text=self.texts.get(order_id, before.text),
            written=(*before.written, *_written(message.data)),
        )
        changed: dict[Key, Any] = {key: after}
        for seller in _seller_of(message):
            changed[seller] = ToySeller((states[seller] or ToySeller()).orders + 1)
        said = _passed_on(message.data) or _said(message, now)
        return Outcome(changed, (said,), effects=(message.attributes.id,) if self.apply else ())

    async def _known_as(self, _connection: Any, party_id: str) -> Sequence[str]:
        return self.names.get(party_id, ())

    async def _apply(self, connection: Any, effects: Sequence[Any]) -> None:
        if self.apply is not None:
            await self.apply(connection, effects)


def order_of(message: Message) -> str:
    """Name the order that a message is about."""
    data = message.data
    assert isinstance(
        data,
        checkout.OrderPlaced | checkout.PaymentVerified | PartyFact | OrderCommand | timer.DeadlineExpired,
    )
    return data.order_id


def _written(data: Data) -> tuple[tuple[str, str], ...]:
    match data:
        case messaging.SendMessage(actor=Actor(kind="support")):
            return ((BUYER, data.text),)
        case messaging.SendMessage():
            return ((data.actor.id, data.text),)
        case orders.FeedbackLeft():
            return ((data.actor.id, data.text),)
        case _:
            return ()


def _passed_on(data: Data) -> Outgoing | None:
    """Say a message again, as messaging does."""
    if not isinstance(data, messaging.SendMessage):
        return None
    fact = messaging.MessageSent(
        **data.model_dump(exclude={"actor"}),
        actor=data.actor,
        seller_id=SELLER,
        buyer_id=BUYER,
        channel="buyer_seller_messages",
    )
    return Outgoing(topics.MESSAGING_EVENTS, data.order_id, fact, data.at)


def _seller_of(message: Message) -> tuple[Key, ...]:
    data = message.data
    return (Key("seller", data.seller_id),) if isinstance(data, checkout.OrderPlaced) else ()


def _said(message: Message, now: datetime) -> Outgoing:
    order_id = order_of(message)
    data = messaging.ResponseOverdue(
        order_id=order_id,
        seller_id="seller",
        buyer_id="buyer",
        at=now,
        contact_id=message.attributes.id,
        respond_by=now,
    )
    return Outgoing(topics.MESSAGING_EVENTS, order_id, data, now)


def _refused(message: Message, now: datetime) -> Outgoing:
    data = message.data
    assert isinstance(data, OrderCommand)
    refusal = messaging.CommandRefused(
        order_id=data.order_id,
        command_id=data.command_id,
        rule="E1",
        reason="unknown_order",
        message=Words(en="Unknown.", zh="未知。"),
        at=now,
    )
    return Outgoing(topics.MESSAGING_EVENTS, data.order_id, refusal, now, sequenced=False)


# ------------------------------------------------------------------------------------------------ messages


@dataclass(frozen=True, slots=True)
class Say:
    """One record to be: its topic, key, headers and value."""

    topic: str
    key: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    value: bytes | None

    def at(self, offset: int, partition: int = 0, timestamp_ms: int = 1_600_000_000_000) -> Record:
        """Return it as it would be read from there."""
        place = Place(self.topic, partition, offset)
        return Record(place, timestamp_ms, self.key, self.value, self.headers)


def say(data: Data, key: str, event_id: str, *, sequence: int | None = None, source: str = "/toy") -> Say:
    """Put a body into its envelope."""
    attributes = Attributes(event_id, source, data.TYPE, subject=key, time=NOON, sequence=sequence)
    return Say(data.TOPIC, key.encode(), tuple(write_headers(attributes)), data.to_json())


def numbered(order_id: str, sequence: int, event_id: str | None = None) -> Say:
    """Return a fact with a number, from `orders.events`."""
    data = orders.OrderDelivered(
        order_id=order_id, seller_id="seller", buyer_id="buyer", at=NOON, actions={}, deadlines=()
    )
    return say(data, order_id, event_id or f"{order_id}-n{sequence}", sequence=sequence)


def unnumbered(order_id: str, event_id: str | None = None) -> Say:
    """Return a fact without a number, from `checkout.events`."""
    return say(
        checkout.PaymentVerified(order_id=order_id, at=NOON), order_id, event_id or f"{order_id}-verified"
    )


def placed(order_id: str, seller_id: str = "seller") -> Say:
    """Return a new order of checkout, which touches its seller's row too."""
    order = Order(order_id=order_id, seller_id=seller_id, buyer_id="buyer", placed_at=NOON)
    return say(order.placed().data, order_id, f"{order_id}-placed")


def command(order_id: str, command_id: str | None = None) -> Say:
    """Return a buyer's command."""
    command_id = command_id or f"{order_id}-command"
    actor = Actor(kind="buyer", id="buyer")
    data = messaging.ResolveContact(
        order_id=order_id, command_id=command_id, at=NOON, actor=actor, contact_id="contact"
    )
    return say(data, order_id, command_id)


def written(order_id: str, text: str, by: str = "buyer", *, kind: Role = "buyer", number: int = 1) -> Say:
    """Return a message that somebody wrote."""
    command_id = f"{order_id}-by-{by}-{number}"
    data = messaging.SendMessage(
        order_id=order_id,
        command_id=command_id,
        at=NOON,
        actor=Actor(kind=kind, id=by),
        message_id=command_id,
        contact_id="contact",
        issue="delivery",
        text=text,
    )
    return say(data, order_id, command_id)


def feedback(order_id: str, sequence: int, text: str, by: str = "buyer") -> Say:
    """Return a fact with a number and a text, from `orders.events`."""
    data = orders.FeedbackLeft(
        order_id=order_id,
        seller_id=SELLER,
        buyer_id=BUYER,
        at=NOON,
        command_id=f"{order_id}-feedback",
        actor=Actor(kind="buyer", id=by),
        rating=1,
        text=text,
        actions={},
        deadlines=(),
    )
    return say(data, order_id, f"{order_id}-n{sequence}", sequence=sequence)


def person_erased(party_id: str, event_id: str = "asked") -> Say:
    """Return the wish that somebody's data goes."""
    data = accounts.PersonErased(party_id=party_id, at=NOON)
    return say(data, party_id, f"{party_id}-{event_id}")


def deadline(order_id: str, timer_id: str | None = None, owner: str = NAME) -> Say:
    """Return a deadline that has come."""
    data = timer.DeadlineExpired(
        timer_id=timer_id or f"{order_id}-deadline",
        kind="response_due",
        owner=owner,
        order_id=order_id,
        subject_id="contact",
        due_at=NOON,
        fired_at=NOON + timedelta(seconds=1),
    )
    return say(data, order_id, data.timer_id, source="/recourse/timer")


def operation(
    kind: type[Retry | Skip],
    command_id: str,
    *,
    letter: str | None = None,
    key: str | None = None,
    to: str = NAME,
) -> Say:
    """Return an operator's command on a dead letter or a parked key."""
    data = kind(
        command_id=command_id,
        at=NOON,
        actor=Actor(kind="operator", id="operator"),
        service=to,
        dead_letter_id=letter,
        parked_key=key,
        reason="because",
    )
    return say(data, to, command_id)


def poison(good: Say, value: bytes | None = b"\xff{") -> Say:
    """Return the same record with a body that nobody can read."""
    return Say(good.topic, good.key, good.headers, value)


class Tape:
    """The records of several partitions in the order of their arrival; offsets count up from 0 in each."""

    def __init__(self) -> None:
        self._ends: dict[tuple[str, int], int] = {}

    def __call__(self, *said: Say, partition: int = 0) -> list[Record]:
        records = []
        for each in said:
            place = (each.topic, partition)
            offset = self._ends.get(place, 0)
            self._ends[place] = offset + 1
            records.append(each.at(offset, partition))
        return records


def items(service: Service, *records: Record) -> list[Item]:
    """Decode records into items, as a unit does."""
    decode = decoder(service.check)
    made = []
    for record in records:
        known: Any = decode(record)
        message = Message(record.place, known.attributes, known.data)
        main = service.main(message)
        made.append(Item(record, message, main, (main, *service.keys(message))))
    return made
