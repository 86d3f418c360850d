"""One process of messaging on a real PostgreSQL, without Kafka: it is handed the records of a consumer."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from services.messaging import store
from services.messaging.domain.model import OrderState
from services.messaging.handlers import service
from shared import policies
from shared.contracts.data import Data
from shared.contracts.envelope import Attributes, write_headers
from shared.contracts.examples import example
from shared.contracts.messages import BY_TYPE
from shared.contracts.topics import TOPICS
from shared.kit import clock, db, migrate
from shared.kit.db import Pool
from shared.kit.decode import decoder
from shared.kit.records import Headers, Record
from shared.kit.service import Key, Place
from shared.kit.unit import Unit
from tests.support.events import Event, event

SERVICE = service(policies.load())
PLACED = datetime(2021, 3, 1, 17, tzinfo=UTC)
RELEASED = PLACED + timedelta(minutes=30)


async def fill(dsn: str) -> None:
    """Make an empty database one of messaging."""
    pool = await db.connect_pool(dsn, "messaging", 1)
    try:
        async with pool.acquire() as connection:
            await migrate.migrate(connection, ["shared.kit", "services.messaging"])
    finally:
        await pool.close()


def fact(kind: type[Data], order_id: str = "order-1", **changes: Any) -> Event:
    """Say the golden example of a fact, of another order, with changes."""
    data: Any = example(kind).data
    return event(data.model_copy(update={"order_id": order_id, **changes}), order_id, PLACED)


@dataclass(slots=True)
class Desk:
    """A process that owns one partition of every topic."""

    pool: Pool
    offsets: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    numbers: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    @property
    def unit(self) -> Unit:
        return Unit(self.pool, SERVICE, decoder(SERVICE.check))

    async def apply(self, *events: Event) -> None:
        """Apply these records as one batch."""
        expected = {(each.topic, 0): self.offsets[each.topic] for each in events}
        await self.unit.apply([self._record(each) for each in events], expected)

    async def wait_for_orders_no_more(self, order_id: str) -> None:
        """Refuse what has waited for this order until now."""
        await self.unit.refuse_overdue([Key(store.ORDER, order_id)], clock.real_now())

    def _record(self, each: Event) -> Record:
        offset = self.offsets[each.topic]
        self.offsets[each.topic] = offset + 1
        return Record(
            Place(each.topic, 0, offset), 0, each.key.encode(), each.value, tuple(self._headers(each))
        )

    def _headers(self, each: Event) -> Headers:
        """Give facts the number that they have among those of their order: the same again for a copy."""
        if not TOPICS[each.topic].sequenced:
            return each.headers
        known = self.numbers.setdefault((each.topic, each.key), [])
        if each.event_id not in known:
            known.append(each.event_id)
        number = known.index(each.event_id) + 1
        return write_headers(Attributes(each.event_id, "/recourse/test", each.data.TYPE, sequence=number))

    async def state(self, order_id: str = "order-1") -> OrderState:
        """Return an order's row as it is stored."""
        query = "SELECT body FROM state WHERE kind = 'order' AND key = $1"
        body = await self.pool.fetchval(query, order_id)
        found: OrderState = TypeAdapter(OrderState).validate_json(body)
        return found

    async def said(self) -> Sequence[Data]:
        """Return all that is to be sent, in its order."""
        rows = await self.pool.fetch("SELECT type, payload FROM outbox ORDER BY position")
        return [BY_TYPE[row["type"]].model_validate_json(row["payload"]) for row in rows]

    async def numbered(self) -> list[tuple[str, str | None]]:
        """Return the types and the numbers of what is to be said on our own topic."""
        rows = await self.pool.fetch(
            "SELECT type, headers FROM outbox WHERE aggregatetype = 'messaging.events' ORDER BY position"
        )
        headers = [dict(json.loads(row["headers"])) for row in rows]
        return [
            (row["type"].removeprefix("messaging.").removesuffix(".v1"), each.get("ce_sequence"))
            for row, each in zip(rows, headers, strict=True)
        ]
