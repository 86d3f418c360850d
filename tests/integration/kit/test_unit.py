"""One batch, one transaction: what is written together, what is fenced, what is never done twice."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from shared.contracts import topics
from shared.kit import db
from shared.kit.db import Pool
from shared.kit.decode import decoder
from shared.kit.errors import PositionMovedError, StatesMissing
from shared.kit.fold import Verdict
from shared.kit.service import Key, Message, Outcome, States
from shared.kit.unit import Unit
from tests.support.toy import Say, Toy, ToyOrder, command, deadline, numbered, placed, poison, unnumbered
from tests.support.workbench import NAME, Workbench

ORDERS = (topics.ORDERS_EVENTS, 0)
CHECKOUT = (topics.CHECKOUT_EVENTS, 0)


async def test_a_batch_moves_states_outbox_and_offsets_together(bench: Workbench) -> None:
    applied = await bench.apply(unnumbered("o"), numbered("o", 1), command("o"), deadline("o"))
    assert await bench.heard("o") == ["o-verified", "o-n1", "o-command", "o-deadline"]
    assert [body["contact_id"] for body in await bench.said(topics.MESSAGING_EVENTS)] == await bench.heard(
        "o"
    )
    assert applied.verdicts == {Verdict.APPLIED: 4}
    assert await bench.position(ORDERS) == 1


async def test_what_is_said_carries_id_source_time_cause_and_number(bench: Workbench) -> None:
    await bench.apply(unnumbered("o", "cause"))
    await bench.apply(command("o", "second"))
    first, second = await bench.outbox(topics.MESSAGING_EVENTS)
    assert first["headers"]["ce_source"] == "/recourse/messaging"
    assert first["headers"]["ce_causationid"] == "cause"
    assert first["headers"]["ce_correlationid"] == first["headers"]["ce_subject"] == "o"
    assert first["headers"]["ce_time"].endswith("Z")
    assert [row["headers"]["ce_sequence"] for row in (first, second)] == ["1", "2"]
    assert first["headers"]["ce_id"] != second["headers"]["ce_id"]
    assert [row["id"] for row in (first, second)] == [row["headers"]["ce_id"] for row in (first, second)]


async def test_a_batch_that_fails_moves_nothing(bench: Workbench) -> None:
    async def fails(_connection: Any, _effects: Sequence[Any]) -> None:
        raise ConnectionResetError("the cable")

    await bench.apply(unnumbered("before"))
    before = await bench.dump()
    bench.toy.apply = fails
    with pytest.raises(ConnectionResetError):
        await bench.apply(unnumbered("o"), numbered("o", 1), command("o"))
    assert await bench.dump() == before


async def test_the_same_batch_again_after_its_commit_changes_nothing(bench: Workbench) -> None:
    records = bench.tape(
        unnumbered("o"), numbered("o", 1), command("o"), deadline("o"), poison(unnumbered("p"))
    )
    await bench.apply_records(records)
    before = await bench.dump()
    await bench.apply_records(records)
    assert await bench.dump() == before


async def test_a_consumer_that_stands_elsewhere_changes_nothing(bench: Workbench) -> None:
    """The zombie: it lost its partition, and another process has applied what it still holds."""
    records = bench.tape(numbered("o", 1), numbered("o", 2), numbered("o", 3))
    await bench.apply_records(records[:1])
    await bench.apply_records(records[1:])
    before = await bench.dump()
    with pytest.raises(PositionMovedError, match=r"orders\.events\[0\] stands at 3, not at 1"):
        await bench.unit().apply(records[1:], {ORDERS: 1})
    assert await bench.dump() == before


async def test_two_processes_with_one_batch_apply_it_once(bench: Workbench) -> None:
    records = bench.tape(*(numbered(f"o{n}", 1) for n in range(50)))
    done = await asyncio.gather(
        *(bench.unit().apply(records, {ORDERS: 0}) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in done) == [
        "Applied",
        "PositionMovedError",
        "PositionMovedError",
    ]
    assert len(await bench.outbox()) == 50
    await bench.check_the_sum()


async def test_what_is_sent_twice_at_another_offset_is_applied_once(bench: Workbench) -> None:
    said = [unnumbered("o"), numbered("o", 1), numbered("o", 2), command("o"), deadline("o")]
    await bench.apply(*said, *said)
    once = await bench.outbox()
    second = await bench.apply(*said)
    assert await bench.heard("o") == ["o-verified", "o-n1", "o-n2", "o-command", "o-deadline"]
    assert await bench.outbox() == once
    assert second.verdicts == {Verdict.COPY: 5}


async def test_a_copy_on_another_day_is_a_copy(bench: Workbench, pool: Pool) -> None:
    await bench.apply(unnumbered("o"))
    await pool.execute("UPDATE seen SET seen_on = seen_on - 89")
    await bench.apply(unnumbered("o"))
    assert await bench.heard("o") == ["o-verified"]


async def test_a_numbered_fact_of_no_concern_leaves_no_gap(bench: Workbench) -> None:
    bench.toy.concerns = lambda message: message.attributes.sequence != 2
    first = await bench.apply(numbered("o", 1), numbered("o", 2), numbered("o", 3))
    assert await bench.heard("o") == ["o-n1", "o-n3"]
    assert first.verdicts == {Verdict.APPLIED: 2, Verdict.PASSED_OVER: 1}


async def test_a_type_of_a_later_release_leaves_no_gap(bench: Workbench) -> None:
    good = numbered("o", 2)
    headers = [(n, b"orders.of_tomorrow.v1" if n == "ce_type" else value) for n, value in good.headers]
    await bench.apply(
        numbered("o", 1), Say(good.topic, good.key, tuple(headers), good.value), numbered("o", 3)
    )
    assert await bench.heard("o") == ["o-n1", "o-n3"]


async def test_deadlines_of_other_services_are_passed_over(bench: Workbench) -> None:
    bench.toy.concerns = lambda message: getattr(message.data, "owner", NAME) == NAME
    applied = await bench.apply(deadline("o", owner="claims"), deadline("o", "mine"))
    assert await bench.heard("o") == ["mine"]
    assert applied.verdicts[Verdict.PASSED_OVER] == 1


async def test_a_row_that_only_a_locked_row_names_is_loaded_and_the_batch_done_again(
    bench: Workbench,
) -> None:
    service = bench.toy.service()
    also = Key("order", "named by another")
    asked: list[bool] = []

    def handle(message: Message, states: States, now: datetime) -> Outcome:
        asked.append(also in states)
        if also not in states:
            raise StatesMissing([also])
        outcome = service.handle(message, states, now)
        return replace(outcome, states={**outcome.states, also: ToyOrder(heard=("through another",))})

    described = replace(service, handle=handle)
    unit = Unit(bench.pool, described, decoder(described.check))
    applied = await unit.apply(bench.tape(unnumbered("o")), {CHECKOUT: 0})
    assert asked == [False, True]
    assert applied.verdicts == {Verdict.APPLIED: 1}
    assert await bench.heard("o") == ["o-verified"]
    assert await bench.heard(also.id) == ["through another"]


async def test_however_many_rows_are_found_missing_one_after_the_other_the_batch_is_done(
    bench: Workbench,
) -> None:
    service = bench.toy.service()
    chain = [Key("order", f"named by {number}") for number in range(50)]

    def handle(message: Message, states: States, now: datetime) -> Outcome:
        if missing := next((key for key in chain if key not in states), None):
            raise StatesMissing([missing])
        return service.handle(message, states, now)

    described = replace(service, handle=handle)
    unit = Unit(bench.pool, described, decoder(described.check))
    applied = await unit.apply(bench.tape(unnumbered("o")), {CHECKOUT: 0})
    assert applied.verdicts == {Verdict.APPLIED: 1}


class _Meeting:
    """Holds one process in the middle of its transaction until the other has run into it."""

    def __init__(self) -> None:
        self.first_is_in = asyncio.Event()
        self.go_on = asyncio.Event()

    async def apply(self, _connection: Any, _effects: Sequence[Any]) -> None:
        if not self.first_is_in.is_set():
            self.first_is_in.set()
            await self.go_on.wait()


async def _until_blocked(watcher: asyncpg.Connection[Any]) -> None:
    """Wait until some session waits for another's lock."""
    while not await watcher.fetchval(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database())"
    ):
        pass


