"""All services on PostgreSQL, and nothing else: what one says the others hear, in batches, each of them counted."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

from services.claims.handlers import service as claims
from services.messaging.handlers import service as messaging
from services.notifications.handlers import service as notifications
from services.orders.handlers import service as orders
from services.orders.translate.policies import Policies
from services.performance.handlers import service as performance
from services.timer.handlers import Firing
from services.timer.handlers import service as timer
from shared import policies
from shared.contracts.topics import TIMER_EVENTS, read_by
from shared.kit import clock, db, housekeeping, migrate
from shared.kit.clock import ClockFile
from shared.kit.db import Pool
from shared.kit.decode import decoder
from shared.kit.fold import Verdict
from shared.kit.limits import Limits
from shared.kit.records import Headers, Record, headers_from_json
from shared.kit.runtime import Parts
from shared.kit.service import Place, Service
from shared.kit.sql import queries
from shared.kit.unit import Unit
from tests.bench.counting import Counts, Meter
from tests.support.events import Event

SERVICES = ("orders", "messaging", "claims", "performance", "notifications", "timer")
PASSED_OVER = "passed over"
IDLE_LOOK = "idle look"
_CATALOGUE = policies.load()
_KIT = queries("shared.kit", "kit.sql")
_LIMITS = Limits()
_PARTITION = 0
_TIMEOUTS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch: who worked on it, what it was, how many records, what it cost, and the CPU seconds of Python alone."""

    who: str
    what: str
    records: int
    counts: Counts
    cpu_seconds: float = 0.0


def described(firing: Firing) -> dict[str, Service]:
    """Describe every service to the kit, as their processes do."""
    return {
        "orders": orders(Policies(_CATALOGUE)),
        "messaging": messaging(_CATALOGUE),
        "claims": claims(_CATALOGUE),
        "performance": performance(_CATALOGUE),
        "notifications": notifications(_CATALOGUE),
        "timer": timer(firing),
    }


async def fill(dsn: str, name: str) -> None:
    """Make an empty database that of a service."""
    pool = await db.connect_pool(dsn, name, 1)
    try:
        async with pool.acquire() as connection:
            await migrate.migrate(connection, ["shared.kit", f"services.{name}"])
        await housekeeping.keep_house(pool, _LIMITS)
    finally:
        await pool.close()


@dataclass(slots=True)
class Seat:
    """One process of a service, with a single connection, and how far it has read each topic."""

    service: Service
    dsn: str
    pool: Pool
    meter: Meter
    read: Counter[str] = field(default_factory=Counter)

    @classmethod
    @asynccontextmanager
    async def taken(cls, service: Service, dsn: str) -> AsyncIterator[Seat]:
        """Open one on a service's database, at the topics' beginnings."""
        # As a service's, but for the time-outs: a busy machine shall be slow, and not wrong.
        session = db._SESSION | dict.fromkeys(_TIMEOUTS, "0")
        async with (
            asyncpg.create_pool(dsn, min_size=1, max_size=1, server_settings=session) as pool,
            Meter.of(pool, dsn) as meter,
        ):
            yield cls(service, dsn, pool, meter)

    async def apply(self, records: Sequence[Record]) -> Batch:
        """Apply one batch, of one kind of records."""
        places = sorted({(record.place.topic, _PARTITION) for record in records})
        expected = {place: self.read[place[0]] for place in places}
        unit = Unit(self.pool, self.service, decoder(self.service.check))
        async with self.meter.counting() as counts:
            began = time.process_time()
            applied = await unit.apply(records, expected)
            cpu_seconds = time.process_time() - began
        assert not applied.dead, applied.dead
        assert not applied.parked, applied.parked
        self.read.update(Counter(record.place.topic for record in records))
        what = PASSED_OVER if set(applied.verdicts) == {Verdict.PASSED_OVER} else what_is(records[0])
        return Batch(self.service.name, what, len(records), counts, cpu_seconds)

    async def sent(self) -> tuple[Sequence[asyncpg.Record], Batch]:
        """Take what is to be sent, as the relay does, but for Kafka; return it in its order."""
        sent: list[asyncpg.Record] = []
        async with self.meter.counting() as counts:
            while rows := await self.pool.fetch(
                _KIT["read_outbox"], _LIMITS.relay_rows_max, _LIMITS.relay_bytes_max, 0
            ):
                positions = [row["position"] for row in rows]
                await self.pool.execute(_KIT["move_outbox"], positions, clock.real_now().date())
                sent += rows
        return sent, Batch("relay", "messages sent", len(sent), counts)


