"""Kafka out: sends the outbox in order, one relay a service, and moves what Kafka acknowledged.

The lease is an advisory lock of a session that the server ends when it stays silent: a frozen process loses it, and
comes back to find its session gone. What it sends then comes again at a new offset, and readers know it by its
sequence or its id.
"""

from __future__ import annotations

import asyncio
import time
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

Stream = tuple[str, str | bytes | None]
"""A topic and a key: what must stay in order. What has no key has no order."""
_BEHIND = "an earlier message of its key is parked"


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
        self._producer: AIOKafkaProducer = None
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
        self._producer = await self._new_producer()
        try:
            _log.info(logs.Event.RELAY_LEADS)
            parked = await lease.fetch(_SQL["parked_outbox_keys"])
            self._parked = {_stream(row) for row in parked if _stream(row)[1] is not None}
            self.failure = None
            while await self._send_some(lease) or not self._stopping:
                pass
        finally:
            await self._stop(self._producer)

    async def _new_producer(self) -> AIOKafkaProducer:
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
        return producer

    async def _stop(self, producer: AIOKafkaProducer) -> None:
        await asyncio.wait_for(producer.stop(), self._limits.pause_seconds_max)

    async def _send_some(self, lease: asyncpg.Connection[Any]) -> int:
        """Send the lowest rows in order; sleep when there are none. Returns how many there were."""
        self._wake.clear()
        rows = await lease.fetch(_SQL["read_outbox"], self._limits.relay_rows_max)
        if not rows:
            if not self._stopping:
                await self._sleep()
            return 0
        refused: dict[int, str] = {}
        sending = []
        used_at = time.monotonic()
        for row in rows:
            # The producer waits when it is full, and the lease must not end meanwhile.
            if time.monotonic() - used_at > self._limits.relay_poll_seconds:
                await lease.execute("SELECT 1")
                used_at = time.monotonic()
            if self._is_parked(row):
                refused[row["position"]] = _BEHIND
            elif isinstance(future := await self._send(row), Exception):
                refused[row["position"]] = self._park_stream(row, future)
            else:
                sending.append((row, future))
        if doubtful := await self._acknowledged(lease, sending):
            refused |= await self._send_one_by_one(lease, doubtful)
        faults.reach(faults.Point.AFTER_SEND)
        sent = [row["position"] for row in rows if row["position"] not in refused]
        await lease.execute(_SQL["move_outbox"], sent, clock.real_now().date())
        if refused:
            await lease.execute(_SQL["park_outbox"], list(refused), list(refused.values()))
        metrics.SENT.inc(len(sent))
        self.failure = None
        return len(rows)

    async def _send(self, row: asyncpg.Record) -> asyncio.Future[Any] | Exception:
        """Give a row to the producer; returns why it is refused for good, if the producer knows that by itself."""
        key = row["record_key"] if row["aggregateid"] is None else row["aggregateid"].encode()
        # The client library sends no record that has neither key nor value, as a dead letter may have been found.
        value = b"" if key is None and row["payload"] is None else row["payload"]
        try:
            future: asyncio.Future[Any] = await self._producer.send(
                row["aggregatetype"], value=value, key=key, headers=headers_from_json(row["headers"])
            )
        except _FOR_GOOD as error:
            refusal: Exception = error
            return refusal
        return future

    async def _acknowledged(
        self, lease: asyncpg.Connection[Any], sending: Sequence[tuple[asyncpg.Record, asyncio.Future[Any]]]
    ) -> list[asyncpg.Record]:
        """Wait for every acknowledgement, keeping the lease's session awake; return what to send one by one.

        Kafka refuses a batch for one message in it, and then those behind it for the gap in the producer's numbers.
        """
        pending = {future for _, future in sending}
        waits_since = time.monotonic()
        while pending:
            _, pending = await asyncio.wait(pending, timeout=self._limits.relay_poll_seconds)
            if pending:
                await lease.execute("SELECT 1")
                waited = time.monotonic() - waits_since
                if self._stopping and waited > self._limits.pause_seconds_max:
                    raise TimeoutError(f"{len(pending)} messages are left to the next process")
                if waited > self._limits.lease_seconds:
                    self.failure = f"Kafka has not acknowledged {len(pending)} messages for {waited:.0f} s"
        failed = [(row, error) for row, future in sending if (error := future.exception()) is not None]
        if failed and not any(isinstance(error, _FOR_GOOD) for _, error in failed):
            raise failed[0][1]
        return [row for row, _ in failed]

    async def _send_one_by_one(
        self, lease: asyncpg.Connection[Any], rows: Sequence[asyncpg.Record]
    ) -> dict[int, str]:
        """Send each alone, which shows what Kafka refuses; after a refusal its producer's numbers have a gap."""
        refused: dict[int, str] = {}
        await self._renew_producer()
        for row in rows:
            if self._is_parked(row):
                refused[row["position"]] = _BEHIND
            elif error := await self._send_alone(lease, row):
                refused[row["position"]] = self._park_stream(row, error)
                await self._renew_producer()
        return refused

    async def _send_alone(self, lease: asyncpg.Connection[Any], row: asyncpg.Record) -> BaseException | None:
        future = await self._send(row)
        if isinstance(future, Exception):
            return future
        await self._acknowledged(lease, [(row, future)])
        return future.exception()

    async def _renew_producer(self) -> None:
        await self._stop(self._producer)
        self._producer = await self._new_producer()

    def _is_parked(self, row: asyncpg.Record) -> bool:
        return _stream(row) in self._parked

    def _park_stream(self, row: asyncpg.Record, error: BaseException) -> str:
        """Keep back what follows on this key, so that its order is kept; returns the error's text."""
        _log.error(logs.Event.OUTBOX_ROW_PARKED, id=row["id"], topic=row["aggregatetype"])
        if _stream(row)[1] is not None:
            self._parked.add(_stream(row))
        return f"{type(error).__name__}: {error}"

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
    return (row["aggregatetype"], row["record_key"] if row["aggregateid"] is None else row["aggregateid"])


async def _close(connection: asyncpg.Connection[Any]) -> None:
    try:
        await connection.close(timeout=1)
    except _DATABASE_ERRORS:
        connection.terminate()
