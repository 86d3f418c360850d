"""One process of performance on a real PostgreSQL, without Kafka: it is handed the records of a consumer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import asyncpg

from services.performance.domain.model import OrderRow, SellerRow
from services.performance.handlers import service
from services.performance.store import KINDS
from shared import policies
from shared.contracts.data import Data
from shared.contracts.envelope import Attributes, write_headers
from shared.contracts.messages import BY_TYPE
from shared.contracts.timer import Schedule
from shared.contracts.topics import TOPICS
from shared.kit import clock, db, migrate
from shared.kit.db import Pool
from shared.kit.decode import decoder
from shared.kit.records import Headers, Record
from shared.kit.service import Key, Place
from shared.kit.states import body_from_json
from shared.kit.unit import Applied, Unit
from tests.support.events import Event, event
from tests.unit.performance.office import fired

SERVICE = service(policies.load())
Said = TypeVar("Said", bound=Data)


async def fill(dsn: str) -> None:
    """Make an empty database one of performance."""
    pool = await db.connect_pool(dsn, "performance", 1)
    try:
        async with pool.acquire() as connection:
            await migrate.migrate(connection, ["shared.kit", "services.performance"])
    finally:
        await pool.close()


def record_of(body: Data) -> Event:
    """Put a body into a record, under its order."""
    return event(body, getattr(body, "order_id", ""), getattr(body, "at", clock.real_now()))


@dataclass(slots=True)
class Desk:
    """A process that owns one partition of every topic."""

    pool: Pool
    offsets: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    numbers: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    @property
    def unit(self) -> Unit:
        return Unit(self.pool, SERVICE, decoder(SERVICE.check))

    async def apply(self, *bodies: Data) -> Applied:
        """Apply these as one batch."""
        return await self.apply_records(*map(record_of, bodies))

    async def apply_records(self, *events: Event) -> Applied:
        """Apply these records as one batch."""
        expected = {(each.topic, 0): self.offsets[each.topic] for each in events}
        return await self.unit.apply([self._record(each) for each in events], expected)

    async def fire(self, until: datetime) -> None:
        """Let every timer that was set and is due by then come, the earliest first."""
        done: set[str] = set()
        while due := [
            timer
            for timer in await self.said(Schedule)
            if timer.due_at <= until and timer.timer_id not in done
        ]:
            first = min(due, key=lambda timer: timer.due_at)
            done.add(first.timer_id)
            await self.apply(fired(first, until))

    async def wait_for_orders_no_more(self, order_id: str) -> None:
        """Refuse what has waited for this order until now."""
        await self.unit.refuse_overdue([Key("order", order_id)], clock.real_now())

    def _record(self, each: Event) -> Record:
        offset = self.offsets[each.topic]
        self.offsets[each.topic] = offset + 1
        place = Place(each.topic, 0, offset)
        return Record(place, 0, each.key.encode(), each.value, tuple(self._headers(each)))

    def _headers(self, each: Event) -> Headers:
        """Give facts the number that they have among those of their order: the same again for a copy."""
        if not TOPICS[each.topic].sequenced:
            return each.headers
        known = self.numbers.setdefault((each.topic, each.key), [])
        if each.event_id not in known:
            known.append(each.event_id)
        number = known.index(each.event_id) + 1
        return write_headers(Attributes(each.event_id, "/recourse/test", each.data.TYPE, sequence=number))

    async def order(self, order_id: str = "order-1") -> OrderRow:
        found: OrderRow = await self._row(0, order_id)
        return found

    async def seller(self, seller_id: str = "seller-1") -> SellerRow:
        found: SellerRow = await self._row(1, seller_id)
        return found

    async def _row(self, kind: int, name: str) -> Any:
        row = await self.pool.fetchrow(
            "SELECT schema_version, body FROM state WHERE kind = $1 AND key = $2", KINDS[kind].name, name
        )
        assert row is not None
        return body_from_json(KINDS[kind], row["schema_version"], row["body"])

    async def said(self, kind: type[Said]) -> Sequence[Said]:
        """Return what is to be sent of one type, in its order."""
        rows = await self.pool.fetch(
            "SELECT payload FROM outbox WHERE type = $1 ORDER BY position", kind.TYPE
        )
        return [kind.model_validate_json(row["payload"]) for row in rows]

    async def all_said(self) -> list[str]:
        """Return the types of all that is to be sent, in its order."""
        rows = await self.pool.fetch("SELECT type FROM outbox ORDER BY position")
        assert all(row["type"] in BY_TYPE for row in rows)
        return [row["type"].removesuffix(".v1") for row in rows]

    async def table(self, name: str) -> list[asyncpg.Record]:
        return list(await self.pool.fetch(f"TABLE {name}"))
