"""What was said about an order, by every service: read from their outboxes, in the order in which it happened."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.cli.errors import not_found, usage
from services.cli.reader import built, everywhere
from services.cli.times import written
from shared.contracts.topics import FINANCE_DEBITS, INVENTORY_EVENTS, PERFORMANCE_EVENTS, TOPICS
from shared.kit.sql import queries

if TYPE_CHECKING:
    import asyncpg

SQL = queries("services.cli", "history.sql")
ORDERS_SHOWN_MAX = 5
_SELLER_KEYED = frozenset({FINANCE_DEBITS, INVENTORY_EVENTS, PERFORMANCE_EVENTS})
_ORDER_KEYED = [name for name, topic in TOPICS.items() if topic.order_keyed]


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a service. `is_sent`: whether Kafka has acknowledged it; `at` is business time."""

    service: str
    position: int
    id: str
    topic: str
    key: str
    type: str
    at: datetime
    causation_id: str | None
    sequence: int | None
    data: Mapping[str, Any]
    is_sent: bool

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "id": self.id,
            "type": self.type,
            "service": self.service,
            "topic": self.topic,
            "key": self.key,
            "at": written(self.at),
            "causation_id": self.causation_id,
            "sequence": self.sequence,
            "sent": self.is_sent,
            "data": self.data,
        }


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record of an order that waits (`order`, `gap`, `parked`), or is dead: then its rule and what is wrong."""

    service: str
    topic: str
    offset: int
    fate: str
    at: datetime
    type: str | None
    message: str


class History:
    """Reads histories by the read-only role."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self._connection = connection
        self._services: Sequence[str] = ()

    async def of_order(self, order_id: str) -> Sequence[Said]:
        """Return all that was said about an order, by business time and, within an instant, as it was said."""
        rows = await self._ask("said_about", [order_id])
        told = [_said(row) for row in rows]
        sellers = sorted({str(each.data["seller_id"]) for each in told if each.data.get("seller_id")})
        if sellers:
            more = await self._ask("said_of_seller", sellers, json.dumps(order_id, ensure_ascii=False))
            told += [
                said
                for said in map(_said, more)
                if said.topic in _SELLER_KEYED and said.data.get("order_id") == order_id
            ]
        return sorted(told, key=lambda said: (said.at, said.service, said.position))

    async def orders_of(self, any_id: str) -> Sequence[str]:
        """Return the orders that an id is about: an order's own, a claim's, a contact's, an event's, a timer's.

        Raises CommandError when there is none.
        """
        is_order = await self._ask("is_order", any_id, _ORDER_KEYED)
        if is_order or await self.waiting_for(any_id):
            return [any_id]
        word = json.dumps(any_id, ensure_ascii=False)
        rows = await self._ask("mentions", any_id, word, _ORDER_KEYED)
        if not rows:
            raise not_found(
                f"Nothing is known of {any_id}.",
                "no service has said anything about it.",
                "see that it is written as on the topics, and that what it is about was published.",
            )
        return sorted({row["key"] for row in rows})

    async def order_of(self, any_id: str) -> str:
        """Return the one order that an id is about. Raises CommandError when there is none, or more than one."""
        found = await self.orders_of(any_id)
        if len(found) > 1:
            shown = ", ".join(found[:ORDERS_SHOWN_MAX])
            raise usage(
                f"{any_id} is named in {len(found)} orders.",
                f"they are {shown}{' …' if len(found) > ORDERS_SHOWN_MAX else ''}.",
                "name one of the orders.",
            )
        return found[0]

    async def waiting_for(self, order_id: str) -> Sequence[Waiting]:
        """Return the records of an order that wait or are dead."""
        return [_waiting(row) for row in await self._ask("waiting_for", order_id)]

    async def _ask(self, query: str, *arguments: Any) -> Sequence[asyncpg.Record]:
        self._services = self._services or await built(self._connection)
        found: list[asyncpg.Record] = await self._connection.fetch(
            everywhere(SQL[query], self._services), *arguments
        )
        return found


def _said(row: asyncpg.Record) -> Said:
    headers = _headers(row["headers"])
    sequence = headers.get("ce_sequence")
    return Said(
        service=row["service"],
        position=row["position"],
        id=row["id"],
        topic=row["topic"],
        key=row["key"],
        type=row["type"],
        at=datetime.fromisoformat(headers["ce_time"]),
        causation_id=headers.get("ce_causationid"),
        sequence=int(sequence) if sequence else None,
        data=json.loads(row["payload"]),
        is_sent=row["is_sent"],
    )


def _waiting(row: asyncpg.Record) -> Waiting:
    type_ = _headers(row["headers"]).get("ce_type")
    place = (row["service"], row["topic"], row["offset"])
    return Waiting(*place, row["fate"], row["at"], type_, row["message"])


def _headers(written: str) -> dict[str, str]:
    """Read headers that are text; as found, others are of no use here."""
    return {name: value for name, value in json.loads(written) if isinstance(value, str)}
