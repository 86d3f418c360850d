"""Services in memory, on a virtual clock: messages reach their readers at once, deadlines come in their turn."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.contracts import timer
from shared.contracts.data import Command, Data
from shared.contracts.envelope import Attributes, source
from shared.contracts.topics import TIMER_COMMANDS, TOPICS, Tier
from shared.kit import ids
from shared.kit.service import Key, Message, Outcome, Outgoing, Place, Service


@dataclass(frozen=True, slots=True)
class Given:
    """Something from outside: it happened `at`, and is read at `read_at`. `rank` sorts what is read at one instant."""

    id: str
    at: datetime
    read_at: datetime
    data: Data
    rank: int = -1


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a service said at `now`, because of the message `cause`."""

    service: str
    id: str
    at: datetime
    now: datetime
    cause: str
    topic: str
    data: Data


Echo = Callable[[Said], Sequence[Data]]
"""What a service that is not played says to a fact, at once."""


class _Anything(Mapping[Key, Any]):
    """A service's rows: one that was never written is None."""

    def __init__(self) -> None:
        self._rows: dict[Key, Any] = {}

    def __getitem__(self, key: Key) -> Any:
        return self._rows.get(key)

    def __contains__(self, key: object) -> bool:
        return True

    def __iter__(self) -> Iterator[Key]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def write(self, outcome: Outcome) -> None:
        self._rows.update(outcome.states)


@dataclass(order=True, slots=True)
class _Due:
    """What is read when: facts before commands before deadlines, then by rank, by date, as it came."""

    time: datetime
    tier: Tier
    rank: int
    at: datetime
    number: int
    message: Message = field(compare=False)


def _no_echo(_said: Said) -> Sequence[Data]:
    return ()


class World:
    """Plays services. `fired`: when deadlines came in the record; every other one comes when it is due."""

    def __init__(
        self,
        services: Sequence[Service],
        fired: Mapping[str, datetime] | None = None,
        echo: Echo = _no_echo,
    ) -> None:
        self._services = [(service, _Anything()) for service in services]
        self._fired = fired or {}
        self._echo = echo
        self._queue: list[_Due] = []
        self._timers: dict[str, datetime] = {}
        self._heard: set[tuple[str, str]] = set()
        self._count = 0
        self.said: list[Said] = []

    def play(self, given: Iterable[Given], until: datetime | None = None) -> Sequence[Said]:
        """Let all this happen, and whatever follows by `until`; return what was said, in order."""
        for each in given:
            self._put(each.read_at, each.at, self._message(each.id, each.data), each.rank)
        now: datetime | None = None
        while self._queue and (until is None or self._queue[0].time <= until):
            due = heapq.heappop(self._queue)
            now = due.time if now is None else max(now, due.time)
            self._deliver(due.message, now)
        return self.said

    def _put(self, time: datetime, at: datetime, message: Message, rank: int = -1) -> None:
        self._count += 1
        tier = TOPICS[message.topic].tier
        heapq.heappush(self._queue, _Due(time, tier, rank, at, self._count, message))

    def _message(self, id_: str, data: Data, at: datetime | None = None, owner: str = "outside") -> Message:
        attributes = Attributes(id=id_, source=source(owner), type=data.TYPE, time=at)
        return Message(Place(data.TOPIC, 0, self._count), attributes, data)

    def _deliver(self, message: Message, now: datetime) -> None:
        data = message.data
        if isinstance(data, timer.DeadlineExpired) and self._timers.pop(data.timer_id, None) != data.due_at:
            return
        for service, rows in self._services:
            if service.name in TOPICS[message.topic].readers and service.concerns(message):
                outcome = self._outcome(service, rows, message, now)
                rows.write(outcome)
                for out in outcome.out:
                    self._say(service, out, message, now)

    def _outcome(self, service: Service, rows: _Anything, message: Message, now: datetime) -> Outcome:
        if service.check(message.data) is not None:
            return Outcome()
        if isinstance(message.data, Command):
            key = (service.name, message.attributes.id)
            if key in self._heard:
                return Outcome()
            self._heard.add(key)
            if service.refuse_unknown and not service.is_known(rows[service.main(message)]):
                return Outcome(out=[service.refuse_unknown(message, now)])
        return service.handle(message, rows, now)

    def _say(self, service: Service, out: Outgoing, cause: Message, now: datetime) -> None:
        self._count += 1
        id_ = out.id or ids.derived("played", service.name, str(self._count))
        said = Said(service.name, id_, out.at, now, cause.attributes.id, out.topic, out.data)
        self.said.append(said)
        if out.topic == TIMER_COMMANDS:
            self._set(out.data)
            return
        self._put(now, out.at, self._message(id_, out.data, out.at, service.name))
        for data in self._echo(said):
            self._put(now, now, self._message(ids.derived("echo", id_, data.TYPE), data, now))

    def _set(self, data: Data) -> None:
        if isinstance(data, timer.Cancel):
            self._timers.pop(data.timer_id, None)
        elif isinstance(data, timer.Schedule):
            self._timers[data.timer_id] = data.due_at
            fires_at = max(data.due_at, self._fired.get(data.timer_id, data.due_at))
            expired = timer.DeadlineExpired(
                timer_id=data.timer_id,
                kind=data.kind,
                owner=data.owner,
                order_id=data.order_id,
                subject_id=data.subject_id,
                due_at=data.due_at,
                fired_at=fires_at,
            )
            fired_id = ids.derived("fired", data.timer_id)
            self._put(fires_at, data.due_at, self._message(fired_id, expired, fires_at, "timer"))
