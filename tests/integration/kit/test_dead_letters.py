"""What cannot be read is kept as found, sent on, and stops nothing but its own key."""

from __future__ import annotations

import base64

from shared.contracts import topics
from shared.kit.fold import Verdict
from shared.kit.held import record_of
from tests.support.toy import Say, command, deadline, numbered, poison, unnumbered
from tests.support.workbench import Workbench

LETTERS = f"{topics.SERVICES[1]}.dead-letters"
ODD = Say(
    topics.CHECKOUT_EVENTS,
    b"\x00\xff",
    (
        ("ce_type", b"checkout.payment_verified.v1"),
        ("ce_type", b"checkout.payment_verified.v1"),
        ("null", None),
        ("bytes", b"\xff\x00"),
        ("nul", b"a\x00b"),
        ("chinese", "退款".encode()),
    ),
    b"\x00\xff not json",
)


async def test_a_dead_letter_is_kept_as_found(bench: Workbench) -> None:
    (record,) = bench.tape(ODD)
    applied = await bench.apply_records([record])
    row = await bench.pool.fetchrow("SELECT * FROM dead_letters")
    assert row is not None
    assert record_of(row) == record
    assert (row["rule"], row["status"], row["key"]) == ("bad_envelope", "open", None)
    assert applied.verdicts == {Verdict.DEAD: 1}


async def test_it_is_sent_on_with_its_bytes_and_its_place(bench: Workbench) -> None:
    await bench.apply(unnumbered("first"), ODD)
    (sent,) = await bench.outbox(LETTERS)
    assert (sent["record_key"], sent["payload"]) == (ODD.key, ODD.value)
    assert sent["aggregateid"] is None
    headers = sent["headers"]
    assert {name: headers[name] for name in ("dl_topic", "dl_partition", "dl_offset", "dl_rule")} == {
        "dl_topic": topics.CHECKOUT_EVENTS,
        "dl_partition": "0",
        "dl_offset": "1",
        "dl_rule": "bad_envelope",
    }
    assert headers["dl_id"] == sent["id"] == await bench.pool.fetchval("SELECT dl_id FROM dead_letters")
    assert "specversion" in headers["dl_message"]
    assert headers["null"] is None
    assert base64.b64decode(headers["bytes"]["base64"]) == b"\xff\x00"
    assert headers["chinese"] == "退款"


async def test_the_same_record_read_again_has_the_same_id(bench: Workbench) -> None:
    records = bench.tape(ODD)
    await bench.apply_records(records)
    first = await bench.pool.fetchval("SELECT dl_id FROM dead_letters")
    await bench.pool.execute("TRUNCATE offsets, dead_letters")
    await bench.apply_records(records)
    assert await bench.pool.fetchval("SELECT dl_id FROM dead_letters") == first


async def test_null_values_and_null_keys_fail_no_batch(bench: Workbench) -> None:
    empty = Say(topics.CHECKOUT_EVENTS, None, (), None)
    tombstone = Say(topics.ORDERS_EVENTS, b"o", numbered("o", 9).headers, None)
    applied = await bench.apply(empty, unnumbered("good"), tombstone)
    assert applied.verdicts == {Verdict.DEAD: 2, Verdict.APPLIED: 1}
    assert await bench.heard("good") == ["good-verified"]


async def test_poison_on_a_topic_without_numbers_holds_nothing(bench: Workbench) -> None:
    await bench.apply(poison(unnumbered("o")), unnumbered("o", "fine"), command("o"))
    assert await bench.heard("o") == ["fine", "o-command"]


async def test_poison_on_a_topic_with_numbers_holds_its_key_and_no_other(bench: Workbench) -> None:
    said = [*(numbered(order, 1) for order in "ab"), *(numbered(order, 3) for order in "ab")]
    await bench.apply(said[0], said[1], poison(numbered("a", 2)), numbered("b", 2), said[2], said[3])
    await bench.apply(command("a"), deadline("a"), command("b"), deadline("b"))
    assert await bench.heard("a") == ["a-n1"]
    assert await bench.heard("b") == ["b-n1", "b-n2", "b-n3", "b-command", "b-deadline"]
    assert await bench.held() == [("a", "gap")] * 3


async def test_the_largest_poison_passes_through(bench: Workbench) -> None:
    huge = Say(topics.CHECKOUT_EVENTS, b"o", unnumbered("o").headers, b"x" * topics.RECORD_BYTES_MAX)
    await bench.apply(huge)
    (sent,) = await bench.outbox(LETTERS)
    assert len(sent["payload"]) == topics.RECORD_BYTES_MAX


async def test_good_copies_of_a_fact_that_was_poison_close_the_gap(bench: Workbench) -> None:
    await bench.apply(numbered("o", 1), poison(numbered("o", 2)), numbered("o", 3), command("o"))
    await bench.apply(numbered("o", 2))
    assert await bench.heard("o") == ["o-n1", "o-n2", "o-n3", "o-command"]
