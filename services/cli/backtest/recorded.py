"""The recorded history of an order: what orders, messaging and claims said about it, and when it was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.contracts import orders, timer
from shared.contracts.data import Command, Data
from shared.contracts.topics import CLAIMS_EVENTS, MESSAGING_EVENTS, ORDERS_EVENTS, TIMER_COMMANDS

SPEAKERS: Mapping[str, str] = {
    ORDERS_EVENTS: "orders",
    MESSAGING_EVENTS: "messaging",
    CLAIMS_EVENTS: "claims",
}
"""The topics that a history is made of, and who writes them."""


@dataclass(frozen=True, slots=True)
class Told:
    """One fact that a service said.

    `position`: its place in what that service said. `at`: when it happened. `read_at`: the latest time that the
    service's clock is known to have shown before: the fact follows from something that was read then, or later.
    """

    service: str
    position: int
    id: str
    at: datetime
    read_at: datetime
    causation_id: str | None
    data: Data


@dataclass(frozen=True, slots=True)
class History:
    """Everything recorded of one order. `fired`: when deadlines came, by the timer's id.

    `commands`: those that are recorded themselves, by their ids; of the others only the facts that they led to are.
    """

    order_id: str
    told: Sequence[Told]
    fired: Mapping[str, datetime] = field(default_factory=dict)
    commands: Mapping[str, Command] = field(default_factory=dict)

    @property
    def marketplace_id(self) -> str | None:
        """Where it was placed; None when the record begins later."""
        placed = (each.data for each in self.told if isinstance(each.data, orders.OrderReceived))
        return next((data.marketplace_id for data in placed), None)


@dataclass(frozen=True, slots=True)
class Line:
    """One message in the order in which its service said it. A timer's command is dated by the service's clock."""

    service: str
    topic: str
    id: str
    at: datetime
    causation_id: str | None
    data: Data


def histories(
    lines: Iterable[Line], commands: Mapping[str, Mapping[str, Command]] | None = None
) -> Sequence[History]:
    """Sort messages by order; those of one service must come as it said them."""
    clocks: dict[str, datetime] = {}
    told: dict[str, list[Told]] = {}
    fired: dict[str, dict[str, datetime]] = {}
    for position, line in enumerate(lines):
        if line.topic == TIMER_COMMANDS:
            clocks[line.service] = max(line.at, clocks.get(line.service, line.at))
        elif isinstance(line.data, timer.DeadlineExpired):
            fired.setdefault(line.data.order_id, {})[line.data.timer_id] = line.data.fired_at
        elif line.topic in SPEAKERS:
            known = Told(line.service, position, line.id, line.at, line.at, line.causation_id, line.data)
            read_at = max(line.at, clocks.get(line.service, line.at))
            told.setdefault(_order_id(line.data), []).append(replace(known, read_at=read_at))
    given = commands or {}
    return [
        History(order_id, facts, fired.get(order_id, {}), given.get(order_id, {}))
        for order_id, facts in told.items()
    ]


def _order_id(data: Data) -> str:
    return str(getattr(data, "order_id", ""))
