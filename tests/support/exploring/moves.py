"""Moves that every search takes from: commands of every role, what comes from outside, and the next deadline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

from shared.contracts import carriers, checkout, messaging, orders
from shared.contracts.checkout import PaymentFailed, PaymentRefused, PaymentVerified
from shared.contracts.data import Data
from shared.contracts.money import Price
from tests.support.exploring.search import Move
from tests.support.scenarios.cast import Purchase
from tests.support.scenarios.probing import ROLES, Probe, is_refused
from tests.support.scenarios.world import World

_serial = count(1)


def send(order: Purchase, data: Data, key: str | None = None) -> Move:
    """Somebody outside says something."""
    name = data.TYPE.split(".")[1]

    def do(world: World) -> None:
        world.send(data, key or order.order_id, f"outside-{next(_serial)}", world.now)

    return Move(name, do)


def command(order: Purchase, data: Data, name: str) -> Move:
    """Somebody gives a command, under an id of its own."""

    def do(world: World) -> None:
        command_id = f"command-{next(_serial)}"
        again = data.model_copy(update={"command_id": command_id} | _own_ids(data, command_id))
        world.send(again, order.order_id, command_id, world.now)

    return Move(name, do)


def _own_ids(data: Data, command_id: str) -> dict[str, str]:
    """A message and a shipment have ids of their own; a claim and a contact keep the name that is theirs."""
    return {name: f"{name}-{command_id}" for name in ("message_id", "shipment_id") if hasattr(data, name)}


def commands(
    world: World, order: Purchase, actions: Iterable[str], claim_id: str | None = None
) -> Iterator[Move]:
    """Give every command of these names that is followed, by every role: one that is refused leads nowhere."""
    probe = Probe(world, order, [], claim_id)
    for action in actions:
        for role in ROLES:
            for data in probe.commands(role, action):
                if not is_refused(probe.tried(data)):
                    yield command(order, data, f"{role} {action}")


def next_deadline(world: World) -> Iterator[Move]:
    """Let time pass until the next deadline."""
    if world.timers:
        due_at = min(timer.due_at for timer in world.timers.values())
        kinds = sorted({timer.kind for timer in world.timers.values() if timer.due_at == due_at})
        yield Move(f"{', '.join(kinds)} comes", lambda copy: copy.go_to(due_at))


def a_day_passes(_world: World) -> Iterator[Move]:
    """Let a day pass, and whatever falls due in it."""
    yield Move("a day passes", lambda copy: copy.go_to(copy.now + timedelta(days=1)))


def payments(world: World, order: Purchase) -> Iterator[Move]:
    """Payment says one thing or another."""
    for kind in (PaymentVerified, PaymentFailed, PaymentRefused):
        yield send(order, kind(order_id=order.order_id, at=world.now))
    yield send(order, checkout.CancellationRequested(order_id=order.order_id, requested_at=world.now))


def chargebacks(world: World, order: Purchase) -> Iterator[Move]:
    """The buyer's bank takes the money back, and gives it back or not."""
    amount = Price(amount_minor=order.paid(order.lines(None)).amount_minor, currency=order.currency)
    about: dict[str, Any] = {"order_id": order.order_id, "at": world.now, "amount": amount}
    yield send(order, checkout.ChargebackOpened(**about))
    yield send(order, checkout.ChargebackClosed(**about, outcome="buyer_won"))
    yield send(order, checkout.ChargebackClosed(**about, outcome="seller_won"))


def scans(world: World, number: str, carrier: str = "UPS") -> Iterator[Move]:
    """A carrier delivers a parcel."""
    data = carriers.Milestone(
        carrier=carrier, tracking_number=number, milestone="delivered", occurred_at=world.now
    )
    yield Move("delivered", lambda copy: copy.send(data, number, f"outside-{next(_serial)}", copy.now))


def letters(world: World, order: Purchase, contact: str, *, dated: timedelta = timedelta()) -> Iterator[Move]:
    """Somebody writes in a contact."""
    for who in ("buyer", "seller"):
        fields: dict[str, Any] = {
            "order_id": order.order_id,
            "command_id": "-",
            "at": world.now + dated,
            "actor": order.actor(who),
        }
        data = messaging.SendMessage(
            **fields,
            message_id="-",
            contact_id=order.named("contact", contact),
            issue="delivery",
            text="Hello.",
        )
        yield command(order, data, f"{who} writes" + (" in time, read late" if dated else ""))


def contact_commands(world: World, order: Purchase, contact: str) -> Iterator[Move]:
    """Everything else that can be said in messaging about a contact."""
    for who in ("buyer", "seller"):
        about: dict[str, Any] = {
            "order_id": order.order_id,
            "command_id": "-",
            "at": world.now,
            "actor": order.actor(who),
            "contact_id": order.named("contact", contact),
        }
        number = order.tracking_number(contact)
        kinds: tuple[Data, ...] = (
            messaging.ResolveContact(**about),
            messaging.RequestReturn(**about, lines=order.lines(None), reason="It does not work"),
            messaging.AnswerReturn(**about, answer="authorised", prepaid_label=True),
            messaging.AnswerReturn(**about, answer="declined", text="It was used."),
            messaging.AnswerReturn(**about, answer="refund_without_return"),
            messaging.ShipReturn(**about, carrier="UPS", tracking_number=number),
            messaging.ReceiveReturn(**about),
        )
        for data in kinds:
            yield command(order, data, f"{who} {data.TYPE.split('.')[1]}")


def whole_refund(world: World, order: Purchase) -> Iterator[Move]:
    """The seller pays back all of it."""
    data = orders.RefundOrder(
        order_id=order.order_id,
        command_id="-",
        at=world.now,
        actor=order.actor("seller"),
        amount=order.paid(order.lines(None)),
        reason="Sorry",
    )
    yield command(order, data, "seller refunds all")
