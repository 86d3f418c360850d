"""One message, one transaction, one acknowledgement: a FastStream handler as its own pages write it.

It makes the same decisions with the same functions as the service it stands for, keeps the same states, and says the
same facts. It has no outbox and drops no copies: a crash between its commit and its sends loses what it had to say.

`--workers` above 1 is the tuned form: that many handlers at once, each with partitions of its own, and what a message
leads to is sent at once instead of one by one. The timer is in `plain_timer.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage

from services.cli.bench.described import described
from shared.contracts.data import field_of
from shared.contracts.envelope import Attributes, Known, write_headers
from shared.contracts.topics import read_by
from shared.kit import clock, ids
from shared.kit.decode import decoder
from shared.kit.errors import StatesMissing
from shared.kit.migrate import migrate
from shared.kit.records import Record
from shared.kit.service import Key, Message, Outgoing, Place, Service
from shared.kit.states import body_from_json, body_to_json

PREFIX = "plain."
"""Its topics and its schema are its own, so that both sides find the same records untouched."""

_CONNECTIONS_MAX = 10
"""The pool's own default: handlers of several topics take turns on them."""
_LOOK_SECONDS = 0.02

_TABLE = "CREATE TABLE IF NOT EXISTS state (kind text, key text, sequence bigint, body json, PRIMARY KEY (kind, key))"
_LOAD = """
SELECT s.kind, s.key, s.sequence, s.body
FROM state s JOIN unnest($1::text[], $2::text[]) AS k (kind, key) ON s.kind = k.kind AND s.key = k.key
ORDER BY s.kind, s.key FOR UPDATE OF s
"""
_SAVE = """
INSERT INTO state (kind, key, sequence, body) VALUES ($1, $2, $3, $4::json)
ON CONFLICT (kind, key) DO UPDATE SET sequence = excluded.sequence, body = excluded.body
"""

Said = tuple[Outgoing, dict[str, str]]
"""A message, and the headers of its envelope."""


def topic_of(name: str) -> str:
    """Name the peer's own copy of a topic."""
    return PREFIX + name


def group_of(service: str, topic: str) -> str:
    """Name the consumer group that reads a topic for a service."""
    return f"plain-{service}-{topic}"


def schema_of(service: str) -> str:
    """Name the peer's own schema that stands for a service's."""
    return f"{PREFIX}{service}".replace(".", "_")


def record_of(message: KafkaMessage) -> Record:
    """Return what the library brought, as the kit calls it."""
    found: Any = message.raw_message
    place = Place(found.topic.removeprefix(PREFIX), found.partition, found.offset)
    return Record(place, found.timestamp, found.key, found.value, tuple(found.headers))


def headers_of(service: str, out: Outgoing, sequence: int | None, causation_id: str) -> dict[str, str]:
    """Put a message into its envelope."""
    attributes = Attributes(
        id=out.id or ids.fresh(),
        source=f"/recourse/{service}",
        type=out.data.TYPE,
        subject=out.key,
        time=out.at,
        correlation_id=field_of(out.data, "order_id"),
        causation_id=causation_id,
        sequence=sequence,
    )
    return {name: value.decode() for name, value in write_headers(attributes)}


async def publish(broker: KafkaBroker, out: Outgoing, headers: Mapping[str, str]) -> None:
    """Send one message and await its acknowledgement."""
    await broker.publish(out.data.to_json(), topic_of(out.topic), key=out.key.encode(), headers=dict(headers))


async def publish_together(broker: KafkaBroker, said: Sequence[Said]) -> None:
    """Send messages, and await all acknowledgements. They are handed over in turn, so a key's keep their order."""
    sending = [
        await broker.publish(
            out.data.to_json(), topic_of(out.topic), key=out.key.encode(), headers=headers, no_confirm=True
        )
        for out, headers in said
    ]
    await asyncio.gather(*sending)


