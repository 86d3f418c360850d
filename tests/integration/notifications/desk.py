"""One process of notifications on a real PostgreSQL, without Kafka: it is handed the records of a consumer."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from services.notifications.handlers import service
from services.notifications.mailer import Mailer, Terms
from shared import policies
from shared.contracts.data import Data
from shared.contracts.envelope import Attributes, write_headers
from shared.contracts.examples import example
from shared.contracts.notifications import NotificationFailed, NotificationSent
from shared.contracts.topics import TOPICS
from shared.kit import db, ids, migrate
from shared.kit.db import Pool
from shared.kit.decode import decoder
from shared.kit.limits import Limits
from shared.kit.records import Record
from shared.kit.runtime import Parts
from shared.kit.service import Place
from shared.kit.unit import Unit

SERVICE = service(policies.load())


async def fill(dsn: str) -> None:
    """Make an empty database one of notifications."""
    pool = await db.connect_pool(dsn, "notifications", 1)
    try:
        async with pool.acquire() as connection:
            await migrate.migrate(connection, ["shared.kit", "services.notifications"])
    finally:
        await pool.close()


@dataclass(frozen=True, slots=True)
class Said:
    """One fact of another service, as its relay would send it, and what a careless one might add to its body."""

    data: Data
    key: str
    event_id: str
    added: tuple[tuple[str, Any], ...] = ()

    @property
    def value(self) -> bytes:
        return json.dumps(json.loads(self.data.to_json()) | dict(self.added)).encode()


def said(message: type[Data], order_id: str = "order-1", **changes: Any) -> Said:
    """Say the golden example of a message, of another order, with changes."""
    found = example(message)
    data = found.data
    if hasattr(data, "order_id"):
        changes = {"order_id": order_id, **changes}
    event_id = ids.derived(order_id, found.attributes.id, repr(sorted(changes.items())))
    return Said(data.model_copy(update=changes), order_id, event_id)


async def until(condition: Callable[[], Awaitable[object]], seconds_max: float = 20) -> None:
    """Wait until something can be seen to be so, in the tables or elsewhere."""
    async with asyncio.timeout(seconds_max):
        while not await condition():  # noqa: ASYNC110  who changes the tables can't set an event here
            await asyncio.sleep(0.005)


@dataclass(slots=True)
class Desk:
    """A process that owns one partition of every topic, and may send mails."""

    dsn: str
    pool: Pool
    partition: int = 0
    offsets: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    numbers: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    async def hear(self, *facts: Said) -> None:
        """Apply these as one batch; facts that are numbered get the next number of their order."""
        expected = {(fact.data.TOPIC, self.partition): self.offsets[fact.data.TOPIC] for fact in facts}
        records = [self.record(fact) for fact in facts]
        await Unit(self.pool, SERVICE, decoder(SERVICE.check)).apply(records, expected)

    def record(self, fact: Said) -> Record:
        topic = fact.data.TOPIC
        offset = self.offsets[topic]
        self.offsets[topic] = offset + 1
        sequence = None
        if TOPICS[topic].sequenced:
            self.numbers[topic, fact.key] += 1
            sequence = self.numbers[topic, fact.key]
        headers = write_headers(
            Attributes(fact.event_id, "/recourse/test", fact.data.TYPE, sequence=sequence)
        )
        place = Place(topic, self.partition, offset)
        return Record(place, 0, fact.key.encode(), fact.value, tuple(headers))

    async def mails(self) -> list[dict[str, Any]]:
        """Return the queue in its order."""
        rows = await self.pool.fetch("SELECT * FROM mails ORDER BY position")
        return [dict(row) for row in rows]

    async def statuses(self) -> list[tuple[str, str]]:
        """Return the template and the status of each mail."""
        return [(mail["template"], mail["status"]) for mail in await self.mails()]

    async def told(self) -> list[NotificationSent | NotificationFailed]:
        """Return what is to be said of mails."""
        kinds = {kind.TYPE: kind for kind in (NotificationSent, NotificationFailed)}
        rows = await self.pool.fetch("SELECT type, payload, headers FROM outbox ORDER BY position")
        found = [(kinds[row["type"]], row) for row in rows if row["type"] in kinds]
        for kind, row in found:
            body = kind.model_validate_json(row["payload"])
            assert dict(json.loads(row["headers"]))["ce_causationid"] == body.cause_id
        return [kind.model_validate_json(row["payload"]) for kind, row in found]

    async def has_told(self, how_many: int) -> None:
        """Wait until so much was said of mails."""

        async def enough() -> bool:
            return len(await self.told()) >= how_many

        await until(enough)

    def parts(self, stopping: asyncio.Event | None = None) -> Parts:
        """Give what the runtime gives to a task of the service's own."""
        return Parts(self.pool, Limits(), lambda: None, lambda _: frozenset(), stopping or asyncio.Event())

    def mailer(self, smtp_url: str, **changes: Any) -> Mailer:
        """Make a mailer that is quick to try again."""
        terms: dict[str, Any] = {
            "smtp_url": smtp_url,
            "from_name": "Purchase Guarantee",
            "from_address": "guarantee@marketplace.example",
            "smtp_seconds_max": 5,
            "connections_max": 1,
            "tries_max": 50,
            "wait_seconds": 0.02,
            "wait_seconds_max": 0.1,
        }
        return Mailer(self.dsn, Terms(**terms | changes))

    @asynccontextmanager
    async def mailing(self, mailer: Mailer) -> AsyncIterator[None]:
        """Let the mailer's loop run beside; it is stopped as the process would stop it."""
        stopping = asyncio.Event()
        task = asyncio.ensure_future(mailer.run(self.parts(stopping)))
        try:
            yield
        finally:
            stopping.set()
            await asyncio.wait_for(task, 20)
