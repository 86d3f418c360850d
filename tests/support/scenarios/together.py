"""The other runner: all scenarios at once, under all policies, through a whole system with Kafka and PostgreSQL.

Their parts are merged by business time, each has orders and people of its own, and the clock goes from one instant at
which something happens in any of them to the next. What came of one is looked at when its last part has settled: the
others go on, and what falls due for it later is no part of its story. When deadlines come is known from memory; one
that the system set otherwise comes late there, and is seen.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from services.claims.store import KINDS as CLAIMS_KINDS
from services.cli.addresses import System
from services.cli.advance import movable_clock
from services.cli.quiet import Quiet, looking
from services.messaging.store import KINDS as MESSAGING_KINDS
from services.orders.store import KINDS as ORDERS_KINDS
from shared.contracts import topics
from shared.contracts.data import Data
from shared.contracts.envelope import Attributes, Known, read, write_headers
from shared.contracts.notifications import NotificationSent
from shared.contracts.timer import DeadlineExpired
from shared.kit.clock import ClockFile
from shared.kit.service import Key
from shared.kit.states import body_from_json
from tests.support.scenarios.ending import ends_of
from tests.support.scenarios.in_memory import played
from tests.support.scenarios.judging import differences
from tests.support.scenarios.playing import Part, Play
from tests.support.scenarios.speaking import Sent
from tests.support.scenarios.telling import SECTION_TOPICS, Sources, tell

_HEARD = (*SECTION_TOPICS.values(), topics.FINANCE_DEBITS, topics.NOTIFICATIONS_EVENTS)
_KINDS = {"orders": ORDERS_KINDS[0], "messaging": MESSAGING_KINDS[0], "claims": CLAIMS_KINDS[0]}
_STATES = "SELECT key, schema_version, body FROM {service}.state WHERE kind = $1 AND key = ANY($2::text[])"


@dataclass(frozen=True, slots=True)
class Programme:
    """What happens when: the parts of each instant, and the plays that end there."""

    parts: Mapping[datetime, Sequence[Part]]
    ending: Mapping[datetime, Sequence[Play]]
    stops: Sequence[datetime]


def programme(plays: Iterable[Play]) -> Programme:
    """Merge the plays by time, with the instants at which their deadlines come in memory."""
    parts: defaultdict[datetime, list[Part]] = defaultdict(list)
    ending: defaultdict[datetime, list[Play]] = defaultdict(list)
    stops: set[datetime] = set()
    for play in plays:
        for part in play.parts:
            parts[part.at].append(part)
        ending[play.parts[-1].at].append(play)
        done = played(play)
        stops |= {said.data.fired_at for said in done.said if isinstance(said.data, DeadlineExpired)}
    return Programme(parts, ending, sorted(stops | set(parts)))


@dataclass(slots=True)
class Ear:
    """Reads what the system says, in order, and sorts it by play."""

    consumer: AIOKafkaConsumer
    plays: Mapping[str, Play]
    """By the ids of orders and of sellers."""
    said: defaultdict[str, list[tuple[str, Data]]] = field(default_factory=lambda: defaultdict(list))
    mails: defaultdict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    async def listen(self) -> None:
        """Read up to where the logs end now."""
        ends = await self.consumer.end_offsets(list(self.consumer.assignment()))
        while [place for place in ends if await self.consumer.position(place) < ends[place]]:
            batches = await self.consumer.getmany(timeout_ms=200)
            for records in batches.values():
                for record in records:
                    self._note(record)

    def _note(self, record: Any) -> None:
        found = read(record.topic, record.headers, record.value)
        assert isinstance(found, Known), f"{record.topic} has something that can't be read: {found}"
        data = found.data
        about = str(getattr(data, "order_id", None) or getattr(data, "seller_id", ""))
        play = self.plays.get(about) or self.plays.get(getattr(data, "seller_id", ""))
        if play is None:
            return
        if isinstance(data, NotificationSent):
            self.mails[play.prefix].append((data.template, data.party_id))
        self.said[play.prefix].append((record.topic, data))


@dataclass(slots=True)
class Stage:
    """A running system, on which everything is played."""

    clock: ClockFile
    quiet: Quiet
    producer: AIOKafkaProducer
    ear: Ear
    database: asyncpg.Connection[Any]
    wrong: list[str] = field(default_factory=list)
    looked_at: int = 0

    async def play(self, wanted: Programme) -> None:
        """Play all of it, and look at each story when its last part has settled."""
        for stop in wanted.stops:
            if stop > self.clock.now():
                self.clock.set(stop)
            await self.quiet.wait()
            await self._send(wanted.parts.get(stop, ()))
            await self.ear.listen()
            await self._look(wanted.ending.get(stop, ()))

    async def _send(self, parts: Sequence[Part]) -> None:
        """Send one instant's parts; the second of a play waits until all that follows from its first has happened."""
        by_play: defaultdict[str, list[Part]] = defaultdict(list)
        for part in parts:
            by_play[part.order.prefix].append(part)
        for together in zip_longest(*by_play.values()):
            sent = [
                each for part in together if part is not None for each in part.sent(await self._known(part))
            ]
            await asyncio.gather(*[await self._produce(each) for each in sent])
            await self.quiet.wait()

    async def _known(self, part: Part) -> Sequence[Data]:
        """What was said in the play so far, for the few steps that name something by it."""
        if part.step is None or part.step.verb not in {"contests", "gives information"}:
            return ()
        await self.ear.listen()
        return [data for _, data in self.ear.said[part.order.prefix]]

    async def _produce(self, each: Sent) -> asyncio.Future[Any]:
        attributes = Attributes(id=each.event_id, source="/tests", type=each.data.TYPE, time=each.at)
        headers = write_headers(attributes)
        acknowledged: asyncio.Future[Any] = await self.producer.send(
            each.data.TOPIC, each.data.to_json(), key=each.key.encode(), headers=headers
        )
        return acknowledged

    async def _look(self, plays: Sequence[Play]) -> None:
        if not plays:
            return
        states = await self._states([order.order_id for play in plays for order in play.orders.values()])
        for play in plays:
            sources = Sources(
                said=self.ear.said[play.prefix],
                mails=self.ear.mails[play.prefix],
                ends=ends_of(play, lambda service, key: states.get((service, key))),
            )
            found = differences(play, tell(play, sources), ordered=False)
            self.wrong += [f"{play.name}: {difference}" for difference in found]
            self.looked_at += 1

    async def _states(self, order_ids: Sequence[str]) -> Mapping[tuple[str, Key], Any]:
        found: dict[tuple[str, Key], Any] = {}
        for service, kind in _KINDS.items():
            rows = await self.database.fetch(_STATES.format(service=service), kind.name, list(order_ids))
            for row in rows:
                state = body_from_json(kind, row["schema_version"], row["body"])
                found[service, Key(kind.name, row["key"])] = state
        return found


@asynccontextmanager
async def on_stage(system: System, plays: Sequence[Play]) -> AsyncIterator[Stage]:
    """Give a stage on a running system."""
    clock = movable_clock(system)
    producer = AIOKafkaProducer(bootstrap_servers=system.kafka, acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(
        *_HEARD, bootstrap_servers=system.kafka, group_id=None, auto_offset_reset="earliest"
    )
    await producer.start()
    await consumer.start()
    database = await asyncpg.connect(system.database_url)
    try:
        async with looking(system, clock.now) as quiet:
            yield Stage(clock, quiet, producer, Ear(consumer, _by_ids(plays)), database)
    finally:
        await database.close()
        await consumer.stop()
        await producer.stop()


def _by_ids(plays: Sequence[Play]) -> Mapping[str, Play]:
    return {
        name: play
        for play in plays
        for order in play.orders.values()
        for name in (order.order_id, order.seller_id)
    }
