"""The states of an order, and everything that can happen to it: payment, hold, shipment, cutoff, chargebacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.orders.domain.model import OrderRow, Pending, Released, Status, status_of
from services.orders.store import order_key
from tests.support.exploring import moves
from tests.support.exploring.search import Graph, Move, Search
from tests.support.exploring.starting import bare
from tests.support.scenarios.cast import Purchase
from tests.support.scenarios.in_memory import the_catalogue
from tests.support.scenarios.probing import ORDER_ACTIONS
from tests.support.scenarios.world import World

SERVICES = ("orders", "timer")
CLOSED = frozenset({"Delivered", "Canceled"})
"""Where an order needs nothing more from anybody."""
WAITING_FOR_OTHERS = frozenset({"Shipped"})
"""Where an order waits for a carrier, and its buyer has the guarantee."""


@dataclass(frozen=True, slots=True)
class OrderNode:
    """What tells two orders apart: how they stand, how much is shipped, and which clocks run."""

    status: Status | None
    is_verified: bool
    units_shipped: int
    clocks: tuple[str, ...]
    has_chargeback: bool


def search() -> Graph[OrderNode]:
    """Find every state of an order of two units."""
    order = bare({"quantity": "2", "payment": "none"})
    world = World.of(the_catalogue(), order.placed_at, SERVICES)
    world.send(order.placed(), order.order_id, "placed", order.placed_at)
    found: Search[OrderNode] = Search(
        lambda each: _moves(each, order), lambda each: look(each, order), "orders"
    )
    return found.from_({"order_placed": world})


def look(world: World, order: Purchase) -> OrderNode:
    """Say how the order stands."""
    row: OrderRow = world.seats["orders"].rows.state(order_key(order.order_id))
    shipments = row.order.shipments if isinstance(row.order, Released) else ()
    return OrderNode(
        status=status_of(row.order),
        is_verified=row.verified_at is not None or not isinstance(row.order, Pending),
        units_shipped=sum(line.quantity for shipment in shipments for line in shipment.lines),
        clocks=tuple(sorted(timer.kind for timer in world.timers.values())),
        has_chargeback=any(each.closed_at is None for each in row.account.chargebacks),
    )


def _moves(world: World, order: Purchase) -> Iterator[Move]:
    yield from moves.next_deadline(world)
    yield from moves.payments(world, order)
    yield from moves.chargebacks(world, order)
    yield from moves.scans(world, order.tracking_number("tried"))
    yield from moves.commands(world, order, ORDER_ACTIONS)
