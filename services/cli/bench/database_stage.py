"""B3: what PostgreSQL takes for a batch of order placements, against COPY of the same rows into the same tables.

Our side is every statement of the service's own unit of work, from BEGIN to COMMIT: heard once while the service does
the batches, then said again by themselves, for what is decided in Python is no matter of the database. The other side
is the floor: nothing is checked, locked or looked up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import asyncpg

from services.cli.bench.benchmark import Step, check
from services.cli.bench.described import described
from services.cli.bench.ground import Ground
from services.cli.bench.loading import placed
from services.cli.bench.rounds import Rate
from shared.kit import clock, db, migrate
from shared.kit.db import Connection, Pool
from shared.kit.decode import decoder
from shared.kit.records import Record
from shared.kit.service import Place
from shared.kit.unit import Unit

SERVICE = "orders"
BATCH = 1000
"""Orders in a transaction, on both sides."""
SAID = 3
"""Messages that one order leads to."""
_TURNS = 4
"""How often the sides do a round's batches: once takes less than half a second, and the machine's moods last longer."""
STEPS = 1 + 2 * _TURNS
"""How often it tells of its progress in a round."""
_ALONE, _COPY = "its statements alone", "COPY"
_SCHEMA = "placement"
_COLUMNS = {
    "seen": ("source", "id", "seen_on"),
    "state": ("kind", "key", "version", "sequence", "schema_version", "heard", "body"),
    "texts": ("party_id", "kind", "key"),
    "outbox": ("id", "aggregatetype", "aggregateid", "type", "payload", "headers", "record_key"),
}
"""What a batch of placements writes, beside the offset's row; the outbox draws its position by itself."""

_Rows = Mapping[str, Sequence[Sequence[Any]]]
_Say = Callable[[Any], Awaitable[Any]]
"""Say on a connection what was heard on another."""


class _Overheard(asyncpg.Connection):
    """Keeps what is said on it, so that it can be said again."""

    heard: Sequence[_Say] = ()

    async def execute(self, query: str, *values: Any, **options: Any) -> str:
        self._keep(lambda other: asyncpg.Connection.execute(other, query, *values))
        return await super().execute(query, *values, **options)

    async def fetch(self, query: str, *values: Any, **options: Any) -> list[Any]:
        self._keep(lambda other: asyncpg.Connection.fetch(other, query, *values))
        found: list[Any] = await super().fetch(query, *values, **options)
        return found

    async def copy_records_to_table(self, table_name: str, **options: Any) -> str:
        self._keep(lambda other: asyncpg.Connection.copy_records_to_table(other, table_name, **options))
        return await super().copy_records_to_table(table_name, **options)

    @classmethod
    def _keep(cls, say: _Say) -> None:
        if isinstance(cls.heard, list):
            cls.heard.append(say)


@dataclass(frozen=True, slots=True)
class Sides:
    """Orders a second of each side, round by round."""

    ours: Sequence[Rate]
    floor: Sequence[Rate]


def measure(ground: Ground, rounds: int, batches: int, step: Step) -> Sides:
    """Run both sides in every round, each on empty tables, with the batches of both in transactions of one size.

    Raises CommandError when a side has not written the very rows that the service wrote.
    """
    return asyncio.run(_measure(ground.postgres.admin_dsn, rounds, batches, step))


