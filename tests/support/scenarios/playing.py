"""What a scenario comes to under a policy: who says what and when, in order, ready for either runner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts.checkout import PaymentVerified
from shared.contracts.data import Data
from shared.policies import Catalogue
from tests.support.scenarios.cast import Purchase, purchases
from tests.support.scenarios.reading import Scenario, Step
from tests.support.scenarios.speaking import Known, Sent, registered, sent
from tests.support.scenarios.world import Said, World

_REGISTERED_BEFORE = timedelta(days=5)
_END = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """Something that happens at an instant: a step, or what every story begins with."""

    at: datetime
    dated: datetime
    order: Purchase
    step: Step | None
    ready: Sent | None = None

    def sent(self, known: Known) -> Sequence[Sent]:
        """Say it; `known` is what was said so far."""
        if self.ready is not None:
            return [self.ready]
        if self.step is None or self.step.actor == "nobody":
            return []
        found = sent(self.step, self.order, self.dated, known)
        return [found, found] if self.step.twice else [found]


@dataclass(frozen=True, slots=True)
class Play:
    """A scenario under a policy."""

    scenario: Scenario
    policy: str
    orders: Mapping[str, Purchase]
    parts: Sequence[Part]

    @property
    def name(self) -> str:
        """What a test of it is called."""
        return f"{self.scenario.name} under {self.policy}"

    @property
    def prefix(self) -> str:
        """What the ids of all that is in it begin with."""
        return next(iter(self.orders.values())).prefix


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it."""

    play: Play
    world: World

    @property
    def said(self) -> Sequence[Said]:
        """All that was said."""
        return self.world.said


def play_of(scenario: Scenario, policy: str) -> Play:
    """Lay out a scenario's parts in their order in time."""
    orders = purchases(scenario, policy)
    parts = [*_beginnings(scenario, orders), *_steps(scenario, orders)]
    return Play(scenario, policy, orders, sorted(parts, key=lambda part: part.at))


def _beginnings(scenario: Scenario, orders: Mapping[str, Purchase]) -> Iterator[Part]:
    first = min(order.placed_at for order in orders.values()) - _REGISTERED_BEFORE
    one = next(iter(orders.values()))
    people = {"buyer": {}, "seller": {}, **scenario.people}
    for who, options in people.items():
        if options != "unknown":
            data = registered(one, who, options or {})
            yield Part(first, first, one, None, Sent(data, one.party(who), f"{one.prefix}/{who}", first))
    for order in orders.values():
        at = order.placed_at
        yield _ready(order, order.placed(), "placed", at)
        if order.options.get("payment", "verified") == "verified":
            verified_at = at + timedelta(minutes=5)
            yield _ready(
                order, PaymentVerified(order_id=order.order_id, at=verified_at), "verified", verified_at
            )


def _ready(order: Purchase, data: Data, what: str, at: datetime) -> Part:
    return Part(at, at, order, None, Sent(data, order.order_id, f"{order.order_id}/{what}", at))


def _steps(scenario: Scenario, orders: Mapping[str, Purchase]) -> Iterator[Part]:
    first = next(iter(orders.values()))
    before: datetime | None = None
    for step in scenario.steps:
        order = orders[step.order] if step.order else first
        at = first.calendar.instant(step.at, before)
        dated = first.calendar.instant(step.dated, at) if step.dated else at
        yield Part(at, dated, order, step)
        before = at


def run(play: Play, world: World) -> Played:
    """Play it on a world, part by part, and let it come to rest at its last one."""
    for part in play.parts:
        world.go_to(part.at)
        for each in part.sent([said.data for said in world.said]):
            world.send(each.data, each.key, each.event_id, each.at)
    return Played(play, world)


def start(play: Play, catalogue: Catalogue) -> World:
    """Make a world that stands before the play's first part."""
    return World.of(catalogue, play.parts[0].at - _END)
