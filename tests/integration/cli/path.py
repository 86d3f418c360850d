"""The whole path on a real PostgreSQL, without Kafka: lists of records stand in for its logs."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zlib import crc32

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
from shared.contracts.topics import TIMER_COMMANDS, read_by
from shared.kit import db, migrate
from shared.kit.clock import ClockFile
from shared.kit.db import Pool
from shared.kit.decode import decoder
from shared.kit.limits import Limits
from shared.kit.records import Record, headers_from_json
from shared.kit.runtime import Parts
from shared.kit.service import Place, Service
from shared.kit.sql import queries
from shared.kit.tally import Partition
from shared.kit.unit import Unit
from tests.support.events import Event

PARTITIONS = 4
SERVICES = ("orders", "messaging", "claims", "timer", "notifications", "performance")
_KIT = queries("shared.kit", "kit.sql")
_TODAY = date(2027, 1, 4)


async def fill(dsn: str) -> None:
    """Make every service's tables, each in a schema of its own."""
    connection = await asyncpg.connect(dsn)
    for service in SERVICES:
        await connection.execute(f"CREATE SCHEMA {service}; SET search_path = {service}")
        await migrate.migrate(connection, ["shared.kit", f"services.{service}"])
    await connection.close()


@dataclass(slots=True)
class _Process:
    pool: Pool
    service: Service
    read: defaultdict[Partition, int] = field(default_factory=lambda: defaultdict(int))


class Path:
    """Every service on one database, and a clock that is moved by hand."""

    def __init__(self, pools: dict[str, Pool], clock: ClockFile) -> None:
        catalogue = policies.load()
        self._firing = Firing()
        self._firing._own(frozenset(range(PARTITIONS)))
        described = (
            orders(Policies(catalogue)),
            messaging(catalogue),
            claims(catalogue),
            timer(self._firing),
            notifications(catalogue),
            performance(catalogue),
        )
        self._processes = [_Process(pools[service.name], service) for service in described]
        self._logs: defaultdict[Partition, list[Record]] = defaultdict(list)
        self._clock = clock
        parts = Parts(pools["timer"], Limits(), lambda: None, self._shards, asyncio.Event())
        self._parts = parts

    def _shards(self, topic: str) -> frozenset[int]:
        assert topic == TIMER_COMMANDS
        return frozenset(range(PARTITIONS))

    async def send(self, *events: Event) -> None:
        """Let outsiders say this, and wait until all that follows has happened."""
        for event in events:
            self._append(event.topic, event.key.encode(), event.value, list(event.headers))
        await self.settle()

    async def go_to(self, instant: datetime) -> None:
        """Move the clock on, from deadline to deadline."""
        while True:
            due_at = await self._parts.pool.fetchval("SELECT min(due_at) FROM timers")
            if due_at is None or due_at > instant:
                break
            self._clock.set(max(due_at, self._clock.now()))
            await self.settle()
        self._clock.set(instant)
        await self.settle()

    async def settle(self) -> None:
        """Read and send until nobody has anything to say."""
        moved = True
        while moved:
            await self._firing.fire(self._parts)
            moved = any([await self._relay(process) for process in self._processes])
            moved = any([await self._read(process) for process in self._processes]) or moved

    async def _relay(self, process: _Process) -> bool:
        rows = await process.pool.fetch(_KIT["read_outbox"], 10_000, 10**9, 0)
        for row in rows:
            key = row["record_key"] if row["aggregateid"] is None else row["aggregateid"].encode()
            self._append(row["aggregatetype"], key, row["payload"], headers_from_json(row["headers"]))
        await process.pool.execute(_KIT["move_outbox"], [row["position"] for row in rows], _TODAY)
        return bool(rows)

    async def _read(self, process: _Process) -> bool:
        """Read everything unread, facts before commands before deadlines."""
        moved = False
        unit = Unit(process.pool, process.service, decoder(process.service.check))
        for topic in sorted(read_by(process.service.name), key=lambda topic: topic.tier):
            places = [(topic.name, number) for number in range(PARTITIONS)]
            expected = {place: process.read[place] for place in places}
            records = [record for place in places for record in self._logs[place][process.read[place] :]]
            if records:
                applied = await unit.apply(records, expected)
                process.read.update(applied.next_offsets)
                moved = True
        return moved

    def _append(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes | None]]
    ) -> None:
        log = self._logs[topic, crc32(key or b"") % PARTITIONS]
        place = Place(topic, crc32(key or b"") % PARTITIONS, len(log))
        log.append(Record(place, 0, key, value, headers))


@asynccontextmanager
async def path(dsn: str, clock: ClockFile) -> AsyncIterator[Path]:
    """Give the path on a database that `fill` has filled."""
    pools = {
        service: await db.connect_pool(f"{dsn}?search_path={service}", service, 2) for service in SERVICES
    }
    try:
        yield Path(pools, clock)
    finally:
        for pool in pools.values():
            await pool.close()


START = datetime(2027, 1, 4, 8, tzinfo=UTC)