class Plain:
    """Handles one message at a time."""

    def __init__(
        self, service: Service, pool: asyncpg.Pool[Any], broker: KafkaBroker, *, is_tuned: bool
    ) -> None:
        self._service = service
        self._is_tuned = is_tuned
        self._pool = pool
        self._broker = broker
        self._decode = decoder(service.check)
        self._kinds = {kind.name: kind for kind in service.kinds}

    async def handle(self, message: KafkaMessage) -> None:
        """Decide, keep, say. The library acknowledges when this returns."""
        record = record_of(message)
        decoded = self._decode(record)
        if not isinstance(decoded, Known):
            return
        heard = Message(record.place, decoded.attributes, decoded.data)
        if not self._service.concerns(heard):
            return
        async with self._pool.acquire() as connection, connection.transaction():
            said = await self._decide(connection, heard)
        if self._is_tuned:
            await publish_together(self._broker, said)
            return
        for out, headers in said:
            await publish(self._broker, out, headers)

    async def _decide(self, connection: Any, heard: Message, missing: Sequence[Key] = ()) -> Sequence[Said]:
        main = self._service.main(heard)
        (more,) = await self._service.related(connection, [heard])
        keys = list(dict.fromkeys((main, *self._service.keys(heard), *more, *missing)))
        rows = {
            Key(row["kind"], row["key"]): row
            for row in await connection.fetch(_LOAD, [key.kind for key in keys], [key.id for key in keys])
        }
        states = {key: self._state(key, rows) for key in keys}
        try:
            outcome = self._service.handle(heard, states, clock.now())
        except StatesMissing as error:
            return await self._decide(connection, heard, error.keys)
        sequence = rows[main]["sequence"] if main in rows else 0
        said = []
        for out in outcome.out:
            sequence += 1
            said.append((out, headers_of(self._service.name, out, sequence, heard.attributes.id)))
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


Handle = Callable[[KafkaMessage], Awaitable[None]]


async def _pool(service: str, database_url: str, workers: int) -> asyncpg.Pool[Any]:
    """Open a pool on a schema of the peer's own, with the tables that the service brings and one for its states."""
    schema = schema_of(service)
    setup = await asyncpg.connect(database_url, server_settings={"search_path": schema})
    await setup.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
    await setup.execute(_TABLE)
    await migrate(setup, [f"services.{service}"])
    await setup.close()
    return await asyncpg.create_pool(
        database_url,
        min_size=workers,
        max_size=max(workers, _CONNECTIONS_MAX),
        server_settings={"search_path": schema},
    )


def _subscribe(broker: KafkaBroker, service: str, handle: Handle, workers: int) -> Sequence[Any]:
    # With more than one worker the library asks for one topic a subscriber, and gives each worker its partitions.
    tuned: Any = {"max_workers": workers} if workers > 1 else {}
    subscribers = []
    for topic in read_by(service):
        subscriber = broker.subscriber(
            topic_of(topic.name),
            group_id=group_of(service, topic.name),
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.ACK,
            **tuned,
        )
        subscriber(handle)
        subscribers.append(subscriber)
    return subscribers


async def _until_assigned(subscribers: Sequence[Any]) -> None:
    """Wait until every subscriber has its partitions."""
    while not all(each.consumer.assignment() for each in subscribers):  # noqa: ASYNC110  no event tells of it
        await asyncio.sleep(_LOOK_SECONDS)


async def run(given: argparse.Namespace) -> None:
    """Serve until SIGTERM."""
    clock.bind(given.clock)
    pool = await _pool(given.service, given.database_url, given.workers)
    broker = KafkaBroker(
        given.kafka, acks="all", enable_idempotence=True, allow_auto_create_topics=False, logger=None
    )
    beside: list[asyncio.Future[Any]] = []
    if given.service == "timer":
        from services.cli.bench.peers.plain_timer import PlainTimer

        timer = PlainTimer(pool, broker)
        handle: Handle = timer.handle
        fire: Callable[[], Awaitable[None]] | None = timer.fire
    else:
        plain = Plain(described(given.service), pool, broker, is_tuned=given.workers > 1)
        handle, fire = plain.handle, None
    subscribers = _subscribe(broker, given.service, handle, given.workers)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await broker.start()
    if fire is not None:
        beside.append(asyncio.ensure_future(fire()))
    if given.ready is not None and given.workers == 1:
        await _until_assigned(subscribers)
        await asyncio.to_thread(given.ready.touch)
    await asyncio.wait([*beside, asyncio.ensure_future(stopping.wait())], return_when=asyncio.FIRST_COMPLETED)
    for task in beside:
        task.cancel()
    await broker.stop()
    await pool.close()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser()
    for name in ("--service", "--database-url", "--kafka"):
        parser.add_argument(name, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--clock", type=Path, help="the file of a clock that can be moved")
    parser.add_argument("--ready", type=Path, help="made when every topic is being read")
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