@dataclass(slots=True)
class Town:
    """The services, what lies on each topic, and the clock that is moved by hand."""

    seats: Mapping[str, Seat]
    firing: Firing
    hand: ClockFile
    stopping: asyncio.Event
    next_due: list[datetime | None]
    logs: defaultdict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    batches: list[Batch] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def open(cls, dsns: Mapping[str, str], hand: ClockFile) -> AsyncIterator[Town]:
        """Open every service on its database."""
        stopping = asyncio.Event()
        next_due: list[datetime | None] = []

        async def sleep(until: datetime | None) -> None:
            next_due[:] = [until]
            stopping.set()

        firing = Firing(sleep=sleep)
        async with AsyncExitStack() as stack:
            seats = {
                name: await stack.enter_async_context(Seat.taken(service, dsns[name]))
                for name, service in described(firing).items()
            }
            yield cls(seats, firing, hand, stopping, next_due)

    async def hear(self, events: Iterable[Event]) -> None:
        """Have outsiders say this, and let all services hear it and what follows, until all is quiet."""
        for event in events:
            self.put(event.topic, event.key.encode(), event.value, tuple(event.headers))
        await self.settle()

    async def settle(self) -> None:
        """Let every service read what it has not read, until nothing is left."""
        is_quiet = False
        while not is_quiet:
            is_quiet = True
            for seat in self.seats.values():
                for batch in self._unread(seat):
                    is_quiet = False
                    self.batches.append(await seat.apply(batch))
                    await self._deliver(seat)

    async def advance(self, until: datetime) -> None:
        """Move the clock from deadline to deadline, letting each have its effects."""
        while (due := await self._fire()) is not None and due <= until:
            self.hand.set(due)
        if clock.now() < until:
            self.hand.set(until)

    async def vacuum(self) -> None:
        """Do what autovacuum would have done by now."""
        for seat in self.seats.values():
            await seat.pool.execute("VACUUM (ANALYZE)")

    async def _fire(self) -> datetime | None:
        """Fire what is due now, let all hear it, and return when the next is due."""
        seat = self.seats["timer"]
        while True:
            async with seat.meter.counting() as counts:
                await self.look()
            fired = await self._deliver(seat)
            self.batches.append(Batch("timer", "fired" if fired else IDLE_LOOK, fired, counts))
            if not fired:
                return self.next_due[0]
            await self.settle()

    async def look(self) -> None:
        """Let the timer's loop run until it would sleep."""
        self.stopping.clear()
        await self.firing.run(self.parts)

    @property
    def parts(self) -> Parts:
        """What the timer's process would give to its loop."""
        pool = self.seats["timer"].pool
        return Parts(pool, _LIMITS, lambda: None, lambda _topic: frozenset({_PARTITION}), self.stopping)

    async def _deliver(self, seat: Seat) -> int:
        """Put what a service has said on its topics: the first word of each key, then the second of each.

        So a batch is of one kind. The order of a key stays.
        """
        if not await seat.pool.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
            return 0
        rows, batch = await seat.sent()
        self.batches.append(batch)
        turns: Counter[tuple[str, str]] = Counter()
        said: list[tuple[tuple[int, str], asyncpg.Record]] = []
        for row in rows:
            place = row["aggregatetype"], row["aggregateid"]
            said.append(((turns[place], _kind(_headers(row), row["payload"])), row))
            turns[place] += 1
        for _, row in sorted(said, key=lambda each: each[0]):
            self.put(row["aggregatetype"], row["aggregateid"].encode(), row["payload"], _headers(row))
        return len(rows)

    def put(self, topic: str, key: bytes, value: bytes, headers: Headers) -> None:
        """Put a record at the end of a topic."""
        log = self.logs[topic]
        log.append(Record(Place(topic, _PARTITION, len(log)), 0, key, value, headers))

    def _unread(self, seat: Seat) -> Iterator[Sequence[Record]]:
        """Yield batches of what lies unread, each of one kind; facts before commands before deadlines."""
        for topic in sorted(read_by(seat.service.name), key=lambda each: each.tier):
            log = self.logs[topic.name]
            while (begin := seat.read[topic.name]) < len(log):
                kind, end = what_is(log[begin]), begin
                last = min(len(log), begin + _LIMITS.batch_records_max)
                while end < last and what_is(log[end]) == kind:
                    end += 1
                yield log[begin:end]


def what_is(record: Record) -> str:
    """Name a record's kind."""
    return _kind(record.headers, record.value or b"")


def _kind(headers: Headers, value: bytes) -> str:
    """Name the type without its version; of a deadline, what it is for as well."""
    attributes = dict(headers)
    type_ = (attributes["ce_type"] or b"").decode().removesuffix(".v1")
    if not type_.startswith(TIMER_EVENTS.partition(".")[0]):
        return type_
    body: dict[str, Any] = json.loads(value)
    return f"{type_} {body['kind']}" if "due_at" in body and "fired_at" in body else type_


def _headers(row: asyncpg.Record) -> Headers:
    return tuple(headers_from_json(row["headers"]))
