"""However many deadlines are pending, it costs the same to fire those that are due, to set, to cancel, and to look."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from services.timer.handlers import Firing
from services.timer.handlers import service as timer
from shared.contracts.timer import Cancel, Schedule
from shared.kit.clock import ClockFile
from shared.kit.limits import Limits
from shared.kit.runtime import Parts
from tests.bench.counting import Counts
from tests.bench.measuring import BEGINNING, clock_by_hand
from tests.bench.town import Seat, fill
from tests.support.databases import Databases
from tests.support.toy import Say, Tape, say

_FEW, _MANY = 50_000, 1_000_000
"""Both make indexes of the same height: whatever else grew with them would be seen."""
_SET, _FIRED = 100, 1000
_FLAT = 1.1
_BUFFERS_OF_A_LOOK_MAX = 10
# Ids as scattered as ours. Indexes are made at the end, which is quicker and makes them no less high.
_SEED = """
DROP INDEX timers_by_due;
ALTER TABLE timers DROP CONSTRAINT timers_pkey;
INSERT INTO timers (timer_id, shard, due_at, kind, owner, order_id, subject_id, cause_id)
SELECT md5(n::text)::uuid::text, 0, '{since}'::timestamptz + n * interval '1 s', 'hold_end', 'orders', 'o' || n, 's',
       'c'
FROM generate_series({first}, {last}) AS n;
ALTER TABLE timers ADD PRIMARY KEY (timer_id);
CREATE INDEX timers_by_due ON timers (due_at, timer_id);
VACUUM ANALYZE timers
"""


@dataclass(slots=True)
class Process:
    """A process of the timer that owns one shard, and a clock that is moved by hand."""

    seat: Seat
    firing: Firing
    stopping: asyncio.Event
    hand: ClockFile
    tape: Tape

    async def costs(self, tag: str) -> Mapping[str, Counts]:
        """Set, cancel, look and fire, and say what each cost."""
        due_at = self.hand.now() + timedelta(days=300)
        ids = [f"{tag}-{n}" for n in range(_SET)]
        await self._hear([_schedule(f"warm-{tag}", due_at), _cancel(f"warm-{tag}")])
        found = {
            "set": await self._hear([_schedule(each, due_at) for each in ids]),
            "canceled": await self._hear([_cancel(each) for each in ids]),
        }
        await self._look()
        found["looked"] = await self._look()
        self.hand.set(self.hand.now() + timedelta(seconds=_FIRED))
        found["fired"] = await self._look()
        assert found["fired"].rows == 2 * _FIRED
        return found

    async def _hear(self, said: Sequence[Say]) -> Counts:
        return (await self.seat.apply(self.tape(*said))).counts

    async def _look(self) -> Counts:
        self.stopping.clear()
        self.firing.wake()
        parts = Parts(self.seat.pool, Limits(), lambda: None, lambda _topic: frozenset({0}), self.stopping)
        async with self.seat.meter.counting() as counts:
            await self.firing.run(parts)
        return counts


def _schedule(timer_id: str, due_at: datetime) -> Say:
    data = Schedule(
        timer_id=timer_id, kind="hold_end", owner="orders", order_id="o", subject_id="s", due_at=due_at
    )
    return say(data, "o", f"set-{timer_id}")


def _cancel(timer_id: str) -> Say:
    return say(Cancel(timer_id=timer_id, order_id="o"), "o", f"cancel-{timer_id}")


async def test_a_timer_costs_the_same_whether_50_000_are_pending_or_a_million(
    still_dsn: str, tmp_path: Path
) -> None:
    databases = Databases(still_dsn)
    dsn = await databases.fresh("timer", partial(fill, name="timer"))
    stopping = asyncio.Event()

    async def sleep(_until: datetime | None) -> None:
        stopping.set()

    firing = Firing(sleep=sleep)
    try:
        with clock_by_hand(tmp_path) as hand:
            async with Seat.taken(timer(firing), dsn) as seat:
                process = Process(seat, firing, stopping, hand, Tape())
                await _seed(seat, 1, _FEW)
                await process.costs("warm")
                few = await process.costs("few")
                await _seed(seat, _FEW + 1, _MANY)
                many = await process.costs("many")
    finally:
        await databases.clear()
    for counts in (few["looked"], many["looked"]):
        assert counts.buffers <= _BUFFERS_OF_A_LOOK_MAX
        assert counts.wal_records == 0
    for what, counts in many.items():
        assert counts.statements <= few[what].statements, what
        assert counts.buffers <= _FLAT * few[what].buffers, (what, few[what], counts)
        assert counts.wal_records <= _FLAT * few[what].wal_records, (what, few[what], counts)


async def _seed(seat: Seat, first: int, last: int) -> None:
    for statement in _SEED.format(since=BEGINNING.isoformat(), first=first, last=last).split(";"):
        await seat.pool.execute(statement)
