"""One process of orders on a real PostgreSQL, without Kafka: it is handed the records that a consumer would bring."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter

from services.orders import store
from services.orders.domain.model import OrderRow, Seller, Stock, Tracking
from services.orders.handlers import service
from services.orders.translate.policies import Policies
from shared import policies
from shared.contracts.data import Data
from shared.kit import db, migrate
from shared.kit.db import Pool
from shared.kit.decode import decoder
from shared.kit.records import Record
from shared.kit.service import Place
from shared.kit.unit import Unit
from tests.support.events import Event, Header

POLICIES = Policies(policies.load())
SERVICE = service(POLICIES)
Fact = TypeVar("Fact", bound=Data)


@dataclass(frozen=True, slots=True)
class Numbered(Event):
    """A fact of another service's, with its number among those of its order."""

    sequence: int = 1

    @property
    def headers(self) -> Sequence[Header]:
        """The envelope, with the number and as its service writes it."""
        source = ("ce_source", f"/recourse/{self.topic.partition('.')[0]}".encode())
        others = [header for header in Event.headers.__get__(self) if header[0] != "ce_source"]
        return [*others, source, ("ce_sequence", str(self.sequence).encode())]


def numbered(data: Data, order_id: str, at: datetime, sequence: int) -> Numbered:
    """Make a numbered record of another service's fact."""
    return Numbered(data.TOPIC, order_id, f"{data.TYPE}-{order_id}-{sequence}", data, at, sequence)


async def fill(dsn: str) -> None:
    """Make an empty database one of orders."""
    pool = await db.connect_pool(dsn, "orders", 1)
    try:
        async with pool.acquire() as connection:
            await migrate.migrate(connection, ["shared.kit", "services.orders"])
    finally:
        await pool.close()


@dataclass(slots=True)
class Desk:
    """A process that owns one partition of every topic."""

    pool: Pool
    partition: int = 0
    offsets: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def apply(self, *events: Event) -> None:
        """Apply these records as one batch, and in the order in which they are given."""
        expected = {(event.topic, self.partition): self.offsets[event.topic] for event in events}
        await Unit(self.pool, SERVICE, decoder(SERVICE.check)).apply(
            [self._record(event) for event in events], expected
        )

    def _record(self, event: Event) -> Record:
        offset = self.offsets[event.topic]
        self.offsets[event.topic] = offset + 1
        headers = tuple(event.headers)
        return Record(Place(event.topic, self.partition, offset), 0, event.key.encode(), event.value, headers)

    async def order(self, order_id: str) -> OrderRow:
        """Return an order's row as it is stored."""
        found: OrderRow = await self._row(OrderRow, "order", order_id)
        return found

    async def stock(self, seller_id: str, sku: str) -> Stock:
        """Return a sku's row as it is stored."""
        found: Stock = await self._row(Stock, *store.stock_key(seller_id, sku))
        return found

    async def tracking(self, carrier: str, number: str) -> Tracking:
        """Return a tracking number's row as it is stored."""
        found: Tracking = await self._row(Tracking, *store.tracking_key(carrier, number))
        return found

    async def seller(self, seller_id: str) -> Seller:
        """Return a seller's row as it is stored."""
        found: Seller = await self._row(Seller, "seller", seller_id)
        return found

    async def _row(self, state: type[Any], kind: str, key: str) -> Any:
        body = await self.pool.fetchval("SELECT body FROM state WHERE kind = $1 AND key = $2", kind, key)
        return TypeAdapter(state).validate_json(body)

    async def said(self, kind: type[Fact]) -> list[Fact]:
        """Return what is to be sent of this type, in the order in which it will be."""
        rows = await self.pool.fetch(
            "SELECT payload FROM outbox WHERE type = $1 ORDER BY position", kind.TYPE
        )
        return [kind.model_validate_json(row["payload"]) for row in rows]

    async def numbers(self, order_id: str) -> list[tuple[str, int]]:
        """Return the types and numbers of what is to be said on an order's own topic."""
        rows = await self.pool.fetch(
            "SELECT type, headers FROM outbox WHERE aggregatetype = 'orders.events' AND aggregateid = $1"
            " ORDER BY position",
            order_id,
        )
        return [(row["type"], int(dict(json.loads(row["headers"]))["ce_sequence"])) for row in rows]

    async def waiting(self) -> int:
        """Return how many sessions wait for a lock in this database."""
        found: int = await self.pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return found
