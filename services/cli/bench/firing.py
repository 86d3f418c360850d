"""One side fires what is due: its rate from the first record in Kafka to the last, and that each came once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from services.cli.bench import loading, mix
from services.cli.bench.benchmark import check
from services.cli.bench.deadlines import KIND, PGQUEUER, PROCRASTINATE, RECOURSE, Deadlines, Tables
from services.cli.bench.draining import wait_until_ready
from services.cli.bench.ground import Ground, topics_of
from services.cli.bench.peers import pgqueuer_timers, procrastinate_timers
from services.cli.bench.rounds import Rate
from services.cli.bench.watching import Watch, what_is_wrong
from services.cli.errors import CommandError, Exit
from services.cli.story.events import Event
from shared.contracts.timer import Cancel, DeadlineExpired
from shared.contracts.topics import TIMER_COMMANDS, TIMER_EVENTS, Installation
from shared.kit import clock

SERVICE = "timer"
_STOP_SECONDS_MAX = 30.0
_DONE_SECONDS_MAX = 60.0
_LOOK_SECONDS = 0.05
_FIRST_COMMANDS = 200
"""Enough for each partition to get some."""

Started = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Side:
    """One that fires: where its deadlines are, which topics it writes, and how it is started; that returns its end."""

    name: str
    tables: Tables
    is_peer: bool
    start: Callable[[Ground], Started]


def _ours(ground: Ground) -> Started:
    process = ground.service(SERVICE)
    process.start()
    return process.stop


def _pgqueuer(ground: Ground) -> Started:
    return _peers(ground, "pgqueuer_timers", pgqueuer_timers.PROCESSES)


def _procrastinate(ground: Ground) -> Started:
    return _peers(ground, "procrastinate_timers", procrastinate_timers.PROCESSES)


def _peers(ground: Ground, module: str, count: int) -> Started:
    told = ("--database-url", ground.postgres.admin_dsn, "--kafka", ground.kafka.bootstrap)
    children = [ground.peer(module, *told) for _ in range(count)]

    def stop() -> None:
        for child in children:
            child.stop(seconds_max=_STOP_SECONDS_MAX)

    return stop


OURS = Side("recourse", RECOURSE, is_peer=False, start=_ours)
PGQUEUER_SIDE = Side("pgqueuer", PGQUEUER, is_peer=True, start=_pgqueuer)
PROCRASTINATE_SIDE = Side("procrastinate", PROCRASTINATE, is_peer=True, start=_procrastinate)


async def prepare(ground: Ground, connection: asyncpg.Connection[Any]) -> Deadlines:
    """Make every side's tables, and let the service hear something in each partition."""
    url = ground.postgres.admin_dsn
    await pgqueuer_timers.install(url)
    await procrastinate_timers.install(url)
    process = ground.service(SERVICE)
    process.start()
    try:
        await asyncio.to_thread(wait_until_ready, process)
        await loading.send(ground.kafka.bootstrap, (_nothing(number) for number in range(_FIRST_COMMANDS)))
        await _until_heard(connection)
    finally:
        await asyncio.to_thread(process.stop)
    deadlines = Deadlines(connection)
    await deadlines.prepare()
    return deadlines


def _nothing(number: int) -> loading.Sent:
    return mix.sent(Event(Cancel(timer_id="none", order_id=f"none-{number}"), clock.real_now()))


async def _until_heard(connection: asyncpg.Connection[Any]) -> None:
    give_up = time.monotonic() + _DONE_SECONDS_MAX
    while (
        await connection.fetchval("SELECT sum(applied) FROM timer.offsets WHERE topic = $1", TIMER_COMMANDS)
        != _FIRST_COMMANDS
    ):
        if time.monotonic() > give_up:
            raise CommandError(
                Exit.CHECK_FAILED,
                what="The timer did not hear its commands.",
                why="it stands still.",
                remedy="see the logs of the run.",
            )
        await asyncio.sleep(_LOOK_SECONDS)


async def fire(ground: Ground, deadlines: Deadlines, side: Side, prefix: str, count: int) -> Rate:
    """Let so many be due, start the side, and see all of them come; then see that nothing is left of them."""
    await deadlines.make_due(side.tables, prefix, count)
    await deadlines.settle(side.tables)
    topics = topics_of([TIMER_EVENTS], plain=side.is_peer)
    watch = await Watch.open(ground.kafka.bootstrap, topics, Installation().order_partitions)
    try:
        stop = await asyncio.to_thread(side.start, ground)
        try:
            rate = await watch.rate(count, 1)
            left = await _until_nothing_is_left(deadlines, side.tables)
        finally:
            await asyncio.to_thread(stop)
        orders: Sequence[str] = [f"{prefix}-{number}" for number in range(count)]
        check(
            what_is_wrong(await watch.all(), [f"{DeadlineExpired.TYPE} {KIND}"], orders),
            f"{side.name} has {left} deadlines left that are due" if left else None,
        )
        return rate
    finally:
        await watch.close()


async def _until_nothing_is_left(deadlines: Deadlines, tables: Tables) -> int:
    """A side may complete a deadline after its record is in Kafka; returns what it never does."""
    give_up = time.monotonic() + _DONE_SECONDS_MAX
    left = await deadlines.left(tables)
    while left and time.monotonic() < give_up:
        await asyncio.sleep(_LOOK_SECONDS)
        left = await deadlines.left(tables)
    return left
