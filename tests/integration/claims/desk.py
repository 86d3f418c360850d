"""One process of claims on a real PostgreSQL, without Kafka: it is handed the records of a consumer."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter

from services.claims.domain.state import OrderState
from shared.contracts.data import Data
from shared.contracts.envelope import Attributes, write_headers
from shared.contracts.messages import BY_TYPE
from shared.contracts.topics import TOPICS
from shared.kit import db, migrate
from shared.kit.clock import ClockFile
from shared.kit.db import Pool
from shared.kit.decode import decoder
from shared.kit.records import Headers, Record
from shared.kit.service import Place
from shared.kit.unit import Unit
from tests.support.events import Event, event
from tests.unit.claims.messages import SERVICE

Fact = TypeVar("Fact", bound=Data)


async def fill(dsn: str) -> None:
    """Make an empty database one of claims."""
    pool = await db.connect_pool(dsn, "claims", 1)
    try:
        async with pool.acquire() as connection:
            await migrate.migrate(connection, ["shared.kit", "services.claims"])
    finally:
        await pool.close()


@dataclass(slots=True)
class Desk:
    """A process that owns one partition of every topic, and a clock that is moved by hand."""

    pool: Pool
    clock: ClockFile
    offsets: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    numbers: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    async def apply(self, *bodies: Data, now: datetime) -> Sequence[Event]:
        """Apply these as one batch at this time, and return the records."""
        events = [event(body, "order-1", getattr(body, "at", now)) for body in bodies]
        await self.apply_again(*events, now=now)
        return events

    async def apply_again(self, *events: Event, now: datetime) -> None:
        """Apply records, at new offsets."""
        self.clock.set(now)
        expected = {(each.topic, 0): self.offsets[each.topic] for each in events}
        unit = Unit(self.pool, SERVICE, decoder(SERVICE.check))
        await unit.apply([self._record(each) for each in events], expected)

    def _record(self, each: Event) -> Record:
        offset = self.offsets[each.topic]
        self.offsets[each.topic] = offset + 1
        headers = tuple(self._headers(each))
        return Record(Place(each.topic, 0, offset), 0, each.key.encode(), each.value, headers)

    def _headers(self, each: Event) -> Headers:
        """Give facts the number that they have among those of their order: the same again for a copy."""
        if not TOPICS[each.topic].sequenced:
            return each.headers
        known = self.numbers.setdefault((each.topic, each.key), [])
        if each.event_id not in known:
            known.append(each.event_id)
        number = known.index(each.event_id) + 1
        return write_headers(Attributes(each.event_id, "/recourse/test", each.data.TYPE, sequence=number))

    async def state(self) -> OrderState:
        """Return the order's row as it is stored."""
        body = await self.pool.fetchval("SELECT body FROM state WHERE kind = 'order' AND key = 'order-1'")
        found: OrderState = TypeAdapter(OrderState).validate_json(body)
        return found

    async def said(self) -> Sequence[Data]:
        """Return all that is to be sent, in its order."""
        rows = await self.pool.fetch("SELECT type, payload FROM outbox ORDER BY position")
        return [BY_TYPE[row["type"]].model_validate_json(row["payload"]) for row in rows]

    async def every(self, kind: type[Fact]) -> list[Fact]:
        """Return what is to be sent of one type."""
        return [each for each in await self.said() if isinstance(each, kind)]

    async def numbered(self) -> list[tuple[str, str | None]]:
        """Return the types and the numbers of what is to be said on our own topic."""
        rows = await self.pool.fetch(
            "SELECT type, headers FROM outbox WHERE aggregatetype = 'claims.events' ORDER BY position"
        )
        headers = [dict(json.loads(row["headers"])) for row in rows]
        return [
            (row["type"].removeprefix("claims.").removesuffix(".v1"), each.get("ce_sequence"))
            for row, each in zip(rows, headers, strict=True)
        ]
