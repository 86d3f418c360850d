"""Kafka out: sends the outbox in order, one relay a service, and moves what Kafka acknowledged.

The lease is an advisory lock of a session that the server ends when it stays silent: a frozen process loses it, and
comes back to find its session gone. What it sends then comes again at a new offset, and readers know it by its
sequence or its id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
)

from shared.contracts.topics import DEAD_LETTER_BYTES_MAX
from shared.kit import clock, db, faults, logs, metrics
from shared.kit.limits import Limits
from shared.kit.outbox import wake_channel
from shared.kit.records import headers_from_json
from shared.kit.sql import queries

_SQL = queries("shared.kit", "kit.sql")
_log = logs.logger()

_FOR_GOOD = (MessageSizeTooLargeError, RecordTooLargeError, InvalidTopicError, TopicAuthorizationFailedError)
_REQUEST_BYTES_MAX = DEAD_LETTER_BYTES_MAX + 256 * 1024

Stream = tuple[str, str | None]
"""A topic and a key: what must stay in order."""


class Relay:
    """Sends one service's outbox while it holds the lease; waits for the lease otherwise."""

    def __init__(self, database_url: str, bootstrap_servers: str, service: str, limits: Limits) -> None:
        self._database_url = database_url
        self._bootstrap_servers = bootstrap_servers
        self._service = service
        self._limits = limits
        self._wake = asyncio.Event()
        self._stopping = False
        self._parked: set[Stream] = set()
        self.failure: str | None = None

    def wake(self) -> None:
        """Look at the outbox now: this process has just committed."""
        self._wake.set()

    def stop(self) -> None:
        """Finish what is being sent, then end."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Send until stopped; after a failure begin again with new connections."""
        pause_seconds = 0.1
        while not self._stopping:
            try:
                await self._session()
            except (KafkaError, *_DATABASE_ERRORS) as error:
                self.failure = f"{type(error).__name__}: {error}"
                _log.warning(logs.Event.RELAY_FAILED, error=self.failure, pause_seconds=pause_seconds)
                await asyncio.sleep(pause_seconds)
                pause_seconds = min(2 * pause_seconds, self._limits.pause_seconds_max)
            else:
                pause_seconds = 0.1

    async def _session(self) -> None:
        lease_ms = str(int(self._limits.lease_seconds * 1000))
        lease = await db.connect(self._database_url, self._service, "relay", idle_session_timeout=lease_ms)
        try:
            ears = await db.connect(self._database_url, self._service, "ears")
            try:
                await ears.add_listener(wake_channel(self._service), lambda *_: self._wake.set())
                if await self._take_lease(lease):
                    await self._lead(lease)
            finally:
                await _close(ears)
        finally:
            await _close(lease)

    async def _take_lease(self, lease: asyncpg.Connection[Any]) -> bool:
        while not self._stopping:
            if await lease.fetchval(_SQL["lead"]):
                return True
            self.failure = None
            await self._sleep()
        return False

    async def _lead(self, lease: asyncpg.Connection[Any]) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap_servers,
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            max_batch_size=256 * 1024,
            max_request_size=_REQUEST_BYTES_MAX,
            metadata_max_age_ms=10_000,
        )
        await producer.start()
        try:
            _log.info(logs.Event.RELAY_LEADS)
            parked = await lease.fetch(_SQL["parked_outbox_keys"])
            self._parked = {(row["aggregatetype"], row["aggregateid"]) for row in parked}
            self.failure = None
            while await self._send_some(lease, producer) or not self._stopping:
                pass
        finally:
            await asyncio.wait_for(producer.stop(), self._limits.pause_seconds_max)

    async def _send_some(self, lease: asyncpg.Connection[Any], producer: AIOKafkaProducer) -> int:
        """Send the lowest rows in order; sleep when there are none. Returns how many there were."""
        self._wake.clear()
        rows = await lease.fetch(_SQL["read_outbox"], self._limits.relay_rows_max)
        if not rows:
            if not self._stopping:
                await self._sleep()
            return 0
        sendable = [row for row in rows if _stream(row) not in self._parked]
        kept = (row["position"] for row in rows if _stream(row) in self._parked)
        refused = dict.fromkeys(kept, "an earlier message of its key is parked")
        futures = [await self._send(producer, row) for row in sendable]
        refused |= await self._await_all(lease, sendable, futures)
        faults.reach(faults.Point.AFTER_SEND)
        sent = [row["position"] for row in rows if row["position"] not in refused]
        await lease.execute(_SQL["move_outbox"], sent, clock.real_now().date())
        await self._park(lease, rows, refused)
        metrics.SENT.inc(len(sent))
        self.failure = None
        return len(rows)

    async def _send(self, producer: AIOKafkaProducer, row: asyncpg.Record) -> asyncio.Future[Any]:
        key = row["record_key"] if row["aggregateid"] is None else row["aggregateid"].encode()
        try:
            future: asyncio.Future[Any] = await producer.send(
                row["aggregatetype"], value=row["payload"], key=key, headers=headers_from_json(row["headers"])
            )
        except _FOR_GOOD as error:
            future = asyncio.get_running_loop().create_future()
            future.set_exception(error)
        return future

    async def _await_all(
        self,
        lease: asyncpg.Connection[Any],
        rows: Sequence[asyncpg.Record],
        futures: Sequence[asyncio.Future[Any]],
    ) -> dict[int, str]:
        """Wait for every acknowledgement, keeping the lease's session awake; return what Kafka refused for good."""
        pending = set(futures)
        while pending:
            _, pending = await asyncio.wait(pending, timeout=self._limits.relay_poll_seconds)
            if pending:
                await lease.execute("SELECT 1")
        errors = [(row, future.exception()) for row, future in zip(rows, futures, strict=True)]
        for _, error in errors:
            if error is not None and not isinstance(error, _FOR_GOOD):
                raise error
        return {
            row["position"]: f"{type(error).__name__}: {error}" for row, error in errors if error is not None
        }

    async def _park(
        self, lease: asyncpg.Connection[Any], rows: Sequence[asyncpg.Record], refused: dict[int, str]
    ) -> None:
        if not refused:
            return
        await lease.execute(_SQL["park_outbox"], list(refused), list(refused.values()))
        for row in rows:
            if row["position"] in refused and _stream(row) not in self._parked:
                self._parked.add(_stream(row))
                _log.error(logs.Event.OUTBOX_ROW_PARKED, id=row["id"], topic=row["aggregatetype"])

    async def _sleep(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self._limits.relay_poll_seconds)
        except TimeoutError:
            return


_DATABASE_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)


def _stream(row: asyncpg.Record) -> Stream:
    return (row["aggregatetype"], row["aggregateid"])


async def _close(connection: asyncpg.Connection[Any]) -> None:
    try:
        await connection.close(timeout=1)
    except _DATABASE_ERRORS:
        connection.terminate()
