"""The life of a service's process: start in order, run until a signal or a broken part, drain, end."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import uvloop
from aiokafka.errors import KafkaError

from shared.contracts.topics import read_by
from shared.kit import clock, db, health, housekeeping, logs, metrics, migrate
from shared.kit.consumer import Consumer, Group, connect
from shared.kit.db import Pool
from shared.kit.decode import decoder
from shared.kit.erasure import Erasing
from shared.kit.limits import Limits
from shared.kit.lookup import Lookup
from shared.kit.relay import Relay
from shared.kit.service import Service
from shared.kit.settings import KitSettings, refuse
from shared.kit.sql import queries
from shared.kit.unit import Unit

_SQL = queries("shared.kit", "kit.sql")
_log = logs.logger()


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service's own tasks may use.

    `committed` is to be called after every commit that appended to the outbox. `assigned` names the partitions of
    a topic that this process owns. `leads_here` says whether the relay that sends runs in this process: it needs no
    notification then.
    """

    pool: Pool
    limits: Limits
    committed: Callable[[], None]
    assigned: Callable[[str], frozenset[int]]
    stopping: asyncio.Event
    leads_here: Callable[[], bool] = lambda: False


Task = Callable[[Parts], Awaitable[None]]
"""A loop of a service's own that runs beside the consumer until `stopping` is set."""


def run(service: Service, package: str, settings: KitSettings, beside: Sequence[Task] = ()) -> None:
    """Run the service until SIGTERM or SIGINT. A part that breaks for good ends the process with exit code 1."""
    if settings.environment == "production" and settings.clock_file is not None:
        refuse(["CLOCK_FILE: a clock that can be moved is refused when ENVIRONMENT is production"])
    logs.configure(service.name, settings.log_level)
    os.nice(settings.niceness)
    try:
        clock.bind(settings.clock_file)
    except (OSError, ValueError) as error:
        refuse([f"CLOCK_FILE: {error}"])
    uvloop.run(_Process(service, package, settings, beside).live())


