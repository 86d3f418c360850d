"""Is all quiet? Everything that was said has been read, and everything that is due has been done.

The database is looked at before Kafka: if what was applied then reaches where the logs end now, and nothing was left
to be sent then, nothing was under way.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.cli import reader
from services.cli.addresses import System
from services.cli.errors import CommandError, Exit, not_reachable
from services.cli.reader import built, everywhere, kafka_away
from shared.contracts.topics import read_by
from shared.kit.sql import queries

if TYPE_CHECKING:
    import asyncpg

    from shared.kit.lookup import Lookup

_SQL = queries("services.cli", "quiet.sql")
LOOKS = 2
_LOOK_SECONDS, _LOOK_SECONDS_MAX = 0.02, 0.2
STUCK_SECONDS_MAX = 60.0
"""Real time in which nothing at all moves while something waits."""
_MARKER_SECONDS = 1.0
_TOLD_MAX = 5

Partition = tuple[str, int]
Clock = Callable[[], datetime]
"""Returns business time."""


@dataclass(frozen=True, slots=True)
class Unrest:
    """Something that is not done yet: by which service, what, and how much of it."""

    service: str
    what: str
    number: int
    topic: str | None = None
    partition: int | None = None

    def __str__(self) -> str:
        match self.what:
            case "outbox":
                return f"{self.service} has {self.number} messages to send"
            case "erasures":
                return f"{self.service} has {self.number} people to erase"
            case "timers":
                return f"{self.number} deadlines are due and have not fired"
            case "mails":
                return f"{self.number} mails are to be sent"
            case _:
                return f"{self.service} has not read the last {self.number} of {self.topic}[{self.partition}]"


class Quiet:
    """Looks at a whole system, as often as it takes."""

    def __init__(
        self, system: System, connection: asyncpg.Connection[Any], lookup: Lookup, clock: Clock
    ) -> None:
        self._system = system
        self._connection = connection
        self._lookup = lookup
        self._clock = clock
        self._readers: Mapping[Partition, Sequence[str]] = {}
        self._statement = ""
        self._passed: dict[Partition, int] = {}

    async def look(self) -> Sequence[Unrest]:
        """Return what is not done yet; nothing when all is quiet at this moment."""
        if not self._statement:
            await self._prepare()
        rows = await self._connection.fetch(self._statement, self._clock())
        ends = await self._lookup.ends(self._readers)
        applied = {
            (row["service"], row["topic"], row["partition"]): row["number"]
            for row in rows
            if row["what"] == "applied"
        }
        return [*_undone(rows), *unread(self._readers, applied, ends, self._passed)]

    async def wait(self) -> None:
        """Return when all was quiet twice in a row. Raises CommandError when something waits and nothing moves."""
        looks, restless, seen, moved_at = 0, 0, None, time.monotonic()
        while looks < LOOKS:
            unrest = await self.look()
            looks, restless = (0, restless + 1) if unrest else (looks + 1, 0)
            if unrest != seen:
                seen, moved_at = unrest, time.monotonic()
            stuck_seconds = time.monotonic() - moved_at
            if unrest and stuck_seconds > _MARKER_SECONDS:
                await self._look_for_markers(unrest)
            if unrest and stuck_seconds > STUCK_SECONDS_MAX:
                raise _stuck(unrest)
            if looks < LOOKS:
                # Who works off a backlog needs the processor more than we do.
                await asyncio.sleep(min(_LOOK_SECONDS * (1 + restless / 10), _LOOK_SECONDS_MAX))

    async def next_deadline(self) -> datetime | None:
        """Return when the next timer is due."""
        due_at: datetime | None = await self._connection.fetchval(_SQL["next_deadline"])
        return due_at

    async def _prepare(self) -> None:
        services = await built(self._connection)
        parts = [everywhere(_SQL["unrest"], services)]
        # A parameter that a statement does not use has no type: so it is always there.
        parts += [_SQL["due_timers"] if "timer" in services else _SQL["no_timers"]]
        parts += [_SQL["due_mails"]] if "notifications" in services else []
        readers: dict[str, list[str]] = {}
        for service in services:
            for topic in read_by(service):
                readers.setdefault(topic.name, []).append(service)
        partitions = await partitions_of(self._system, list(readers))
        self._readers = {place: readers[place[0]] for place in partitions}
        # The client learns of one topic after the other, a tenth of a second each: so it is asked for all at once.
        await asyncio.gather(*(self._lookup.ends([place]) for place in partitions if place[1] == 0))
        self._statement = "\nUNION ALL\n".join(parts)

    async def _look_for_markers(self, unrest: Sequence[Unrest]) -> None:
        """Look whether what is left of a log is no record at all: the end of a transaction is counted, never read."""
        for each in unrest:
            if each.topic is None or each.partition is None:
                continue
            place = (each.topic, each.partition)
            begin, end = await self._lookup.bounds(place)
            start = max(begin, end - each.number)
            if start == end or (await self._lookup.record(place, start)) is None:
                self._passed[place] = end


def unread(
    readers: Mapping[Partition, Sequence[str]],
    applied: Mapping[tuple[str, str, int], int],
    ends: Mapping[Partition, int],
    passed: Mapping[Partition, int],
) -> Sequence[Unrest]:
    """Compare where each log ends with how far each of its readers has applied it.

    `passed`: up to where the end of a log is known to hold no record that anybody could read.
    """
    found = []
    for place, end in ends.items():
        for service in readers[place]:
            number = end - max(applied.get((service, *place), 0), passed.get(place, 0))
            if number > 0:
                found.append(Unrest(service, "unread", number, *place))
    return found


def _undone(rows: Sequence[asyncpg.Record]) -> list[Unrest]:
    return [Unrest(row["service"], row["what"], row["number"]) for row in rows if row["what"] != "applied"]


def _stuck(unrest: Sequence[Unrest]) -> CommandError:
    return CommandError(
        Exit.CHECK_FAILED,
        what=f"Nothing has moved for {STUCK_SECONDS_MAX:.0f} s, and not all is quiet.",
        why="; ".join(str(each) for each in unrest[:_TOLD_MAX]),
        remedy="see what these services say at /ready, and in their logs.",
    )


async def partitions_of(system: System, topics: Sequence[str]) -> Sequence[Partition]:
    """Name every partition of these topics. Raises CommandError when Kafka does not have them all."""
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    admin = AIOKafkaAdminClient(bootstrap_servers=system.kafka)
    try:
        await admin.start()
        described = await admin.describe_topics(list(topics))
    except (KafkaError, OSError) as error:
        raise kafka_away(system, error) from error
    finally:
        await admin.close()
    missing = sorted(topic["topic"] for topic in described if topic["error_code"])
    if missing:
        raise not_reachable(
            f"Kafka has no topic {', '.join(missing)}.",
            "topics are made by the provisioning step.",
            "run `recourse provision` with this Kafka's address.",
        )
    return [(topic["topic"], part["partition"]) for topic in described for part in topic["partitions"]]


@asynccontextmanager
async def looking(system: System, clock: Clock) -> AsyncIterator[Quiet]:
    """Give a look at a running system."""
    async with reader.database(system) as connection, reader.logs(system) as lookup:
        yield Quiet(system, connection, lookup, clock)
