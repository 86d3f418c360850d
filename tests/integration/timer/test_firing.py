"""Deadlines fire once, in order, never early, and are never lost: whoever owns them, whenever they were set."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic_core import to_json

from services.timer import store, translate
from services.timer.domain import Change, Timer
from shared.kit import clock, outbox
from shared.kit.clock import ClockFile
from shared.kit.db import Pool
from tests.integration.timer.conftest import NOON, Process, at, cancel, schedule, sleeping
from tests.support.toy import Tape
from tests.support.until import until

MICROSECOND = timedelta(microseconds=1)


async def test_timers_fire_by_instant_whatever_order_they_were_set_in(
    process: Process, by_hand: ClockFile
) -> None:
    await process.hear(
        schedule("c", at(30)), schedule("a", at(10)), schedule("b", at(20)), schedule("a2", at(10))
    )
    by_hand.set(at(60))
    await process.fire()
    assert await process.fired() == ["a", "a2", "b", "c"]


async def test_a_timer_fires_at_its_instant_and_not_a_microsecond_before(
    process: Process, by_hand: ClockFile
) -> None:
    await process.hear(schedule("t", at(10)))
    by_hand.set(at(10) - MICROSECOND)
    assert await process.fire() == at(10)
    assert await process.fired() == []
    by_hand.set(at(10))
    assert await process.fire() is None
    assert await process.fired() == ["t"]


async def test_a_timer_fires_once(process: Process, by_hand: ClockFile) -> None:
    await process.hear(schedule("t", at(1)))
    by_hand.set(at(10))
    for _ in range(3):
        await process.fire()
    assert await process.fired() == ["t"]
    assert process.committed == 1


async def test_a_timer_set_in_the_past_fires_at_once(process: Process) -> None:
    await process.hear(schedule("late", at(5)), schedule("past", at(-3600)))
    assert await process.fire() == at(5)
    assert await process.fired() == ["past"]


async def test_what_has_come_says_when_it_was_due_and_when_it_fired(
    process: Process, by_hand: ClockFile
) -> None:
    await process.hear(schedule("t", at(1)))
    by_hand.set(at(3))
    await process.fire()
    row = await process.pool.fetchrow("SELECT * FROM outbox")
    assert row is not None
    body, headers = json.loads(row["payload"]), dict(json.loads(row["headers"]))
    assert (body["due_at"], body["fired_at"]) == ("2021-03-10T12:00:01Z", "2021-03-10T12:00:03Z")
    assert (headers["ce_id"], headers["ce_time"]) == ("t", "2021-03-10T12:00:01Z")
    assert (row["aggregatetype"], row["aggregateid"]) == ("timer.events", "o")


async def test_what_has_come_names_the_command_that_asked_for_it(
    process: Process, by_hand: ClockFile
) -> None:
    asked = schedule("t", at(1))
    asked_id = dict(asked.headers)["ce_id"] or b""
    await process.hear(asked)
    by_hand.set(at(1))
    await process.fire()
    headers = dict(json.loads(await process.pool.fetchval("SELECT headers FROM outbox")))
    assert (headers["ce_causationid"], headers["ce_correlationid"]) == (asked_id.decode(), "o")


NASTY = [chr(code) for code in (*range(1, 0x100), 0x2028, 0x2029, 0xD7FF, 0xFEFF, 0xFFFF, 0x1F600, 0x10FFFF)]
"""All that JSON escapes, and some that it does not."""


@pytest.mark.parametrize("microseconds", [0, 1, 500_000, 999_999])
async def test_what_is_written_in_sql_is_to_the_byte_what_the_kit_would_write(
    process: Process, by_hand: ClockFile, microseconds: int
) -> None:
    due_at, fired_at = (at(seconds) + microseconds * MICROSECOND for seconds in (1, 86_400))
    wanted = {
        f"t{each}": Timer(
            f"t{each}", 0, due_at, f"k{each}", f"w{each}", f"o{each}", f"{each}s", f"{each}c" * 100
        )
        for each in NASTY
    }
    await process.hear(schedule("makes the shard's row", at(2 * 86_400)))
    async with process.pool.acquire() as connection:
        await store.change(connection, Change(set=tuple(wanted.values()), cancel=()))
    by_hand.set(fired_at)
    await process.fire()
    rows = {row["id"]: dict(row) for row in await process.pool.fetch("SELECT * FROM outbox")}
    assert rows.keys() == wanted.keys()
    for timer_id, timer in wanted.items():
        # The kind is a closed list in the contract, and no text: the kit would refuse ours.
        said = translate.expired(replace(timer, kind="hold_end"), fired_at)
        expected = outbox.row_without_cause("timer", said, timer.cause_id)
        found = rows[timer_id]
        kind = to_json(timer.kind)
        assert found["payload"] == (expected.payload or b"").replace(b'"hold_end"', kind)
        assert json.loads(found["headers"]) == json.loads(expected.headers)
        assert (found["aggregatetype"], found["aggregateid"]) == (expected.topic, expected.key)
        assert (found["type"], found["record_key"]) == (expected.type, expected.record_key)


async def test_one_that_was_canceled_does_not_fire(process: Process, by_hand: ClockFile) -> None:
    await process.hear(schedule("a", at(1)), schedule("b", at(1)), schedule("c", at(1)), cancel("a"))
    await process.hear(cancel("b"))
    by_hand.set(at(2))
    await process.fire()
    assert await process.fired() == ["c"]


async def test_one_that_is_canceled_after_it_fired_is_no_error(process: Process, by_hand: ClockFile) -> None:
    await process.hear(schedule("t", at(1)))
    by_hand.set(at(2))
    await process.fire()
    await process.hear(cancel("t"), cancel("never set"))
    assert await process.fired() == ["t"]


async def test_one_asked_for_twice_fires_once(process: Process, by_hand: ClockFile) -> None:
    await process.hear(schedule("t", at(1)), schedule("t", at(1)))
    await process.hear(schedule("t", at(1)))
    by_hand.set(at(2))
    await process.fire()
    assert await process.fired() == ["t"]


async def test_more_than_fire_at_once_fire_in_order_all_the_same(
    process: Process, by_hand: ClockFile
) -> None:
    ids = [f"{n:04d}" for n in range(2500)]
    shuffled = random.Random(1).sample(ids, len(ids))
    await process.hear(*(schedule(each, at(int(each) // 100)) for each in shuffled))
    by_hand.set(at(100))
    sleeper = sleeping(process, by_hand)
    await process.firing.run(process.parts)
    assert await process.fired() == ids
    assert sleeper.asked == [None]


# --------------------------------------------------------------------------------------------------- sleep


async def test_the_loop_asks_to_sleep_until_exactly_the_next_due(
    process: Process, by_hand: ClockFile
) -> None:
    sleeper = sleeping(process, by_hand)
    instants = [at(0.000001), at(59.5), at(3600), at(30 * 86400)]
    await process.hear(*(schedule(f"t{n}", due_at) for n, due_at in enumerate(instants)))
    await process.firing.run(process.parts)
    assert sleeper.asked == [*instants, None]
    assert await process.fired() == ["t0", "t1", "t2", "t3"]


async def test_thirty_days_of_deadlines_pass_in_their_order_and_none_is_early(
    process: Process, by_hand: ClockFile
) -> None:
    sleeping(process, by_hand)
    rng = random.Random(7)
    due = {f"t{n}": at(rng.randrange(30 * 86400)) for n in range(500)}
    await process.hear(*(schedule(timer_id, due_at) for timer_id, due_at in due.items()))
    await process.firing.run(process.parts)
    assert await process.fired() == sorted(due, key=lambda each: (due[each], each))
    for row in await process.pool.fetch("SELECT payload FROM outbox"):
        body = json.loads(row["payload"])
        assert body["fired_at"] >= body["due_at"]


async def test_the_loop_sleeps_on_when_nothing_is_pending_and_ends_when_told(process: Process) -> None:
    running = asyncio.ensure_future(process.firing.run(process.parts))
    await process.hear(schedule("t", at(5)))
    process.firing.wake()
    process.stopping.set()
    async with asyncio.timeout(5):
        await running


async def test_an_earlier_timer_set_later_wakes_the_loop(pool: Pool) -> None:
    """In real time: the loop sleeps for an hour, and must not."""
    process = Process(pool, Tape())
    now = clock.now()
    await process.hear(schedule("far", now + timedelta(hours=1)))
    running = asyncio.ensure_future(process.firing.run(process.parts))
    soon = clock.now() + timedelta(milliseconds=50)
    await process.hear(schedule("soon", soon))
    process.firing.wake()  # the kit calls it after a commit with effects

    async def fired() -> list[str]:
        return await process.fired()

    assert await until(fired, "the earlier one fires", 5) == ["soon"]
    assert clock.now() >= soon
    process.stopping.set()
    await running


async def test_a_deadline_in_the_year_2999_can_be_slept_for(process: Process, by_hand: ClockFile) -> None:
    clock.bind(None)
    await process.hear(schedule("t", datetime(2999, 12, 31, tzinfo=UTC)))
    running = asyncio.ensure_future(process.firing.run(process.parts))
    await process.hear(schedule("now", clock.now()))
    process.firing.wake()
    await until(process.fired, "the loop still runs", 5)
    assert not running.done()
    process.stopping.set()
    await running


async def test_what_wakes_the_loop_only_looks(process: Process, by_hand: ClockFile) -> None:
    """Most batches set what is due in days: such a look must lock and write nothing."""
    sleeper = sleeping(process, by_hand)
    await process.hear(schedule("t", at(5)))
    locked = "SELECT xmin::text, xmax::text FROM offsets"
    before = await process.pool.fetch(locked)
    sleeper.stop_when = at(5)
    await process.firing.run(process.parts)
    assert await process.pool.fetch(locked) == before
    assert await process.fired() == []


# --------------------------------------------------------------------------------------------- lower bound


async def test_a_timer_set_earlier_than_what_has_fired_still_fires(
    process: Process, by_hand: ClockFile
) -> None:
    await process.hear(schedule("later", at(100)))
    by_hand.set(at(100))
    await process.fire()
    await process.hear(schedule("earlier", at(50)), schedule("same", at(100)))
    await process.fire()
    assert await process.fired() == ["later", "earlier", "same"]


async def test_the_first_batch_of_a_shard_is_not_overtaken_by_the_lower_bound(
    process: Process, by_hand: ClockFile
) -> None:
    """The shard has no row to lock yet; what its first batch sets while others fire must still fire."""
    process.own(0, 1)
    await process.hear(schedule("fires", at(-10)), shard=0)
    await process.hear(schedule("first of shard 1", at(-20)), shard=1)
    await process.fire()
    assert await process.fired() == ["first of shard 1", "fires"]


async def test_all_that_are_due_at_one_instant_fire_once_however_many(
    process: Process, by_hand: ClockFile
) -> None:
    """The end of a day is an instant for many: the bound is a place among them."""
    ids = [f"{n:04d}" for n in range(2500)]
    await process.hear(*(schedule(each, at(10)) for each in ids))
    by_hand.set(at(10))
    await process.fire()
    assert await process.fired() == ids[:1000]
    await process.hear(schedule("0000 set later", at(10)), cancel("1000"))
    sleeping(process, by_hand)
    await process.firing.run(process.parts)
    assert await process.fired() == [*ids[:1000], "0000 set later", *ids[1001:]]


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_set_canceled_and_fired_in_any_order_nothing_is_skipped(
    process: Process, by_hand: ClockFile, seed: int
) -> None:
    rng = random.Random(seed)
    wanted: dict[str, datetime] = {}
    now = NOON
    for step in range(60):
        match rng.choice(["set", "set", "cancel", "move", "fire"]):
            case "set":
                batch = {
                    f"{step}-{n}": now + timedelta(seconds=rng.randint(-300, 300))
                    for n in range(rng.randint(1, 5))
                }
                wanted |= batch
                await process.hear(*(schedule(each, due_at) for each, due_at in batch.items()))
            case "cancel":
                pending = sorted(await process.pending())
                if pending:
                    gone = rng.choice(pending)
                    del wanted[gone]
                    await process.hear(cancel(gone))
            case "move":
                now += timedelta(seconds=rng.randint(0, 200))
                by_hand.set(now)
            case _:
                await process.fire()
    by_hand.set(now + timedelta(hours=1))
    await process.fire()
    assert sorted(await process.fired()) == sorted(wanted)
    assert await process.pending() == set()


# ------------------------------------------------------------------------------------------------ ownership


async def test_a_process_fires_its_own_shards_only(process: Process, by_hand: ClockFile) -> None:
    other = Process(process.pool, process.tape, frozenset({1}))
    await process.hear(schedule("mine", at(1)), shard=0)
    await other.hear(schedule("theirs", at(1)), shard=1)
    by_hand.set(at(2))
    await process.fire()
    assert await process.fired() == ["mine"]
    await other.fire()
    assert await process.fired() == ["mine", "theirs"]


async def test_a_process_without_shards_fires_nothing_and_sleeps(
    process: Process, by_hand: ClockFile
) -> None:
    await process.hear(schedule("t", at(1)))
    by_hand.set(at(2))
    process.own()
    assert await process.fire() is None
    assert await process.fired() == []


async def test_what_another_process_set_meanwhile_fires_when_the_shard_comes_back(
    process: Process, by_hand: ClockFile
) -> None:
    """Gone and back between two looks: the shards are the same, what they hold is not."""
    await process.hear(schedule("first", at(100)))
    by_hand.set(at(100))
    await process.fire()
    other = Process(process.pool, process.tape)
    await other.hear(schedule("set elsewhere", at(50)))
    process.own(0)
    await process.fire()
    assert await process.fired() == ["first", "set elsewhere"]


async def test_two_processes_that_fire_one_shard_fire_each_timer_once(
    process: Process, by_hand: ClockFile
) -> None:
    """The zombie: it was told too late that the shard is another's."""
    await process.hear(*(schedule(f"t{n:03d}", at(n / 100)) for n in range(300)))
    other = Process(process.pool, process.tape)
    by_hand.set(at(60))
    await asyncio.gather(process.fire(), other.fire())
    assert sorted(await process.fired()) == [f"t{n:03d}" for n in range(300)]


async def test_firing_waits_for_the_batch_that_sets_and_cancels(process: Process, by_hand: ClockFile) -> None:
    """A cancel that is being written must not race the firing: the offset row is the fence."""
    await process.hear(schedule("t", at(1)))
    by_hand.set(at(2))
    async with process.pool.acquire() as batch, batch.transaction():
        await batch.execute("SELECT FROM offsets FOR UPDATE")
        await batch.execute("DELETE FROM timers WHERE timer_id = 't'")
        firing = asyncio.ensure_future(process.fire())

        async def is_waiting() -> bool:
            return bool(
                await process.pool.fetchval(
                    "SELECT EXISTS (SELECT FROM pg_stat_activity "
                    "WHERE wait_event_type = 'Lock' AND datname = current_database())"
                )
            )

        await until(is_waiting, "the firing waits")
    await firing
    assert await process.fired() == []
