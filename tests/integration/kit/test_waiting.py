"""What cannot run yet: commands whose order is not known, facts behind a gap. Nothing is lost, order is kept."""

from __future__ import annotations

from datetime import timedelta

from shared.contracts import topics
from shared.contracts.operations import Skip
from shared.kit import clock
from shared.kit.fold import Verdict
from shared.kit.service import Key
from shared.kit.sql import queries
from tests.support.toy import command, deadline, numbered, operation, unnumbered
from tests.support.workbench import Workbench

SQL = queries("shared.kit", "kit.sql")


async def refuse_overdue(bench: Workbench, seconds: float = 0) -> list[str]:
    """Do what the consumer does from time to time, with a wait of so many seconds; return the keys found."""
    since = clock.real_now() - timedelta(seconds=seconds)
    found = await bench.pool.fetch(SQL["overdue_commands"], since)
    await bench.unit().refuse_overdue([Key(row["kind"], row["key"]) for row in found], since)
    return [row["key"] for row in found]


async def test_commands_wait_for_their_order_and_run_first_and_in_order_when_it_comes(
    bench: Workbench,
) -> None:
    waiting = await bench.apply(command("o", "c1"), command("o", "c2"))
    await bench.apply(command("o", "c3"))
    assert waiting.verdicts == {Verdict.WAITING: 2}
    assert await bench.held() == [("o", "order")] * 3
    assert await bench.outbox() == []
    await bench.apply(command("o", "c4"), unnumbered("o"))
    assert await bench.heard("o") == ["o-verified", "c1", "c2", "c3", "c4"]
    assert await bench.held() == []


async def test_a_command_that_waits_holds_up_no_other_order(bench: Workbench) -> None:
    await bench.apply(unnumbered("known"), command("unknown"), command("known"))
    assert await bench.heard("known") == ["known-verified", "known-command"]


async def test_a_deadline_does_not_wait_for_its_order(bench: Workbench) -> None:
    await bench.apply(deadline("o"))
    assert await bench.heard("o") == ["o-deadline"]


async def test_a_command_whose_order_does_not_come_is_refused_without_a_number(bench: Workbench) -> None:
    await bench.apply(command("o", "c1"), command("o", "c2"))
    assert await refuse_overdue(bench, seconds=60) == []
    assert await refuse_overdue(bench) == ["o"]
    refusals = await bench.outbox(topics.MESSAGING_EVENTS)
    assert [row["type"] for row in refusals] == ["messaging.command_refused.v1"] * 2
    assert [row["headers"]["ce_causationid"] for row in refusals] == ["c1", "c2"]
    assert all("ce_sequence" not in row["headers"] for row in refusals)
    assert [body["reason"] for body in await bench.said(topics.MESSAGING_EVENTS)] == ["unknown_order"] * 2
    assert await bench.held() == []
    assert await refuse_overdue(bench) == []


async def test_an_order_that_comes_after_the_refusal_starts_at_number_1(bench: Workbench) -> None:
    await bench.apply(command("o"))
    await refuse_overdue(bench)
    await bench.apply(unnumbered("o"), command("o"))
    assert await bench.heard("o") == ["o-verified"]
    assert (await bench.outbox())[-1]["headers"]["ce_sequence"] == "1"


async def test_only_the_commands_that_waited_long_enough_are_refused(bench: Workbench) -> None:
    await bench.apply(command("o", "early"))
    await bench.pool.execute("UPDATE held SET held_at = held_at - interval '1 hour'")
    await bench.apply(command("o", "late"))
    assert await refuse_overdue(bench, seconds=60) == ["o"]
    assert [row["headers"]["ce_causationid"] for row in await bench.outbox()] == ["early"]
    assert await bench.held() == [("o", "order")]


async def test_a_gap_waits_over_batches_and_closes_in_order(bench: Workbench) -> None:
    await bench.apply(numbered("o", 3), numbered("o", 2), command("o"))
    assert await bench.held() == [("o", "gap")] * 3
    assert await refuse_overdue(bench) == []
    await bench.apply(deadline("o"))
    await bench.apply(numbered("o", 1))
    assert await bench.heard("o") == ["o-n1", "o-n2", "o-n3", "o-command", "o-deadline"]
    assert await bench.held() == []


async def test_a_command_behind_a_parked_fact_waits_for_its_order_once_that_is_skipped(
    bench: Workbench,
) -> None:
    bench.toy.raises.add("o")
    await bench.apply(unnumbered("o"), command("o"))
    await bench.apply(operation(Skip, "skip", key="order/o"))
    assert await bench.held() == [("o", "order")]
    assert await refuse_overdue(bench) == ["o"]
    assert [row["type"] for row in await bench.outbox(topics.MESSAGING_EVENTS)] == [
        "messaging.command_refused.v1"
    ]


async def test_a_command_of_a_parked_order_is_not_asked_for_again_and_again(bench: Workbench) -> None:
    await bench.apply(command("o"))
    bench.toy.raises.add("o")
    await bench.apply(unnumbered("o"))
    assert await bench.held() == [("o", "parked")] * 2
    assert await refuse_overdue(bench) == []


async def test_a_held_record_that_can_no_longer_be_read_parks_its_key(bench: Workbench) -> None:
    await bench.apply(numbered("o", 2), command("o"))
    await bench.pool.execute("UPDATE held SET value = 'not json' WHERE topic = $1", topics.ORDERS_EVENTS)
    await bench.apply(numbered("o", 1), unnumbered("good"))
    assert await bench.heard("o") == ["o-n1"]
    assert await bench.heard("good") == ["good-verified"]
    assert "run a release that reads it" in (await bench.parked())["o"]
    assert len(await bench.held()) == 2
