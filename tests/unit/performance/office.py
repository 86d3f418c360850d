"""The whole service in memory: it is handed messages, its timers fire, and what it says is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from services.performance.domain.model import OrderRow, SellerRow
from services.performance.handlers import service
from services.performance.store import CountedRow, DailyChange, order_key, seller_key
from shared import policies
from shared.contracts.data import Command, Data
from shared.contracts.envelope import Attributes
from shared.contracts.facts import Fact
from shared.contracts.performance import HealthChanged, Rates
from shared.contracts.timer import Cancel, DeadlineExpired, Schedule
from shared.kit.errors import StatesMissing
from shared.kit.service import Key, Message, Outcome, Outgoing, Place

SERVICE = service(policies.load())
Said = TypeVar("Said", bound=Data)


@dataclass(slots=True)
class Office:
    """One process without Kafka and PostgreSQL. `now` moves on by itself to whatever is heard."""

    now: datetime
    states: dict[Key, Any] = field(default_factory=dict)
    timers: dict[str, Schedule] = field(default_factory=dict)
    said: list[Outgoing] = field(default_factory=list)
    effects: list[Any] = field(default_factory=list)

    def hear(self, *bodies: Data) -> Sequence[Data]:
        """Hand over messages, one after another; return what is said to all of them but the timers."""
        found = [body for each in bodies for body in self._hear(each)]
        return [body for body in found if not isinstance(body, Schedule | Cancel)]

    def _hear(self, body: Data) -> Sequence[Data]:
        at = body.at if isinstance(body, Fact | Command) else getattr(body, "due_at", self.now)
        self.now = max(self.now, at)
        return self.apply(message(body))

    def apply(self, given: Message) -> Sequence[Data]:
        """Hand over one message, as it is."""
        outcome = self._outcome(given)
        self.states.update(outcome.states)
        self.said += outcome.out
        self.effects += outcome.effects
        for each in outcome.out:
            if isinstance(each.data, Schedule):
                self.timers.setdefault(each.data.timer_id, each.data)
            if isinstance(each.data, Cancel):
                self.timers.pop(each.data.timer_id, None)
        return [each.data for each in outcome.out]

    def _outcome(self, given: Message) -> Outcome:
        main = SERVICE.main(given)
        self.states.setdefault(main, None)
        loaded = {key: self.states.get(key) for key in (main, *SERVICE.keys(given))}
        while True:
            try:
                return SERVICE.handle(given, loaded, self.now)
            except StatesMissing as missing:
                loaded |= {key: self.states.get(key) for key in missing.keys}

    def go_to(self, instant: datetime) -> Sequence[Data]:
        """Move the clock on, from deadline to deadline; return what is said on the way but for timers."""
        said: list[Data] = []
        while due := [each for each in self.timers.values() if each.due_at <= instant]:
            first = min(due, key=lambda each: (each.due_at, each.timer_id))
            del self.timers[first.timer_id]
            self.now = max(self.now, first.due_at)
            said += self.hear(fired(first, self.now))
        self.now = max(self.now, instant)
        return said

    def row(self, order_id: str = "order-1") -> OrderRow:
        found: OrderRow = self.states[order_key(order_id)]
        return found

    def seller(self, seller_id: str = "seller-1") -> SellerRow:
        found: SellerRow = self.states[seller_key(seller_id)]
        return found

    def every(self, kind: type[Said]) -> list[Said]:
        return [each.data for each in self.said if isinstance(each.data, kind)]

    def rates(self) -> Rates:
        """Return what was said last of the rates."""
        return self.every(HealthChanged)[-1].rates

    @property
    def defects(self) -> tuple[int, int]:
        """The order defect rate: orders with a defect, released orders."""
        rate = self.rates().order_defect_rate
        return rate.numerator, rate.denominator

    @property
    def cancellations(self) -> tuple[int, int]:
        rate = self.rates().pre_fulfilment_cancel_rate
        return rate.numerator, rate.denominator

    @property
    def answered(self) -> tuple[int, int]:
        """Contacts answered in time, contacts."""
        rate = self.rates().answered_in_time_rate
        return rate.numerator, rate.denominator

    def counted(self) -> dict[tuple[str, str, str], bool]:
        """Return what the table of things would hold: what counts, of which order, by name, and whether it stands."""
        rows = [each.thing for each in self.effects if isinstance(each, CountedRow)]
        return {(each.counts, each.order_id, each.name): each.stands for each in rows}

    def daily(self) -> list[DailyChange]:
        return [each for each in self.effects if isinstance(each, DailyChange)]


def message(body: Data, event_id: str | None = None) -> Message:
    """Put a body into an envelope; the same body has the same id."""
    name = (
        body.command_id if isinstance(body, Command) else f"{body.TYPE}/{hash(body.to_json()) & 0xFFFFFFFF:x}"
    )
    attributes = Attributes(event_id or name, "/recourse/test", body.TYPE)
    return Message(Place(body.TOPIC, 0, 0), attributes, body)


def fired(timer: Schedule, now: datetime) -> DeadlineExpired:
    return DeadlineExpired(
        timer_id=timer.timer_id,
        kind=timer.kind,
        owner=timer.owner,
        order_id=timer.order_id,
        subject_id=timer.subject_id,
        due_at=timer.due_at,
        fired_at=now,
    )


INSTANT = timedelta(microseconds=1)