async def _interleaved(
    pool: Pool, kit_dsn: str, first: Sequence[Say], second: Sequence[Say]
) -> tuple[Workbench, Workbench]:
    """Apply one batch while the other is held before its commit: for real, on two connections."""
    meeting = _Meeting()
    ours = Workbench(pool, Toy(apply=meeting.apply))
    theirs = Workbench(pool, Toy(apply=meeting.apply), tape=ours.tape)
    async with asyncio.timeout(20):
        watcher = await db.connect(kit_dsn, NAME, "watcher")
        one = asyncio.create_task(ours.apply(*first))
        await meeting.first_is_in.wait()
        two = asyncio.create_task(theirs.apply(*second, partition=1))
        await _until_blocked(watcher)
        meeting.go_on.set()
        await asyncio.gather(one, two)
        await watcher.close()
    return ours, theirs


async def test_two_processes_that_make_the_same_new_row_lose_neither_message(
    pool: Pool, kit_dsn: str
) -> None:
    first, second = [unnumbered("o", "first")], [unnumbered("o", "second")]
    bench, _ = await _interleaved(pool, kit_dsn, first, second)
    assert await bench.heard("o") == ["first", "second"]
    numbers = [row["headers"]["ce_sequence"] for row in await bench.outbox()]
    assert numbers == ["1", "2"]
    await bench.check_the_sum()


async def test_two_processes_that_change_the_same_row_lose_neither_message(pool: Pool, kit_dsn: str) -> None:
    await Workbench(pool).apply_records(Workbench(pool).tape(deadline("o", "before")))
    bench, _ = await _interleaved(pool, kit_dsn, [unnumbered("o", "first")], [unnumbered("o", "second")])
    assert await bench.heard("o") == ["before", "first", "second"]


async def test_orders_of_one_seller_in_two_processes_are_all_counted(pool: Pool, kit_dsn: str) -> None:
    first, second = ([placed(f"{half}{n}") for n in range(20)] for half in "ab")
    await _interleaved(pool, kit_dsn, first, second)
    assert await pool.fetchval("SELECT body->>'orders' FROM state WHERE kind = 'seller'") == "40"


async def test_many_processes_at_once_count_every_order_of_a_hot_seller(pool: Pool) -> None:
    benches = [Workbench(pool) for _ in range(4)]

    async def work(number: int) -> None:
        bench = benches[number]
        for batch in range(5):
            said = [placed(f"{number}-{batch}-{n}", f"seller{n % 2}") for n in range(10)]
            await bench.apply(*said, partition=number)

    await asyncio.gather(*(work(number) for number in range(4)))
    counted = await pool.fetch("SELECT body->>'orders' AS orders FROM state WHERE kind = 'seller'")
    assert [row["orders"] for row in counted] == ["100", "100"]
