"""Deadlines in each side's tables, as they would lie there after a month at one rate: 48 h and 30 d, mixed.

Pending are fifteen of 30 d for one of 48 h, since they wait fifteen times as long; due are as many of one kind as of
the other. A side that looks at its jobs in the order in which they were made finds those of 30 d first, and those of 48
h behind 28 days of others: their numbers are as if each had been made in its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import asyncpg

from shared.kit import clock

KIND = "hold_end"
"""For what all of these deadlines are."""
_MAKE = """
CREATE SCHEMA bench;
CREATE SEQUENCE bench.numbers;

-- Number `first` to `last` of `total`, in the order in which they were set. None comes due while we measure.
CREATE FUNCTION bench.pending(now timestamptz, first bigint, last bigint, total bigint)
RETURNS TABLE (n bigint, timer_id text, order_id text, due_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT n, md5('pending' || n)::uuid::text, 'pending-' || n,
           now + interval '2 hours' + (life - interval '2 hours') * (n::double precision / total)
    FROM (
        SELECT n, CASE WHEN n % 16 = 0 THEN interval '48 hours' ELSE interval '30 days' END AS life
        FROM generate_series(first, last) AS n
    ) AS numbered
$$;

-- Just now, one after the other within a millisecond.
CREATE FUNCTION bench.due(now timestamptz, prefix text, count bigint)
RETURNS TABLE (n bigint, is_of_30_days boolean, timer_id text, order_id text, due_at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT n, n % 2 = 0, md5(prefix || n)::uuid::text, prefix || '-' || n,
           now - interval '50 ms' + interval '1 ms' * (n::double precision / count)
    FROM generate_series(0, count - 1) AS n
$$;

-- What a job of a peer has for a number. There is room for what is due: a hundred million numbers before all that is
-- pending, and as many after 28 of 30 days of it.
CREATE FUNCTION bench.number_pending(n bigint, total bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT 100000000 + n + CASE WHEN n > 28 * total / 30 THEN 100000000 ELSE 0 END
$$;
CREATE FUNCTION bench.number_due(is_of_30_days boolean, total bigint) RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    SELECT nextval('bench.numbers') + CASE WHEN is_of_30_days THEN 0 ELSE 100000000 + 28 * total / 30 END
$$;

-- What a job of a peer carries: what a timer of ours holds.
CREATE FUNCTION bench.carried(timer_id text, order_id text, due_at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'timer_id', timer_id, 'kind', 'hold_end', 'owner', 'orders', 'order_id', order_id, 'subject_id', order_id,
        'due_at', due_at
    )
$$;
CREATE FUNCTION bench.carried_bytes(timer_id text, order_id text, due_at timestamptz) RETURNS bytea
LANGUAGE sql STABLE AS $$ SELECT convert_to(bench.carried(timer_id, order_id, due_at)::text, 'UTF8') $$;
"""
# A primary key stays where it rises with each row, and where others refer to it.
_INDEXES = """
SELECT format('DROP INDEX %s', indexrelid::regclass) AS drop, pg_get_indexdef(indexrelid) AS make
FROM pg_index WHERE indrelid = $1::text::regclass AND NOT indisprimary
"""
_KEY = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS make
FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype = 'p'
"""
_BESIDE_COLUMNS = """
SELECT relowner::regrole::text, coalesce('WITH (' || array_to_string(reloptions, ', ') || ')', '')
FROM pg_class WHERE oid = $1::text::regclass
"""
"""What `LIKE` leaves out: whose table it is, and what autovacuum does with it."""
_REBUILT_FROM = 500_000
"""So many new rows are put in without indexes, which are made after them."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Where one side keeps its deadlines, and how they are written there."""

    name: str
    pend: str
    """Writes rows of bench.pending: now, first, last, how many there are in all."""
    make_due: str
    """Writes rows of bench.due: now, prefix, count, how many are pending."""
    count_left: str
    """Counts what is due at an instant, or is taken and not yet said."""
    forget_due: str = ""
    """Takes out what is due at an instant."""
    is_key_random: bool = False


RECOURSE = Tables(
    name="timer.timers",
    pend="""
        INSERT INTO timer.timers (timer_id, shard, due_at, kind, owner, order_id, subject_id, cause_id)
        SELECT timer_id, n % 4, due_at, 'hold_end', 'orders', order_id, order_id, timer_id
        FROM bench.pending($1, $2, $3, $4)
    """,
    make_due="""
        INSERT INTO timer.timers (timer_id, shard, due_at, kind, owner, order_id, subject_id, cause_id)
        SELECT timer_id, n % 4, due_at, 'hold_end', 'orders', order_id, order_id, timer_id
        FROM bench.due($1, $2, $3) WHERE $4::bigint >= 0
    """,
    count_left="""
        SELECT (SELECT count(*) FROM timer.timers WHERE due_at <= $1) + (SELECT count(*) FROM timer.outbox)
    """,
    forget_due="DELETE FROM timer.timers WHERE due_at <= $1",
    is_key_random=True,
)
PGQUEUER = Tables(
    name="pgqueuer.pgqueuer",
    pend="""
        INSERT INTO pgqueuer.pgqueuer (id, priority, status, entrypoint, execute_after, created, updated, payload)
        SELECT bench.number_pending(n, $4),
               0, 'queued', 'deadline', due_at, $1, $1, bench.carried_bytes(timer_id, order_id, due_at)
        FROM bench.pending($1, $2, $3, $4)
    """,
    make_due="""
        INSERT INTO pgqueuer.pgqueuer (id, priority, status, entrypoint, execute_after, created, updated, payload)
        SELECT bench.number_due(is_of_30_days, $4),
               0, 'queued', 'deadline', due_at, $1, $1, bench.carried_bytes(timer_id, order_id, due_at)
        FROM bench.due($1, $2, $3)
    """,
    count_left="""
        SELECT (SELECT count(*) FROM pgqueuer.pgqueuer WHERE status = 'picked')
               + (SELECT count(*) FROM pgqueuer.pgqueuer
                  WHERE entrypoint = 'deadline' AND status = 'queued' AND execute_after <= $1)
    """,
)
PROCRASTINATE = Tables(
    name="procrastinate.procrastinate_jobs",
    pend="""
        INSERT INTO procrastinate.procrastinate_jobs (id, queue_name, task_name, args, scheduled_at)
        SELECT bench.number_pending(n, $4),
               'deadlines', 'deadline', bench.carried(timer_id, order_id, due_at), due_at
        FROM bench.pending($1, $2, $3, $4)
    """,
    make_due="""
        INSERT INTO procrastinate.procrastinate_jobs (id, queue_name, task_name, args, scheduled_at)
        SELECT bench.number_due(is_of_30_days, $4),
               'deadlines', 'deadline', bench.carried(timer_id, order_id, due_at), due_at
        FROM bench.due($1, $2, $3)
    """,
    count_left="SELECT count(*) FROM procrastinate.procrastinate_jobs WHERE scheduled_at <= $1",
)


class Deadlines:
    """Puts deadlines into the tables of all sides, through a connection that may."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self._connection = connection
        self._pending: dict[str, int] = {}
        self._others: dict[str, int] = {}

    async def prepare(self) -> None:
        """Make what writes them."""
        await self._connection.execute(_MAKE)
        await self._connection.execute("SET maintenance_work_mem = '256MB'")
        # Nobody is to be woken by what is put there: the sides start when it is.
        await self._connection.execute("SET session_replication_role = replica")

    async def pend(self, tables: Tables, count: int) -> None:
        """See to it that so many are pending, there were fewer before, and that writing them is over and done with."""
        first = self._pending.get(tables.name, 0) + 1
        if count < first:
            return
        indexes = []
        if count - first >= _REBUILT_FROM:
            for query in (_INDEXES, _KEY) if tables.is_key_random else (_INDEXES,):
                indexes += await self._connection.fetch(query, tables.name)
        for index in indexes:
            await self._connection.execute(index["drop"])
        await self._connection.execute(tables.pend, clock.real_now(), first, count, count)
        for index in indexes:
            await self._connection.execute(index["make"])
        await self.settle(tables)
        await self._connection.execute("CHECKPOINT")
        self._pending[tables.name] = count

    async def exchange(self, tables: Tables) -> None:
        """Put the other table in this one's place, which is kept and comes back the next time.

        The first time, the other is made: an empty one that is like it. The table must be one that nothing refers to.
        """
        name, pending = tables.name, self._pending.get(tables.name, 0)
        if name not in self._others:
            ((owner, settings),) = await self._connection.fetch(_BESIDE_COLUMNS, name)
            await self._connection.execute(
                f"CREATE TABLE {name}_other (LIKE {name} INCLUDING ALL) {settings}"
            )
            await self._connection.execute(f"ALTER TABLE {name}_other OWNER TO {owner}")
        async with self._connection.transaction():
            await self._connection.execute(f"ALTER TABLE {name} RENAME TO {_last(name)}_kept")
            await self._connection.execute(f"ALTER TABLE {name}_other RENAME TO {_last(name)}")
            await self._connection.execute(f"ALTER TABLE {name}_kept RENAME TO {_last(name)}_other")
        self._pending[name], self._others[name] = self._others.get(name, 0), pending

    async def settle(self, tables: Tables) -> None:
        """Do what autovacuum does in time."""
        await self._connection.execute(f"VACUUM (ANALYZE) {tables.name}")

    async def make_due(self, tables: Tables, prefix: str, count: int) -> None:
        """Let so many be due. Their orders are `prefix`-0, -1 and so on."""
        pending = self._pending.get(tables.name, 0)
        await self._connection.execute(tables.make_due, clock.real_now(), prefix, count, pending)

    async def forget_due(self, tables: Tables) -> None:
        """Take out what is due again."""
        await self._connection.execute(tables.forget_due, clock.real_now())

    async def left(self, tables: Tables) -> int:
        """Count what is due, or taken and not yet said."""
        found: int = await self._connection.fetchval(tables.count_left, clock.real_now())
        return found


def _last(name: str) -> str:
    return name.rpartition(".")[2]
