"""Histories to try policies on: what outsiders said, lived through in memory, and recorded as the services would."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from services.claims.handlers import service as claims_service
from services.cli.backtest.recorded import SPEAKERS, Line
from services.cli.backtest.world import Given, Said, World
from services.messaging.handlers import service as messaging_service
from services.orders.handlers import service as orders_service
from services.orders.translate.policies import Policies as OrdersPolicies
from shared import policies
from shared.contracts import timer
from shared.contracts.topics import TIMER_COMMANDS
from shared.policies import Catalogue
from tests.support.events import Event, Order, delivered, ups_number

START = datetime(2027, 1, 4, 8, tzinfo=UTC)
HOUR, DAY, MICRO = timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
NO_DELAY = timedelta()


@cache
def shipped_catalogue() -> Catalogue:
    return policies.load()


def order(number: int = 1, **other: Any) -> Order:
    return Order(f"order-{number}", f"seller-{number}", f"buyer-{number}", START, **other)


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, and how long after it was read."""

    event: Event
    late: timedelta = NO_DELAY

    def given(self) -> Given:
        return Given(self.event.event_id, self.event.at, self.event.at + self.late, self.event.data)


@dataclass(slots=True)
class Story:
    """One order of one line, and what happened to it."""

    order: Order = field(default_factory=order)
    events: list[Happened] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.add(self.order.placed(), self.order.verified())

    def add(self, *events: Event, late: timedelta = NO_DELAY) -> Story:
        """Let something happen."""
        self.events += [Happened(event, late) for event in events]
        return self

    def shipped(self, at: datetime, arrived: datetime | None = None, late: timedelta = NO_DELAY) -> Story:
        """The seller ships by a parcel that can be tracked; it may arrive."""
        number = ups_number(int(self.order.order_id.rpartition("-")[2]))
        self.add(self.order.shipped(at, number))
        return self.add(delivered(number, arrived), late=late) if arrived else self


def live(stories: Iterable[Story], known: Catalogue, until: datetime | None = None) -> Sequence[Said]:
    """Let it all happen to real services, in memory."""
    services = (orders_service(OrdersPolicies(known)), messaging_service(known), claims_service(known))
    given = [happened.given() for story in stories for happened in story.events]
    return World(services).play(given, until)


def record(said: Sequence[Said], *, with_traffic: bool = True) -> Sequence[Line]:
    """Write down what services said as their outboxes keep it.

    `with_traffic`: other orders' timers show what the clock showed at each moment, as they do in a real marketplace.
    """
    lines: list[Line] = []
    for number, each in enumerate(said):
        if with_traffic and each.service in SPEAKERS.values():
            other = timer.Cancel(timer_id=f"of-another-order-{number}", order_id="another-order")
            tick = Line(each.service, TIMER_COMMANDS, f"tick-{number}", each.now, None, other)
            lines.append(tick)
        lines.append(Line(each.service, each.topic, each.id, each.at, each.cause, each.data))
    return lines


def outside_line(event: Event) -> bytes:
    """Write an event as a line that `recourse publish` takes."""
    return _written(
        {
            "specversion": "1.0",
            "id": event.event_id,
            "source": "/shop",
            "type": event.data.TYPE,
            "data": json.loads(event.data.to_json()),
        }
    )


def our_line(line: Line) -> bytes:
    """Write what a service said as a CloudEvent."""
    cause = {"causationid": line.causation_id} if line.causation_id else {}
    return _written(
        {
            "specversion": "1.0",
            "id": line.id,
            "source": f"/recourse/{line.service}",
            "type": line.data.TYPE,
            "time": line.at.isoformat().replace("+00:00", "Z"),
            "data": json.loads(line.data.to_json()),
            **cause,
        }
    )


def _written(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode() + b"\n"
