"""What a fact offers to each role is exactly what commands are then accepted for: no more, and no less."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from services.orders.domain.actions import actions
from services.orders.domain.decide import decide
from services.orders.domain.events import (
    CancellationRefused,
    CommandRefused,
    Event,
    RequestKept,
    ShipByWarned,
)
from services.orders.domain.evolve import evolve
from services.orders.domain.inputs import Command, DeadlineExpired
from services.orders.domain.model import Actor, Quantity, Released, World
from services.orders.domain.refusals import CommandName
from services.orders.domain.refusing import MAY, Role
from tests.unit.orders.build import (
    BUYER,
    CUTOFF,
    EXPIRY,
    HOLD_END,
    NEXT_DAY,
    NOON,
    POLICY,
    SELLER,
    SETTLED,
    SUPPORT,
    WARNING,
    cancellation,
    chargeback,
    confirmation,
    confirmed,
    feedback,
    granted,
    line,
    new_address,
    orders,
    pending,
    received,
    refund,
    requested,
    unshipped,
    verified,
)

MICROSECOND = timedelta(microseconds=1)
LAMP = Quantity("lamp", 1)
PEOPLE: Mapping[Role, Actor] = {"seller": SELLER, "buyer": BUYER, "support": SUPPORT}


def accepted(world: World, at: datetime) -> Mapping[Role, tuple[CommandName, ...]]:
    """Give every command in every role, on its own, and say which were accepted."""
    return {
        role: names
        for role in PEOPLE
        if (names := tuple(name for name in MAY if role in MAY[name] and _accepts(world, name, role, at)))
    }


def _accepts(world: World, name: CommandName, role: Role, at: datetime) -> bool:
    events = decide(_command(world, name, PEOPLE[role], at), world, now=at, policy=POLICY)
    return bool(events) and not any(
        isinstance(event, CommandRefused | CancellationRefused) for event in events
    )


def _command(world: World, name: CommandName, actor: Actor, at: datetime) -> Command:
    unused = [one for one in world.row.heard.requests if one not in world.row.account.addresses]
    commands: Mapping[CommandName, Command] = {
        "confirm_shipment": confirmation(at=at, actor=actor, shipment_id="probe", tracking_number="-"),
        "cancel_order": cancellation(at=at, actor=actor, command_id="probe"),
        "change_address": new_address((unused or ["none"])[0], at=at, actor=actor, command_id="probe"),
        "refund_order": refund(1, at=at, actor=actor, command_id="probe"),
        "leave_feedback": feedback(at=at, actor=actor, command_id="probe"),
    }
    return commands[name]


def after(*events: Event, given: World | None = None) -> World:
    world = given or World()
    for event in events:
        world = evolve(world, event)
    return world


CANCELED = (
    orders.given(*unshipped()).when(DeadlineExpired("ship_confirmation_due", SETTLED), now=SETTLED).state
)
BY_SELLER = orders.given(*unshipped()).when(cancellation(), now=NEXT_DAY).state
COMPENSATED = orders.given(*unshipped(), confirmed()).when(granted(compensation=4000), now=NEXT_DAY).state
STATES = {
    "not come": World(),
    "pending": after(*pending()),
    "verified": after(received(), verified()),
    "pending in part": orders.given(received(line(), line("shade", 1)))
    .when(cancellation(LAMP, at=NOON, actor=BUYER), now=NOON)
    .state,
    "unshipped": after(*unshipped()),
    "warned": after(*unshipped(), ShipByWarned(WARNING, CUTOFF)),
    "asked to go elsewhere": orders.given(*unshipped()).when(requested(), now=NEXT_DAY).state,
    "gone elsewhere": orders.given(*unshipped(), RequestKept("message-1"))
    .when(new_address(at=HOLD_END), now=NEXT_DAY)
    .state,
    "partially shipped": after(*unshipped(), confirmed(LAMP), RequestKept("message-1")),
    "shipped": after(*unshipped(), confirmed(), RequestKept("message-1")),
    "refunded": orders.given(*unshipped(), confirmed()).when(refund(4000, at=HOLD_END), now=NEXT_DAY).state,
    "partially refunded": orders.given(*unshipped()).when(refund(1, at=HOLD_END), now=NEXT_DAY).state,
    "charged back": orders.given(*unshipped()).when(chargeback(at=HOLD_END), now=NEXT_DAY).state,
    "compensated": COMPENSATED,
    "rated": orders.given(*unshipped()).when(feedback(at=HOLD_END), now=NEXT_DAY).state,
    "canceled": CANCELED,
    "canceled by its seller": BY_SELLER,
    "canceled by its seller and rated": orders.given_state(BY_SELLER).when(feedback(), now=NEXT_DAY).state,
}
INSTANTS = [NOON, HOLD_END, NEXT_DAY, EXPIRY, WARNING, CUTOFF, SETTLED]


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize("at", [base + step for base in INSTANTS for step in (-MICROSECOND, 0 * MICROSECOND)])
def test_what_is_offered_is_accepted_and_what_is_not_is_refused(name: str, at: datetime) -> None:
    world = STATES[name]
    if isinstance(world.order, Released):
        at = max(at, world.order.released_at)
    if name == "verified" and at >= HOLD_END:
        return  # its release is due: before anything else is said of it, it is released
    assert dict(actions(world.row, at)) == accepted(world, at)


def test_a_role_reads_its_commands_in_one_order() -> None:
    world = STATES["asked to go elsewhere"]
    assert dict(actions(world.row, NEXT_DAY)) == {
        "seller": ("confirm_shipment", "cancel_order", "change_address", "refund_order"),
        "buyer": ("leave_feedback",),
        "support": ("change_address",),
    }
    assert dict(actions(STATES["pending"].row, NOON)) == {
        "buyer": ("cancel_order",),
        "support": ("cancel_order",),
    }


def test_a_refusal_offers_what_may_be_done_though_the_timer_of_the_hold_is_late() -> None:
    late = orders.given(received(), verified()).when(confirmation(at=NOON), now=NEXT_DAY)
    assert late.the(CommandRefused).reason == "order_pending"
    assert "confirm_shipment" in actions(late.state.row, NEXT_DAY)["seller"]


def test_what_happened_before_the_release_offers_what_may_be_done_after_it() -> None:
    assert actions(after(*unshipped()).row, NOON) == actions(after(*unshipped()).row, HOLD_END)
