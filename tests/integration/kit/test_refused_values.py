"""Values that cannot be written are found by halving the batch: one key is parked, its neighbours flow."""

from __future__ import annotations

import json
import random

import asyncpg
import pytest

from shared.contracts.operations import Retry
from shared.kit import db
from shared.kit.fold import Verdict
from tests.support.toy import command, deadline, numbered, operation, poison, unnumbered
from tests.support.workbench import Workbench

NUL = "one\x00two"
LONE_SURROGATE = "\ud800"


@pytest.mark.parametrize("text", [NUL, LONE_SURROGATE], ids=["NUL", "half a character"])
async def test_one_refused_value_among_600_records_parks_exactly_its_key(bench: Workbench, text: str) -> None:
    orders = [f"o{n}" for n in range(400)]
    said = [numbered(order, 1) for order in orders] + [command(order) for order in orders[:200]]
    random.Random(4).shuffle(said)
    bench.toy.texts = {"o57": text}
    applied = await bench.apply(*said)
    assert list(await bench.parked()) == ["o57"]
    assert await bench.held() == [("o57", "parked"), ("o57", "parked")]
    assert applied.verdicts == {Verdict.APPLIED: 598, Verdict.PARKED: 2}
    assert (
        await bench.pool.fetchval("SELECT count(*) FROM state WHERE (body->'heard')::jsonb ? (key || '-n1')")
        == 399
    )
    assert len(await bench.outbox()) == 598


async def test_several_refused_values_park_their_keys_and_no_other(bench: Workbench) -> None:
    bad = {"o3", "o4", "o77", "o199"}
    bench.toy.texts = dict.fromkeys(bad, NUL)
    await bench.apply(*(unnumbered(f"o{n}") for n in range(200)))
    assert set(await bench.parked()) == bad
    assert len(await bench.outbox()) == 196


async def test_poison_beside_a_refused_value_is_buried_once(bench: Workbench) -> None:
    bench.toy.texts = {"bad": NUL}
    applied = await bench.apply(unnumbered("bad"), poison(unnumbered("dead")), unnumbered("good"))
    assert applied.verdicts == {Verdict.PARKED: 1, Verdict.DEAD: 1, Verdict.APPLIED: 1}
    assert await bench.pool.fetchval("SELECT count(*) FROM dead_letters") == 1


async def test_the_error_says_which_state_and_what_it_has(bench: Workbench) -> None:
    bench.toy.texts = {"o": NUL}
    await bench.apply(unnumbered("o"))
    assert "order/o can't be written as JSON: one of its texts has a NUL" in (await bench.parked())["o"]


async def test_what_only_postgresql_refuses_parks_its_key_too_in_postgresqls_words(own_pool: db.Pool) -> None:
    bench = Workbench(own_pool)
    await bench.pool.execute("ALTER TABLE state ADD CHECK (body->>'text' <> 'refused')")
    bench.toy.texts = {"bad": "refused"}
    await bench.apply(unnumbered("bad"), unnumbered("good"))
    assert "violates check constraint" in (await bench.parked())["bad"]
    assert await bench.heard("good") == ["good-verified"]


@pytest.mark.parametrize("text", [r"\u0000", "\\\\u0000", "a\\", "\\n"])
async def test_a_text_that_only_looks_like_a_nul_is_kept_as_it_is(bench: Workbench, text: str) -> None:
    bench.toy.texts = {"o": text}
    await bench.apply(unnumbered("o"))
    assert await bench.parked() == {}
    assert json.loads(await bench.pool.fetchval("SELECT body FROM state WHERE key = 'o'"))["text"] == text


async def test_a_key_that_is_refused_again_when_it_is_retried_is_parked_again(bench: Workbench) -> None:
    bench.toy.texts = {"bad": NUL}
    await bench.apply(unnumbered("bad"), command("bad"))
    await bench.apply(operation(Retry, "too soon", key="order/bad"), unnumbered("good"))
    assert list(await bench.parked()) == ["bad"]
    assert await bench.heard("good") == ["good-verified"]
    bench.toy.texts.clear()
    await bench.apply(operation(Retry, "mended", key="order/bad"))
    assert await bench.heard("bad") == ["bad-verified", "bad-command"]
    assert (await bench.parked(), await bench.held()) == ({}, [])


async def test_a_record_held_for_a_gap_whose_value_is_refused_parks_only_its_key(bench: Workbench) -> None:
    await bench.apply(numbered("bad", 2), deadline("bad"))
    bench.toy.texts = {"bad": NUL}
    await bench.apply(numbered("bad", 1), unnumbered("good"))
    assert list(await bench.parked()) == ["bad"]
    assert await bench.heard("good") == ["good-verified"]
    assert len(await bench.held()) == 3


async def test_what_belongs_to_no_key_fails_the_batch_and_parks_nobody(own_pool: db.Pool) -> None:
    bench = Workbench(own_pool)
    await bench.pool.execute("ALTER TABLE dead_letters ADD CHECK (rule <> 'bad_json')")
    with pytest.raises(asyncpg.CheckViolationError):
        await bench.apply(poison(unnumbered("o")), unnumbered("a"), unnumbered("b"))
    assert await bench.parked() == {}


async def test_a_value_that_the_driver_cannot_send_is_the_values_fault_not_an_outage(pool: db.Pool) -> None:
    for query, value in (
        ("SELECT $1::int", 2**31),
        ("SELECT $1::int", "text"),
        ("SELECT $1::text", LONE_SURROGATE),
    ):
        with pytest.raises(Exception, match=r".") as raised:
            await pool.fetchval(query, value)
        assert db.is_refused(raised.value), raised.value
        assert not db.is_away(raised.value), raised.value


async def test_a_server_that_goes_away_in_mid_statement_is_an_outage_not_a_value(kit_dsn: str) -> None:
    victim, other = [await db.connect(kit_dsn, "messaging", "test") for _ in range(2)]
    pid = await victim.fetchval("SELECT pg_backend_pid()")
    await other.execute("SELECT pg_terminate_backend($1)", pid)
    for _ in range(2):  # first what the server says, then a closed connection
        with pytest.raises(Exception, match=r".") as raised:
            await victim.fetchval("SELECT 1")
        assert db.is_away(raised.value)
        assert not db.is_refused(raised.value)
    await other.close()
