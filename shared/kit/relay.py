"""Kafka out: sends the outbox in order, one relay a service, and moves what Kafka acknowledged.

The lease is an advisory lock of a session that the server ends when it stays silent: a frozen process loses it, and
comes back to find its session gone. What it sends then comes again at a new offset, and readers know it by its
sequence or its id.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
)

from shared.kit import clock, db, faults, logs, metrics
from shared.kit.limits import Limits
from shared.kit.low_water import LowWaterMark
from shared.kit.outbox import wake_channel
from shared.kit.packing import REQUEST_BYTES_MAX, Packer, Row, key_of, value_of
from shared.kit.records import headers_from_json
from shared.kit.sql import queries

_SQL = queries("shared.kit", "kit.sql")
_log = logs.logger()

_FOR_GOOD = (MessageSizeTooLargeError, RecordTooLargeError, InvalidTopicError, TopicAuthorizationFailedError)
_ROWS_AT_ONCE = 200

Stream = tuple[str, str | bytes | None]
"""A topic and a key: what must stay in order. What has no key has no order."""
_BEHIND = "an earlier message of its key is parked"
_Result = TypeVar("_Result")


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
        self._mark = LowWaterMark()
        self._producer: AIOKafkaProducer = None
        self.leads = False
        self.failure: str | None = None

    @property
    def reads_from(self) -> int:
        """From which position it reads: all below is gone, and none comes there any more."""
        return self._mark.position

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
            self._mark = LowWaterMark()
            self.failure = None
            self.leads = True
            while True:
                self._wake.clear()
                rows = await self._send_some(lease)
                if not self._may_be_more(rows) and not self._stopping:
                    # What is committed from now on wakes us: here by this process, elsewhere by a notification.
                    await self._sleep()
                elif not rows:
                    break
        finally:
            # What is committed from now on wakes whoever leads next. It was told of nothing that came before, and
            # begins by reading.
            self.leads = False
            await self._stop(self._producer)

    async def _new_producer(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap_servers,
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            max_batch_size=256 * 1024,
            max_request_size=REQUEST_BYTES_MAX,
            metadata_max_age_ms=10_000,
        )
        await producer.start()
        return producer

    async def _stop(self, producer: AIOKafkaProducer) -> None:
        await asyncio.wait_for(producer.stop(), self._limits.pause_seconds_max)

    def _may_be_more(self, rows: Sequence[Row]) -> bool:
        is_full = len(rows) >= self._limits.relay_rows_max
        return is_full or sum(len(row["payload"] or b"") for row in rows) >= self._limits.relay_bytes_max

    async def _send_some(self, lease: asyncpg.Connection[Any]) -> Sequence[Row]:
        """Send the lowest rows in order, and return them."""
        await self._mark.look(lease)
        most = self._limits.relay_rows_max, self._limits.relay_bytes_max
        rows: Sequence[Row] = await lease.fetch(_SQL["read_outbox"], *most, self._mark.position)
        self._mark.rise(rows)
        if not rows:
            return ()
        refused: dict[int, str] = {}
        if doubtful := await self._awake(lease, self._send_batches(rows, refused), len(rows)):
            refused |= await self._send_one_by_one(lease, doubtful)
        faults.reach(faults.Point.AFTER_SEND)
        sent = [row["position"] for row in rows if row["position"] not in refused]
        await lease.execute(_SQL["move_outbox"], sent, clock.real_now().date())
        if refused:
            await lease.execute(_SQL["park_outbox"], list(refused), list(refused.values()))
        metrics.SENT.inc(len(sent))
        self.failure = None
        return rows

    async def _send_batches(self, rows: Sequence[Row], refused: dict[int, str]) -> list[Row]:
        """Send all but what is refused before it is sent. Returns what to send one by one, in order.

        Kafka refuses a batch for one message in it, which keeps back those behind it in its partition.
        """
        packer = Packer(self._producer)
        for number, row in enumerate(rows):
            if number % _ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)  # Kafka's heartbeat and the next batch live in the same loop
            if self._is_parked(row):
                refused[row["position"]] = _BEHIND
                continue
            try:
                await packer.add(row)
            except _FOR_GOOD as error:
                refused[row["position"]] = self._park_stream(row, error)
        failed = await packer.send()
        if failed and not any(isinstance(each.error, _FOR_GOOD) for each in failed):
            raise failed[0].error
        return sorted((row for each in failed for row in each.rows), key=lambda row: int(row["position"]))

    async def _send_one_by_one(self, lease: asyncpg.Connection[Any], rows: Sequence[Row]) -> dict[int, str]:
        """Send each alone, which shows what Kafka refuses; after a refusal its producer's numbers have a gap."""
        refused: dict[int, str] = {}
        await self._renew_producer()
        for row in rows:
            if self._is_parked(row):
                refused[row["position"]] = _BEHIND
            elif error := await self._awake(lease, self._send_alone(row), 1):
                refused[row["position"]] = self._park_stream(row, error)
                await self._renew_producer()
        return refused

    async def _send_alone(self, row: Row) -> KafkaError | None:
        """Send one row; returns why it is refused for good, if it is."""
        key = key_of(row)
        try:
            await self._producer.send_and_wait(
                row["aggregatetype"],
                value=value_of(row, key),
                key=key,
                headers=headers_from_json(row["headers"]),
            )
        except _FOR_GOOD as error:
            refusal: KafkaError = error
            return refusal
        return None

    async def _awake(
        self, lease: asyncpg.Connection[Any], work: Coroutine[Any, Any, _Result], count: int
    ) -> _Result:
        """Return what comes of the work, keeping the lease's session awake: the producer waits while Kafka is away."""
        task = asyncio.ensure_future(work)
        waits_since = time.monotonic()
        try:
            while not (await asyncio.wait({task}, timeout=self._limits.relay_poll_seconds))[0]:
                await lease.execute("SELECT 1")
                waited = time.monotonic() - waits_since
                if self._stopping and waited > self._limits.pause_seconds_max:
                    raise TimeoutError(f"{count} messages are left to the next process")
                if waited > self._limits.lease_seconds:
                    self.failure = f"Kafka has not acknowledged {count} messages for {waited:.0f} s"
            return task.result()
        finally:
            task.cancel()

    async def _renew_producer(self) -> None:
        await self._stop(self._producer)
        self._producer = await self._new_producer()

    def _is_parked(self, row: Row) -> bool:
        return bool(self._parked) and _stream(row) in self._parked

    def _park_stream(self, row: Row, error: BaseException) -> str:
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


def _stream(row: Row) -> Stream:
    return (row["aggregatetype"], row["record_key"] if row["aggregateid"] is None else row["aggregateid"])


async def _close(connection: asyncpg.Connection[Any]) -> None:
    try:
        await connection.close(timeout=1)
    except _DATABASE_ERRORS:
        connection.terminate()
