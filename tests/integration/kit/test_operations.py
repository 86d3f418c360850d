"""Operators retry and skip dead letters and parked keys; each command has its answer."""

from __future__ import annotations

from typing import Any

from shared.contracts import topics
from shared.contracts.operations import Retry, Skip
from tests.support.toy import (
    Say,
    command,
    deadline,
    numbered,
    operation,
    poison,
    unnumbered,
)
from tests.support.workbench import Workbench


async def answers(bench: Workbench) -> list[tuple[str, Any]]:
    """Return the answers given so far: their type, and the reason if there is one."""
    rows = await bench.outbox(topics.OPERATIONS_EVENTS)
    bodies = await bench.said(topics.OPERATIONS_EVENTS)
    return [
        (row["type"].split(".")[1], body.get("reason") if row["type"] == "operations.refused.v1" else None)
        for row, body in zip(rows, bodies, strict=True)
    ]


async def letter_of(bench: Workbench) -> str:
    """Return the id of the one open dead letter."""
    found: str = await bench.pool.fetchval("SELECT dl_id FROM dead_letters WHERE status = 'open'")
    return found


async def mend(bench: Workbench, good: Say) -> None:
    """Make the dead letter readable, as a later release would find it."""
    await bench.pool.execute("UPDATE dead_letters SET value = $1 WHERE status = 'open'", good.value)


async def test_a_dead_letter_that_can_be_read_now_is_applied(bench: Workbench) -> None:
    await bench.apply(poison(unnumbered("o")), command("o"))
    await mend(bench, unnumbered("o"))
    await bench.apply(operation(Retry, "retry", letter=await letter_of(bench)))
    assert await bench.heard("o") == ["o-verified", "o-command"]
    assert await bench.pool.fetchval("SELECT status FROM dead_letters") == "retried"
    assert await answers(bench) == [("retried", None)]


async def test_the_answer_names_the_command_and_what_it_was_about(bench: Workbench) -> None:
    await bench.apply(poison(unnumbered("o")))
    letter = await letter_of(bench)
    await bench.apply(operation(Skip, "skip-1", letter=letter))
    (row,), (body,) = (
        await bench.outbox(topics.OPERATIONS_EVENTS),
        await bench.said(topics.OPERATIONS_EVENTS),
    )
    assert row["headers"]["ce_causationid"] == body["command_id"] == "skip-1"
    assert (body["dead_letter_id"], body["service"], body["reason"]) == (letter, "messaging", "because")
    assert row["aggregateid"] == "messaging"


async def test_a_retried_number_lets_what_waited_behind_it_go_on(bench: Workbench) -> None:
    await bench.apply(
        numbered("o", 1), poison(numbered("o", 2)), numbered("o", 3), command("o"), deadline("o")
    )
    assert await bench.heard("o") == ["o-n1"]
    await mend(bench, numbered("o", 2))
    await bench.apply(operation(Retry, "retry", letter=await letter_of(bench)))
    assert await bench.heard("o") == ["o-n1", "o-n2", "o-n3", "o-command", "o-deadline"]
    assert await bench.held() == []


async def test_a_skipped_number_lets_what_waited_behind_it_go_on(bench: Workbench) -> None:
    await bench.apply(numbered("o", 1), poison(numbered("o", 2)), numbered("o", 3), command("o"))
    await bench.apply(operation(Skip, "skip", letter=await letter_of(bench)))
    assert await bench.heard("o") == ["o-n1", "o-n3", "o-command"]
    assert await bench.pool.fetchval("SELECT status FROM dead_letters") == "skipped"
    assert await answers(bench) == [("skipped", None)]


async def test_dead_letters_of_one_key_may_be_skipped_in_any_order(bench: Workbench) -> None:
    await bench.apply(numbered("o", 1), poison(numbered("o", 2)), poison(numbered("o", 3)), numbered("o", 4))
    letters = await bench.pool.fetch('SELECT dl_id FROM dead_letters ORDER BY "offset" DESC')
    for number, row in enumerate(letters):
        await bench.apply(operation(Skip, f"skip{number}", letter=row["dl_id"]))
    assert await bench.heard("o") == ["o-n1", "o-n4"]


async def test_a_good_copy_of_a_number_that_was_skipped_is_a_copy(bench: Workbench) -> None:
    await bench.apply(numbered("o", 1), poison(numbered("o", 2)))
    await bench.apply(operation(Skip, "skip", letter=await letter_of(bench)))
    await bench.apply(numbered("o", 2), numbered("o", 3))
    assert await bench.heard("o") == ["o-n1", "o-n3"]
    assert await bench.parked() == {}


async def test_a_stray_record_that_is_skipped_holds_nothing_up_afterwards(bench: Workbench) -> None:
    stray = Say(topics.ORDERS_EVENTS, b"o", (), b"hello?")
    await bench.apply(numbered("o", 1), stray, command("o"))
    assert await bench.heard("o") == ["o-n1"]
    await bench.apply(operation(Skip, "skip", letter=await letter_of(bench)))
    await bench.apply(numbered("o", 2), numbered("o", 3))
    assert await bench.heard("o") == ["o-n1", "o-command", "o-n2", "o-n3"]


async def test_a_dead_letter_that_is_still_unreadable_stays(bench: Workbench) -> None:
    await bench.apply(poison(unnumbered("o")))
    await bench.apply(operation(Retry, "retry", letter=await letter_of(bench)))
    assert await answers(bench) == [("refused", "still_unreadable")]
    assert await letter_of(bench)


