"""The states of a contact, and everything that can happen to it: its two clocks, answers, settlement, returns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from services.messaging.domain.model import Contact, OrderState, Return
from services.messaging.store import ORDER
from shared.contracts.checkout import PaymentVerified
from shared.kit.service import Key
from tests.support.exploring import moves
from tests.support.exploring.search import Graph, Move, Search
from tests.support.exploring.starting import bare
from tests.support.scenarios.cast import Purchase
from tests.support.scenarios.in_memory import the_catalogue
from tests.support.scenarios.world import World

SERVICES = ("orders", "messaging", "timer")
CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class ContactNode:
    """What tells two contacts apart: both clocks, and which of them still run. None before it is opened."""

    response: str
    resolution: str
    channel: str
    order: str
    answers: str
    back: str
    clocks: tuple[str, ...]


def search() -> Graph[ContactNode]:
    """Find every state of a contact, from a released and shipped order."""
    order = bare({}, "2021-zh")  # where the two clocks end apart
    world = World.of(the_catalogue(), order.placed_at, SERVICES)
    world.send(order.placed(), order.order_id, "placed", order.placed_at)
    world.send(
        PaymentVerified(order_id=order.order_id, at=world.now), order.order_id, "verified", order.placed_at
    )
    world.go_to(world.now + timedelta(hours=1))
    found: Search[ContactNode] = Search(
        lambda each: _moves(each, order), lambda each: look(each, order), "messaging"
    )
    return found.from_({"order_released": world})


def look(world: World, order: Purchase) -> ContactNode:
    """Say how the contact, and its return, stand."""
    state: OrderState = world.seats["messaging"].rows.state(Key(ORDER, order.order_id))
    talk = state.conversation
    contact = talk.contacts[0] if talk.contacts else None
    back = talk.returns[0] if talk.returns else None
    answers = tuple(answer.answer for answer in back.answers) if back else ()
    return ContactNode(
        response=contact.response.shape if contact else "",
        resolution=contact.resolution.shape if contact else "",
        channel=contact.channel if contact else "",
        order=state.dossier.shape,
        answers="+".join(dict.fromkeys(answers)),
        back=_back(back),
        clocks=_clocks(world, contact),
    )


def _back(found: Return | None) -> str:
    """Say where what goes back is: the parcel's place, or else what the seller said last."""
    if found is None:
        return ""
    if found.parcels:
        return "received" if all(parcel.received_at for parcel in found.parcels) else "sent"
    return found.answers[-1].answer if found.answers else "requested"


def _clocks(world: World, contact: Contact | None) -> tuple[str, ...]:
    if contact is None:
        return ()
    return tuple(
        sorted(timer.kind for timer in world.timers.values() if timer.subject_id == contact.contact_id)
    )


def _moves(world: World, order: Purchase) -> Iterator[Move]:
    if look(world, order).clocks:
        yield from moves.next_deadline(world)
    yield from moves.letters(world, order, CONTACT)
    yield from moves.letters(world, order, CONTACT, dated=-timedelta(days=3))
    yield from moves.contact_commands(world, order, CONTACT)
    yield from moves.scans(world, order.tracking_number(CONTACT))
    yield from moves.commands(world, order, ("cancel_order",))
    yield from moves.whole_refund(world, order)
