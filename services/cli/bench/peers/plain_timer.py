"""Deadlines as people write them: a table, and a loop that polls it. Each deadline is a transaction and a publish.

It keeps the same rows as the timer service and says the same facts. The loop reads a hundred that are due at a time,
takes each out of the table, says so and commits; when none is due it sleeps for a tenth of a second.
"""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from services.cli.bench.peers import plain
from services.timer import domain, store, translate
from shared.contracts.envelope import Known
from shared.contracts.topics import TIMER_COMMANDS
from shared.kit import clock
from shared.kit.decode import decoder
from shared.kit.service import Message

NAME = "timer"
_SLEEP_SECONDS = 0.1
_DUE = "SELECT timer_id FROM timers WHERE due_at <= $1 ORDER BY due_at LIMIT 100"
_TAKE = """
DELETE FROM timers WHERE timer_id = $1
RETURNING timer_id, shard, due_at, kind, owner, order_id, subject_id, cause_id
"""


class PlainTimer:
    """Sets, calls off and fires, one deadline at a time."""

    def __init__(self, pool: asyncpg.Pool[Any], broker: KafkaBroker) -> None:
        self._pool = pool
        self._broker = broker
        self._decode = decoder(lambda _data: None)

    async def handle(self, message: KafkaMessage) -> None:
        """Set a deadline or call it off. The library acknowledges when this returns."""
        record = plain.record_of(message)
        decoded = self._decode(record)
        if not isinstance(decoded, Known) or record.place.topic != TIMER_COMMANDS:
            return
        event = translate.event_of(Message(record.place, decoded.attributes, decoded.data))
        async with self._pool.acquire() as connection, connection.transaction():
            await store.change(connection, domain.settle([event]))

    async def fire(self) -> None:
        """Fire what is due, for ever."""
        while True:
            now = clock.now()
            due = await self._pool.fetch(_DUE, now)
            for row in due:
                async with self._pool.acquire() as connection, connection.transaction():
                    (taken,) = await connection.fetch(_TAKE, row["timer_id"])
                    said = translate.expired(domain.Timer(**dict(taken)), now)
                    headers = plain.headers_of(NAME, said, None, taken["cause_id"])
                    await plain.publish(self._broker, said, headers)
            if not due:
                await asyncio.sleep(_SLEEP_SECONDS)
