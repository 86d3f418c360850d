"""One message, one transaction, one acknowledgement: a FastStream handler as its own pages write it.

It makes the same decisions with the same functions as the service it stands for, keeps the same states, and says the
same facts. It has no outbox and drops no copies: a crash between its commit and its sends loses what it had to say.

`--workers` above 1 is the tuned form: that many handlers at once, each with partitions of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import uvloop
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from services.cli.bench.described import described
from shared.contracts.envelope import Attributes, Known, write_headers
from shared.contracts.topics import read_by
from shared.kit import clock, ids
from shared.kit.decode import decoder
from shared.kit.records import Record
from shared.kit.service import Key, Message, Outgoing, Place, Service
from shared.kit.states import body_from_json, body_to_json

PREFIX = "plain."
"""Its topics and its schema are its own, so that both sides find the same records untouched."""

_TABLE = "CREATE TABLE IF NOT EXISTS state (kind text, key text, sequence bigint, body jsonb, PRIMARY KEY (kind, key))"
_LOAD = """
SELECT s.kind, s.key, s.sequence, s.body
FROM state s JOIN unnest($1::text[], $2::text[]) AS k (kind, key) ON s.kind = k.kind AND s.key = k.key
ORDER BY s.kind, s.key FOR UPDATE OF s
"""
_SAVE = """
INSERT INTO state (kind, key, sequence, body) VALUES ($1, $2, $3, $4::jsonb)
ON CONFLICT (kind, key) DO UPDATE SET sequence = excluded.sequence, body = excluded.body
"""


def topic_of(name: str) -> str:
    """Name the peer's own copy of a topic."""
    return PREFIX + name


class Plain:
    """Handles one message at a time."""

    def __init__(self, service: Service, pool: asyncpg.Pool[Any], broker: KafkaBroker) -> None:
        self._service = service
        self._pool = pool
        self._broker = broker
        self._decode = decoder(service.check)
        self._kinds = {kind.name: kind for kind in service.kinds}
        self._publishers: dict[str, Any] = {}

    async def handle(self, message: KafkaMessage) -> None:
        """Decide, keep, say. The library acknowledges when this returns."""
        found: Any = message.raw_message
        place = Place(found.topic.removeprefix(PREFIX), found.partition, found.offset)
        record = Record(place, found.timestamp, found.key, found.value, tuple(found.headers))
        decoded = self._decode(record)
        if not isinstance(decoded, Known):
            return
        heard = Message(place, decoded.attributes, decoded.data)
        if not self._service.concerns(heard):
            return
        async with self._pool.acquire() as connection, connection.transaction():
            said = await self._decide(connection, heard)
        for out, headers in said:
            await self._broker.publish(
                out.data.to_json(), topic_of(out.topic), key=out.key.encode(), headers=headers
            )

    async def _decide(self, connection: Any, heard: Message) -> Sequence[tuple[Outgoing, dict[str, str]]]:
        main = self._service.main(heard)
        (more,) = await self._service.related(connection, [heard])
        keys = list(dict.fromkeys((main, *self._service.keys(heard), *more)))
        rows = {
            Key(row["kind"], row["key"]): row
            for row in await connection.fetch(_LOAD, [key.kind for key in keys], [key.id for key in keys])
        }
        states = {key: self._state(key, rows) for key in keys}
        outcome = self._service.handle(heard, states, clock.now())
        sequence = rows[main]["sequence"] if main in rows else 0
        said = []
        for out in outcome.out:
            sequence += 1
            said.append((out, self._headers(out, heard, sequence)))
        for key, state in {**({main: states[main]} if said else {}), **outcome.states}.items():
            number = sequence if key == main else 0
            await connection.execute(
                _SAVE, key.kind, key.id, number, body_to_json(self._kinds[key.kind], state)
            )
        if outcome.effects:
            await self._service.apply(connection, outcome.effects)
        return said

    def _state(self, key: Key, rows: Mapping[Key, Any]) -> Any:
        return body_from_json(self._kinds[key.kind], 1, rows[key]["body"]) if key in rows else None

    def _headers(self, out: Outgoing, cause: Message, sequence: int) -> dict[str, str]:
        attributes = Attributes(
            id=out.id or ids.fresh(),
            source=f"/recourse/{self._service.name}",
            type=out.data.TYPE,
            subject=out.key,
            time=out.at,
            correlation_id=getattr(out.data, "order_id", None),
            causation_id=cause.attributes.id,
            sequence=sequence,
        )
        return {name: value.decode() for name, value in write_headers(attributes)}


async def run(service: Service, database_url: str, kafka: str, workers: int) -> None:
    """Serve until SIGTERM."""
    schema = f"{PREFIX}{service.name}".replace(".", "_")
    setup = await asyncpg.connect(database_url)
    await setup.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
    await setup.close()
    pool = await asyncpg.create_pool(
        database_url, min_size=workers, max_size=workers, server_settings={"search_path": schema}
    )
    await pool.execute(_TABLE)
    broker = KafkaBroker(
        kafka, acks="all", enable_idempotence=True, allow_auto_create_topics=False, logger=None
    )
    plain = Plain(service, pool, broker)
    # With more than one worker the library asks for one topic a subscriber, and gives each worker its partitions.
    tuned: Any = {"max_workers": workers} if workers > 1 else {}
    for topic in read_by(service.name):
        broker.subscriber(
            topic_of(topic.name),
            group_id=f"plain-{service.name}-{topic.name}",
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.ACK,
            **tuned,
        )(plain.handle)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await broker.start()
    await stopping.wait()
    await broker.stop()
    await pool.close()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser()
    for name in ("--service", "--database-url", "--kafka"):
        parser.add_argument(name, required=True)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    uvloop.run(run(described(given.service), given.database_url, given.kafka, given.workers))


if __name__ == "__main__":
    main()