class _Process:
    def __init__(self, service: Service, package: str, settings: KitSettings, beside: Sequence[Task]) -> None:
        self._service = service
        self._package = package
        self._settings = settings
        self._beside = beside
        self._limits = Limits(
            batch_records_max=settings.batch_records_max,
            order_wait_seconds=settings.order_wait_seconds,
            session_seconds=settings.session_seconds,
            pause_seconds_max=settings.pause_seconds_max,
        )
        self._stopping = asyncio.Event()
        self._pool: Pool | None = None
        self._consumer: Consumer | None = None
        self._relay: Relay | None = None

    async def live(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        _log.info(logs.Event.STARTING, environment=self._settings.environment)
        async with AsyncExitStack() as stack:
            app = health.application(self._service.name, self._why_not_ready)
            pages = health.server(app, self._settings.health_host, self._settings.health_port)
            serving = asyncio.ensure_future(pages.serve())
            stack.push_async_callback(_finish, serving, lambda: setattr(pages, "should_exit", True))
            failed = await self._work(stack)
            _log.info(logs.Event.STOPPING, why=failed or "signal")
        _log.info(logs.Event.STOPPED)
        if failed:
            raise SystemExit(1)

    async def _work(self, stack: AsyncExitStack) -> str | None:
        """Start everything in order and wait for the end; returns what broke, if anything did."""
        self._pool = pool = await self._patiently(
            lambda: db.connect_pool(
                self._settings.database_url, self._service.name, self._settings.database_connections_max
            )
        )
        if pool is None:
            return None
        stack.push_async_callback(_within, db.CONNECT_SECONDS_MAX, pool.close)
        await self._migrate(pool)
        lookup = Lookup(self._settings.kafka_bootstrap_servers)
        if await self._patiently(lambda: _started(lookup)) is None:
            return None
        stack.push_async_callback(_within, db.CONNECT_SECONDS_MAX, lookup.stop)
        self._relay = relay = Relay(
            self._settings.database_url,
            self._settings.kafka_bootstrap_servers,
            self._service.name,
            self._limits,
        )
        relaying = asyncio.ensure_future(relay.run())
        stack.push_async_callback(_finish, relaying, relay.stop)
        erasing = Erasing(pool, self._service, self._limits, relay.wake)
        unit = Unit(
            pool, self._service, decoder(self._service.check), relay.wake, erasing.wake, lambda: relay.leads
        )
        self._consumer = consumer = Consumer(
            unit, pool, lookup, read_by(self._service.name), self._limits, self._service.others
        )
        broker = connect(self._settings.kafka_bootstrap_servers, self._limits)
        consumer.subscribe(broker, Group(f"recourse-{self._service.name}", self._settings.instance_id))
        await broker.start()
        stack.push_async_callback(_within, self._limits.drain_seconds_max, broker.stop)
        stack.push_async_callback(consumer.drain)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        _log.info(logs.Event.READY)
        parts = Parts(pool, self._limits, relay.wake, consumer.assigned, self._stopping, lambda: relay.leads)
        return await self._run_beside(relaying, consumer, erasing, parts)

    async def _migrate(self, pool: Pool) -> None:
        async with pool.acquire() as connection:
            ran = await migrate.migrate(connection, ["shared.kit", self._package])
        if ran:
            _log.info(logs.Event.MIGRATED, ran=list(ran))
        await housekeeping.keep_house(pool, self._limits)

    async def _patiently(self, start: Callable[[], Awaitable[Any]]) -> Any:
        """Start something, waiting while what it needs is away; None when the process is to stop meanwhile."""
        pause_seconds = 0.2
        while not self._stopping.is_set():
            try:
                return await start()
            except Exception as error:
                if not (db.is_away(error) or isinstance(error, KafkaError)):
                    raise
                _log.warning(logs.Event.TASK_FAILED, task="start", error=f"{type(error).__name__}: {error}")
            await _wait(self._stopping, pause_seconds)
            pause_seconds = min(2 * pause_seconds, self._limits.pause_seconds_max)
        return None

    async def _run_beside(
        self, relaying: asyncio.Future[None], consumer: Consumer, erasing: Erasing, parts: Parts
    ) -> str | None:
        tasks = {
            "relay": relaying,
            "gate": asyncio.ensure_future(self._steadily("gate", consumer.open_gates)),
            "offsets": asyncio.ensure_future(self._steadily("offsets", consumer.commit_offsets)),
            "overdue": asyncio.ensure_future(self._steadily("overdue", consumer.refuse_overdue_commands)),
            "erasures": asyncio.ensure_future(
                self._steadily("erasures", partial(erasing.run, self._stopping))
            ),
            "house": asyncio.ensure_future(self._steadily("house", lambda: self._keep_house(parts.pool))),
        }
        for number, task in enumerate(self._beside):
            name = f"own {number}"
            tasks[name] = asyncio.ensure_future(self._steadily(name, partial(task, parts)))
        stopped = asyncio.ensure_future(self._until_stopping())
        done, _ = await asyncio.wait({stopped, *tasks.values()}, return_when=asyncio.FIRST_COMPLETED)
        self._stopping.set()
        await consumer.drain()
        own = [task for name, task in tasks.items() if name != "relay"]
        _, late = await asyncio.wait(own, timeout=self._limits.drain_seconds_max)
        for unfinished in late:
            unfinished.cancel()
        broken = [
            name for name, task in tasks.items() if task in done and (stopped not in done or task.exception())
        ]
        for name in broken:
            error = tasks[name].exception()
            _log.error(logs.Event.TASK_FAILED, task=name, error=repr(error), exc_info=error)
        return f"{', '.join(broken)} broke" if broken else None

    async def _steadily(self, name: str, task: Callable[[], Awaitable[None]]) -> None:
        """Run a task until the process stops, again after a pause when what it needs was away."""
        pause_seconds = 0.1
        while not self._stopping.is_set():
            try:
                await task()
            except Exception as error:
                if not (db.is_away(error) or isinstance(error, KafkaError)):
                    raise
                _log.warning(logs.Event.TASK_FAILED, task=name, error=f"{type(error).__name__}: {error}")
                await _wait(self._stopping, pause_seconds)
                pause_seconds = min(2 * pause_seconds, self._limits.pause_seconds_max)

    async def _until_stopping(self) -> None:
        await self._stopping.wait()

    async def _keep_house(self, pool: Pool) -> None:
        while not self._stopping.is_set():
            await _wait(self._stopping, housekeeping.HOURLY_SECONDS)
            await housekeeping.keep_house(pool, self._limits)

    async def _why_not_ready(self) -> str | None:
        if self._pool is None or self._consumer is None or self._relay is None:
            return "starting: waits for the database and Kafka"
        try:
            counts: Any = await self._pool.fetchrow(_SQL["counts"], timeout=db.CONNECT_SECONDS_MAX)
        except Exception as error:  # noqa: BLE001  whatever keeps the database from answering is the answer
            return f"the database does not answer: {type(error).__name__}: {error}"
        metrics.OUTBOX.set(counts["outbox"])
        metrics.PARKED_KEYS.set(counts["parked_keys"])
        metrics.DEAD_LETTERS.set(counts["dead"])
        metrics.ERASURES.set(counts["erasures"])
        return self._consumer.why_not_ready() or self._relay.failure


async def _started(lookup: Lookup) -> Lookup:
    await lookup.start()
    return lookup


async def _within(seconds_max: float, stop: Callable[[], Awaitable[None]]) -> None:
    """Close something; what is away can't be told goodbye, and must not hold up the end."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds_max):
            await stop()


async def _finish(task: asyncio.Future[None], stop: Callable[[], None]) -> None:
    stop()
    await asyncio.wait({task}, timeout=db.STATEMENT_SECONDS_MAX)
    task.cancel()


async def _wait(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
