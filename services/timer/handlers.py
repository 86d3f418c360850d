"""Kafka in: what is set and cancelled, and the loop that fires what is due."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from services.timer import domain, store, translate
from shared.contracts.timer import Cancel, Schedule
from shared.contracts.topics import TIMER_COMMANDS
from shared.kit import clock, outbox
from shared.kit.db import Connection
from shared.kit.runtime import Parts
from shared.kit.service import Key, Kind, Message, Outcome, Service, States
from shared.kit.transactions import transaction

NAME = "timer"
_FIRED_AT_ONCE_MAX = 1000


def service(loop: Firing) -> Service:
    """Describe the service to the kit."""
    return Service(
        name=NAME,
        kinds=(Kind("order", dict),),
        main=_main,
        handle=_handle,
        apply=loop.apply,
        changed=loop.wake,
        others=loop.look_anew,
    )


def _main(message: Message) -> Key:
    data = message.data
    return Key("order", data.order_id if isinstance(data, Schedule | Cancel) else message.attributes.id)


def _handle(message: Message, _states: States, _now: datetime) -> Outcome:
    return Outcome(effects=(translate.event_of(message),))


class Firing:
    """Fires each deadline once it is due, never before, and sleeps until exactly the next one."""

    def __init__(self, sleep: clock.Sleep | None = None) -> None:
        self._wake = asyncio.Event()
        self._sleep = sleep or (lambda instant: clock.sleep_until(instant, self._wake))
        self._shards: frozenset[int] = frozenset()
        self._since = store.BEGINNING
        self._changes = 0

    def wake(self) -> None:
        """Look again: timers were set."""
        self._wake.set()

    def look_anew(self) -> None:
        """Look again from the beginning: another process may have set timers of our shards."""
        self._since = store.BEGINNING
        self._changes += 1
        self._wake.set()

    async def apply(self, connection: Connection, events: Sequence[domain.Event]) -> None:
        """Write what a batch set and cancelled. One set earlier than what has fired must still fire."""
        change = domain.settle(events)
        await store.change(connection, change)
        earliest = min((timer.due_at for timer in change.set), default=None)
        if earliest is not None and earliest <= self._since.due_at:
            self._since = store.Place(earliest)
        self._changes += 1

    async def run(self, parts: Parts) -> None:
        """Fire until the process stops. What is woken only looks; it fires when something is due."""
        stopping = asyncio.ensure_future(self._wake_at_stop(parts))
        next_due: datetime | None = None
        self._wake.set()
        try:
            while not parts.stopping.is_set():
                self._own(parts.assigned(TIMER_COMMANDS))
                if self._wake.is_set():
                    self._wake.clear()
                    next_due = await self._look(parts)
                if next_due is None or next_due > clock.now():
                    await self._sleep(next_due)
                else:
                    next_due = await self.fire(parts)
        finally:
            stopping.cancel()

    async def fire(self, parts: Parts) -> datetime | None:
        """Fire what is due now, and return when the next one is."""
        async with transaction(parts.pool) as connection:
            shards = await store.lock_shards(connection, sorted(self._shards))
            since, now, changes_before = self._since, clock.now(), self._changes
            channel = None if parts.leads_here() else outbox.wake_channel(NAME)
            fired = await store.fire_due(connection, shards, since, now, _FIRED_AT_ONCE_MAX, channel)
        if fired.count:
            parts.committed()
        # A shard's very first batch is not fenced by its row yet: if one came meanwhile, look again from where we were.
        if fired.up_to and self._changes == changes_before:
            self._since = fired.up_to
        return now if fired.count == _FIRED_AT_ONCE_MAX else fired.next_due_at

    async def _look(self, parts: Parts) -> datetime | None:
        """Return when the next one is due, without a lock: whatever is being set wakes the loop when it is."""
        async with parts.pool.acquire() as connection:
            return await store.next_due(connection, sorted(self._shards), self._since)

    def _own(self, shards: frozenset[int]) -> None:
        if shards != self._shards:
            self._shards = shards
            self.look_anew()

    async def _wake_at_stop(self, parts: Parts) -> None:
        await parts.stopping.wait()
        self._wake.set()