async def _measure(url: str, rounds: int, batches: int, step: Step) -> Sides:
    admin = await db.connect(url, "bench", "stage")
    try:
        await admin.execute(f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE; CREATE SCHEMA {_SCHEMA}")
        url += f"{'&' if '?' in url else '?'}search_path={_SCHEMA}"
        pool = await db.connect_pool(url, "bench", 1, _Overheard)
        try:
            async with pool.acquire() as connection:
                await migrate.migrate(connection, ["shared.kit", f"services.{SERVICE}"])
            found = [await _round(pool, number, batches, step) for number in range(rounds)]
        finally:
            await pool.close()
        await admin.execute(f"DROP SCHEMA {_SCHEMA} CASCADE")
    finally:
        await admin.close()
    return Sides(*zip(*found, strict=True))


async def _round(pool: Pool, number: int, batches: int, step: Step) -> tuple[Rate, Rate]:
    """Return both rates. The first batch of each side is not counted: statements are prepared, caches filled.

    Who is first may find the log's files still to be made: they take turns at that too.
    """
    step(f"round {number + 1}: the service's statements")
    await _empty(pool)
    heard = await _place(pool, f"stage{number}", batches + 1)
    written = await _rows(pool)
    check(_what_is_missing(written, (batches + 1) * BATCH))
    said = {
        _ALONE: [_again(each) for each in heard],
        _COPY: [_copy(piece) for piece in _pieces(written, batches + 1)],
    }
    seconds = dict.fromkeys(said, 0.0)
    for turn in range(_TURNS):
        for side in said if turn % 2 else reversed(said):
            step(f"round {number + 1}, turn {turn + 1}: {side}")
            seconds[side] += await _timed(pool, said[side])
            check(_difference(side, written, await _rows(pool)))
    ours, floor = (Rate(_TURNS * batches * BATCH, seconds[side]) for side in (_ALONE, _COPY))
    return ours, floor


async def _place(pool: Pool, prefix: str, batches: int) -> list[Sequence[_Say]]:
    """Let the service handle so many batches; returns what each of them said to the database."""
    service = described(SERVICE)
    unit = Unit(pool, service, decoder(service.check), leads_here=lambda: True)
    records = _records(prefix, batches * BATCH)
    heard: list[Sequence[_Say]] = []
    for _ in range(batches):
        batch = list(islice(records, BATCH))
        place = batch[0].place
        _Overheard.heard = []
        await unit.apply(batch, {(place.topic, place.partition): place.offset})
        heard.append(_Overheard.heard)
        _Overheard.heard = ()
    return heard


def _records(prefix: str, count: int) -> Iterator[Record]:
    now_ms = int(clock.real_now().timestamp() * 1000)
    for number, sent in enumerate(placed(prefix, count)):
        yield Record(Place(sent.topic, 0, number), now_ms, sent.key.encode(), sent.value, tuple(sent.headers))


async def _empty(pool: Pool) -> None:
    await pool.execute(f"TRUNCATE {', '.join(_COLUMNS)}, offsets RESTART IDENTITY")
    await pool.execute("CHECKPOINT")


async def _timed(pool: Pool, batches: Sequence[_Say]) -> float:
    """Say all batches on empty tables; returns the seconds of all but the first."""
    await _empty(pool)
    async with pool.acquire() as connection:
        await batches[0](connection)
        started = time.perf_counter()
        for batch in batches[1:]:
            await batch(connection)
        return time.perf_counter() - started


def _again(heard: Sequence[_Say]) -> _Say:
    async def say(connection: Any) -> None:
        for each in heard:
            # The pool's connections are proxies, and what was heard is said by the library's own methods.
            await each(getattr(connection, "_con", connection))

    return say


def _copy(rows: _Rows) -> _Say:
    async def say(connection: Connection) -> None:
        async with connection.transaction():
            for table, found in rows.items():
                await connection.copy_records_to_table(table, records=found, columns=_COLUMNS[table])

    return say


async def _rows(pool: Pool) -> _Rows:
    """Read what stands in the tables, in the order in which it was written."""
    return {
        table: [
            tuple(row)
            for row in await pool.fetch(
                f"SELECT {', '.join(columns)} FROM {table} ORDER BY ctid"  # noqa: S608  names of ours
            )
        ]
        for table, columns in _COLUMNS.items()
    }


def _pieces(rows: _Rows, batches: int) -> Iterator[_Rows]:
    """Cut the rows of each table into as many pieces as there were batches."""
    for number in range(batches):
        yield {
            table: found[len(found) * number // batches : len(found) * (number + 1) // batches]
            for table, found in rows.items()
        }


def _what_is_missing(written: _Rows, orders: int) -> str | None:
    for table, expected in {"seen": orders, "state": orders, "outbox": SAID * orders}.items():
        if len(written[table]) != expected:
            return f"{orders} placements wrote {len(written[table])} rows of {table}, not {expected}"
    return None


def _difference(side: str, ours: _Rows, found: _Rows) -> str | None:
    """Say which table is not as the service wrote it."""
    for table, rows in ours.items():
        # A table that is filled by COPY packs its pages another way, so the rows lie in another order.
        if sorted(map(repr, rows)) != sorted(map(repr, found[table])):
            return (
                f"{side}: {len(found[table])} rows of {table} are not the {len(rows)} that the service wrote"
            )
    return None