async def test_what_cannot_be_done_is_refused_with_its_reason(bench: Workbench) -> None:
    await bench.apply(poison(unnumbered("o")))
    letter = await letter_of(bench)
    await bench.apply(
        operation(Retry, "a", letter="no-such-letter"),
        operation(Skip, "b", key="order/no-such-key"),
        operation(Skip, "c"),
        operation(Skip, "d", letter=letter, key="order/o"),
        operation(Skip, "e", letter=letter),
        operation(Retry, "f", letter=letter),
    )
    await bench.apply(operation(Skip, "g", letter=letter))
    assert await answers(bench) == [
        ("refused", "not_found"),
        ("refused", "not_found"),
        ("refused", "nothing_named"),
        ("refused", "nothing_named"),
        ("skipped", None),
        ("refused", "already_settled"),
        ("refused", "already_settled"),
    ]


async def test_a_command_to_another_service_is_none_of_ours(bench: Workbench) -> None:
    await bench.apply(poison(unnumbered("o")))
    await bench.apply(operation(Skip, "skip", letter=await letter_of(bench), to="claims"))
    assert await answers(bench) == []
    assert await letter_of(bench)


async def test_an_operators_command_repeated_is_answered_once(bench: Workbench) -> None:
    await bench.apply(poison(unnumbered("o")))
    skip = operation(Skip, "skip", letter=await letter_of(bench))
    await bench.apply(skip, skip)
    await bench.apply(skip)
    assert await answers(bench) == [("skipped", None)]


async def test_a_parked_key_goes_on_where_it_stopped_once_the_rule_is_mended(bench: Workbench) -> None:
    bench.toy.raises.add("o")
    await bench.apply(numbered("o", 1), numbered("o", 2), command("o"), deadline("o"))
    await bench.apply(numbered("o", 3))
    bench.toy.raises.clear()
    await bench.apply(operation(Retry, "retry", key="order/o"))
    assert await bench.heard("o") == ["o-n1", "o-n2", "o-n3", "o-command", "o-deadline"]
    assert (await bench.held(), await bench.parked()) == ([], {})
    assert await answers(bench) == [("retried", None)]


async def test_a_parked_key_that_raises_again_is_parked_again_and_can_be_retried(bench: Workbench) -> None:
    bench.toy.raises.add("o")
    await bench.apply(numbered("o", 1), command("o"))
    await bench.apply(operation(Retry, "too soon", key="order/o"))
    assert list(await bench.parked()) == ["o"]
    bench.toy.raises.clear()
    await bench.apply(operation(Retry, "mended", key="order/o"))
    assert await bench.heard("o") == ["o-n1", "o-command"]
    assert await answers(bench) == [("retried", None)] * 2


async def test_skipping_leaves_out_the_record_that_raised_and_nothing_else(bench: Workbench) -> None:
    await bench.apply(command("o", "waited"))
    bench.toy.raises.add("o")
    await bench.apply(unnumbered("o", "raised"))
    bench.toy.raises.clear()
    await bench.apply(unnumbered("o", "behind"))
    await bench.apply(operation(Skip, "skip", key="order/o"))
    assert await bench.heard("o") == ["behind", "waited"]
    assert await bench.held() == []


async def test_a_skipped_number_is_no_gap(bench: Workbench) -> None:
    await bench.apply(numbered("o", 1))
    bench.toy.raises.add("o")
    await bench.apply(numbered("o", 3))
    await bench.apply(numbered("o", 2))
    bench.toy.raises.clear()
    await bench.apply(operation(Skip, "skip", key="order/o"))
    await bench.apply(numbered("o", 4), command("o"))
    assert await bench.heard("o") == ["o-n1", "o-n3", "o-n4", "o-command"]


async def test_a_command_that_was_skipped_does_not_run_when_it_is_sent_again(bench: Workbench) -> None:
    await bench.apply(unnumbered("o"))
    bench.toy.raises.add("o")
    await bench.apply(command("o"))
    bench.toy.raises.clear()
    await bench.apply(operation(Skip, "skip", key="order/o"))
    await bench.apply(command("o"))
    assert await bench.heard("o") == ["o-verified"]


async def test_a_writer_that_was_restored_can_be_skipped_too(bench: Workbench) -> None:
    await bench.apply(numbered("o", 1, "original"))
    await bench.apply(numbered("o", 1, "restored"), numbered("o", 2))
    assert "set back to a backup" in (await bench.parked())["o"]
    await bench.apply(operation(Skip, "skip", key="order/o"))
    assert await bench.heard("o") == ["original", "o-n2"]


async def test_operators_commands_run_beside_a_batch_of_all_else(bench: Workbench) -> None:
    bench.toy.raises.add("o")
    await bench.apply(unnumbered("o"), poison(unnumbered("p")))
    bench.toy.raises.clear()
    await mend(bench, unnumbered("p"))
    letter = await letter_of(bench)
    await bench.apply(
        command("o"),
        operation(Retry, "key", key="order/o"),
        unnumbered("q"),
        operation(Retry, "letter", letter=letter),
        poison(unnumbered("r")),
    )
    assert await bench.heard("o") == ["o-verified", "o-command"]
    assert await bench.heard("p") == ["p-verified"]
    assert await bench.heard("q") == ["q-verified"]
