"""A person's texts go from every table, and what comes late for them is erased as it comes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

from shared.contracts import topics
from shared.contracts.erasure import ERASED
from shared.contracts.operations import Retry, Skip
from shared.contracts.orders import FeedbackLeft
from shared.kit.erasure import Erasing
from shared.kit.fold import Verdict
from shared.kit.limits import Limits
from tests.support.toy import (
    Say,
    command,
    feedback,
    numbered,
    operation,
    person_erased,
    placed,
    poison,
    unnumbered,
    written,
)
from tests.support.until import until
from tests.support.workbench import Statements, Workbench

MARK = "MARK-4711"
TABLES = (
    "offsets",
    "seen",
    "state",
    "held",
    "dead_letters",
    "parked_keys",
    "outbox",
    "outbox_sent",
    "outbox_parked",
)


def erasing(bench: Workbench, **limits: int) -> Erasing:
    return Erasing(bench.pool, bench.toy.service(), Limits(**limits))


async def work_off(bench: Workbench, **limits: int) -> dict[str, Any]:
    """Do all that is to be done; return what was done for whom was asked last."""
    worker = erasing(bench, **limits)
    while await worker.work():
        pass
    row = await bench.pool.fetchrow("SELECT * FROM erasures ORDER BY read_at DESC LIMIT 1")
    assert row is not None
    assert row["done_at"] is not None
    return dict(row)


async def erase(bench: Workbench, party_id: str = "buyer", **limits: int) -> dict[str, Any]:
    await bench.apply(person_erased(party_id))
    return await work_off(bench, **limits)


async def found(bench: Workbench, mark: str = MARK) -> list[str]:
    """Name the tables in which the mark stands, in whatever form."""
    hits = []
    for table in TABLES:
        for row in await bench.pool.fetch(f"SELECT * FROM {table}"):
            text = " ".join(
                value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                for value in dict(row).values()
            )
            hits += [table] if mark in text else []
    return hits


async def send_all(bench: Workbench) -> None:
    """Do what the relay does with what Kafka acknowledged."""
    await bench.pool.execute(
        "WITH gone AS (DELETE FROM outbox RETURNING *) INSERT INTO outbox_sent "
        "SELECT position, id, aggregatetype, aggregateid, type, payload, headers, record_key, current_date FROM gone"
    )


async def writings(bench: Workbench, order_id: str = "o") -> list[list[str]]:
    body = await bench.pool.fetchval("SELECT body FROM state WHERE kind = 'order' AND key = $1", order_id)
    return list(json.loads(body)["written"])


# ------------------------------------------------------------------------------------- rows and what was said


async def test_what_a_person_wrote_goes_from_rows_and_from_what_was_said(bench: Workbench) -> None:
    await bench.apply(unnumbered("o"), written("o", MARK), numbered("o", 1), feedback("o", 2, MARK))
    await send_all(bench)
    await bench.apply(written("o", MARK, number=2))
    assert sorted(await found(bench)) == ["outbox", "outbox_sent", "state"]
    done = await erase(bench)
    assert await found(bench) == []
    assert {name: done[name] for name in ("rows", "messages", "held", "dead_letters", "failed")} == {
        "rows": 1, "messages": 2, "held": 0, "dead_letters": 0, "failed": [],
    }  # fmt: skip
    assert await writings(bench) == [["buyer", ERASED], ["buyer", ERASED], ["buyer", ERASED]]


async def test_that_it_was_said_and_when_and_by_whom_stays(bench: Workbench) -> None:
    await bench.apply(unnumbered("o"), written("o", MARK))
    _, before = await bench.said(topics.MESSAGING_EVENTS)
    await erase(bench)
    _, after = await bench.said(topics.MESSAGING_EVENTS)
    assert after == before | {"text": ERASED}


async def test_what_others_wrote_on_the_same_order_stays(bench: Workbench) -> None:
    await bench.apply(
        unnumbered("o"), written("o", MARK), written("o", "I have sent it.", "seller", kind="seller")
    )
    await erase(bench)
    assert await writings(bench) == [["buyer", ERASED], ["seller", "I have sent it."]]
    await erase(bench, "seller")
    assert await writings(bench) == [["buyer", ERASED], ["seller", ERASED]]


async def test_what_support_wrote_for_the_buyer_goes_with_the_buyer(bench: Workbench) -> None:
    await bench.apply(unnumbered("o"), written("o", MARK, "support-7", kind="support"))
    await erase(bench, "seller")
    assert sorted(await found(bench)) == ["outbox", "state"]
    await erase(bench)
    assert await found(bench) == []


async def test_an_erased_row_is_the_one_that_erased_messages_make(bench: Workbench) -> None:
    """So that what was said replays to it: facts and rows are erased alike."""
    said = [unnumbered("o"), written("o", MARK), numbered("o", 1), feedback("o", 2, MARK)]
    await bench.apply(*said)
    await erase(bench)
    body = await bench.pool.fetchval("SELECT body FROM state WHERE key = 'o'")
    facts = await bench.said(topics.MESSAGING_EVENTS)
    await bench.pool.execute("TRUNCATE state, outbox, offsets, seen")
    bench.tape = type(bench.tape)()
    await bench.apply(*said)  # the person stays erased
    assert await bench.pool.fetchval("SELECT body FROM state WHERE key = 'o'") == body
    assert [fact.get("text") for fact in await bench.said(topics.MESSAGING_EVENTS)] == [
        fact.get("text") for fact in facts
    ]


async def test_what_kafka_refused_for_good_is_erased_too(bench: Workbench) -> None:
    await bench.apply(unnumbered("o"), written("o", MARK))
    await bench.pool.execute(
        "WITH gone AS (DELETE FROM outbox RETURNING *) INSERT INTO outbox_parked "
        "SELECT position, id, aggregatetype, aggregateid, type, payload, headers, record_key, 'too large' FROM gone"
    )
    await erase(bench)
    assert await found(bench) == []


# ------------------------------------------------------------------------------------------- what comes late


async def test_a_message_that_comes_after_the_erasure_brings_nothing_back(bench: Workbench) -> None:
    await bench.apply(unnumbered("o"), numbered("o", 1))
    await erase(bench)
    applied = await bench.apply(
        written("o", MARK), feedback("o", 2, MARK), written("o", MARK, "s-7", kind="support")
    )
    assert applied.verdicts == {Verdict.APPLIED: 3}
    assert await found(bench) == []
    assert len(await writings(bench)) == 3


async def test_one_that_comes_with_the_erasure_itself_brings_nothing_back(bench: Workbench) -> None:
    await bench.apply(unnumbered("o"), written("o", MARK), person_erased("buyer"))
    assert await found(bench) == []


async def test_one_that_waits_waits_without_its_text(bench: Workbench) -> None:
    await erase(bench)
    await bench.apply(written("later", MARK), feedback("gap", 2, MARK))
    assert [why for _, why in await bench.held()] == ["gap", "order"]
    assert await found(bench) == []
    await bench.apply(unnumbered("later"), numbered("gap", 1))
    assert await bench.held() == []
    assert await writings(bench, "later") == [["buyer", ERASED]]
    assert await writings(bench, "gap") == [["buyer", ERASED]]


async def test_a_late_fact_that_is_not_for_the_service_waits_without_its_text_too(bench: Workbench) -> None:
    await erase(bench)
    bench.toy.concerns = lambda message: not isinstance(message.data, FeedbackLeft)
    await bench.apply(feedback("gap", 2, MARK))
    assert [why for _, why in await bench.held()] == ["gap"]
    assert await found(bench) == []
    await bench.apply(numbered("gap", 1), numbered("gap", 3))
    assert await bench.held() == []


async def test_support_that_writes_before_the_order_of_somebody_erased_is_known_leaves_no_text(
    bench: Workbench,
) -> None:
    """Whose it is shows with the order, which is heard first."""
    await erase(bench)
    await bench.apply(written("o", MARK, "support-7", kind="support"), numbered("o", 1))
    assert await found(bench) == []


async def test_a_late_dead_letter_is_kept_without_what_was_in_it(bench: Workbench) -> None:
    await bench.apply(unnumbered("o"))
    await erase(bench)
    theirs = poison(written("new", MARK), b'{"actor": {"id": "buyer"}, "text": "' + MARK.encode())
    others = poison(written("new", "x"), b'{"actor": {"id": "buyer-2"}, "text": "OTHER')
    on_their_order = poison(unnumbered("o", "again"), MARK.encode())
    await bench.apply(theirs, others, on_their_order)
    assert await found(bench) == []
    assert sorted(await found(bench, "OTHER")) == ["dead_letters", "outbox"]
    assert await bench.pool.fetchval("SELECT count(*) FROM dead_letters WHERE erased_at IS NOT NULL") == 2


# ------------------------------------------------------------------------------ what waits, and dead letters


async def test_what_waits_is_erased_where_it_waits_and_keeps_its_turn(bench: Workbench) -> None:
    await bench.apply(written("new", MARK), feedback("o", 2, MARK))
    await erase(bench)
    assert await found(bench) == []
    await bench.apply(unnumbered("new"), numbered("o", 1))
    assert await writings(bench, "new") == await writings(bench, "o") == [["buyer", ERASED]]


async def test_a_parked_message_is_erased_with_the_error_that_tells_of_it(bench: Workbench) -> None:
    bench.toy.raises.add("o")
    await bench.apply(unnumbered("known"), written("o", "x"), feedback("o", 1, MARK))
    await bench.pool.execute("UPDATE parked_keys SET error = 'wrong: ' || $1", MARK)
    assert sorted(await found(bench)) == ["held", "parked_keys"]
    await erase(bench)
    assert await found(bench) == []
    bench.toy.raises.clear()
    await bench.apply(operation(Retry, "retry", key="order/o"))
    assert await writings(bench, "o") == [["buyer", ERASED], ["buyer", ERASED]]


async def test_the_error_of_a_keys_very_first_message_is_erased_too(bench: Workbench) -> None:
    bench.toy.raises.add("o")
    await bench.apply(written("o", MARK))
    await bench.pool.execute("UPDATE parked_keys SET error = 'wrong: ' || $1", MARK)
    await erase(bench)
    assert await found(bench) == []


def truncated(text: str, party_id: str = "buyer") -> Say:
    """Return a message that nobody can read, and that says whose it is all the same."""
    said = written("o", text, party_id)
    assert said.value is not None
    return replace(said, value=said.value[:-20])


async def test_an_unreadable_letter_of_theirs_keeps_its_place_and_its_reason(bench: Workbench) -> None:
    await bench.apply(truncated(MARK))
    await send_all(bench)
    before = await bench.pool.fetchrow(
        'SELECT dl_id, topic, "offset", rule, message, died_at FROM dead_letters'
    )
    done = await erase(bench)
    assert done["dead_letters"] == 1
    assert await found(bench) == []
    assert (
        await bench.pool.fetchrow('SELECT dl_id, topic, "offset", rule, message, died_at FROM dead_letters')
        == before
    )
    sent = await bench.pool.fetchrow("SELECT headers, payload FROM outbox_sent WHERE aggregateid IS NULL")
    assert sent is not None
    assert sent["payload"] == b""
    assert {name for name, _ in json.loads(sent["headers"])} == {
        "dl_id", "dl_topic", "dl_partition", "dl_offset", "dl_rule", "dl_message",
    }  # fmt: skip


async def test_an_erased_letter_can_be_skipped_and_a_retry_is_told_why_not(bench: Workbench) -> None:
    await bench.apply(truncated(MARK))
    await erase(bench)
    dl_id = await bench.pool.fetchval("SELECT dl_id FROM dead_letters")
    await bench.apply(operation(Retry, "retry", letter=dl_id))
    (refused,) = await bench.said(topics.OPERATIONS_EVENTS)
    assert (refused["reason"], set(refused["message"])) == ("erased", {"en", "zh"})
    await bench.apply(operation(Skip, "skip", letter=dl_id))
    assert await bench.pool.fetchval("SELECT status FROM dead_letters") == "skipped"


async def test_a_letter_that_can_be_read_loses_the_texts_and_can_be_retried(bench: Workbench) -> None:
    """An order of a marketplace that was not known: the address goes, the order stays."""
    said = placed("o")
    (record,) = bench.tape(said)
    await bench.apply_records([record])
    await bench.pool.execute(
        'INSERT INTO dead_letters (dl_id, topic, partition, "offset", timestamp_ms, record_key, value, headers, rule, '
        "message, died_at) SELECT 'letter', 'checkout.events', 0, 0, 0, 'o', $1, $2::json, 'unknown_marketplace', "
        "'why', now()",
        said.value,
        json.dumps([[name, (value or b"").decode()] for name, value in said.headers]),
    )
    street = json.loads(said.value or b"")["ship_to"]["line1"]
    assert await found(bench, street) == ["dead_letters"]
    done = await erase(bench)
    assert (done["dead_letters"], await found(bench, street)) == (1, [])
    value = await bench.pool.fetchval("SELECT value FROM dead_letters")
    assert json.loads(value)["items"] == json.loads(said.value or b"")["items"]
    await bench.apply(operation(Retry, "retry", letter="letter"))
    assert await bench.pool.fetchval("SELECT status FROM dead_letters") == "retried"


async def test_letters_are_known_by_name_and_mail_and_by_the_order_too(bench: Workbench) -> None:
    bench.toy.names["buyer"] = ("Ann Example", "ann@example.com", "Li")
    await bench.apply(
        unnumbered("theirs"),
        *(poison(unnumbered(f"x{n}"), said.encode()) for n, said in enumerate(
            ("to Ann Example, " + MARK, '"ann\\u0040example.com" ann@example.com ' + MARK, "KEPT Limes", "KEPT buyer-2")
        )),
        poison(unnumbered("theirs", "again"), MARK.encode()),
    )  # fmt: skip
    await erase(bench)
    assert await found(bench) == []
    assert sorted(await found(bench, "KEPT")) == ["dead_letters"] * 2 + ["outbox"] * 2


# ---------------------------------------------------------------------------- pieces, crashes, other processes


async def write_much(bench: Workbench, orders: int) -> None:
    said = [unnumbered(f"o{n}") for n in range(orders)]
    await bench.apply(
        *said, *(written(f"o{n}", MARK) for n in range(orders)), *(truncated(MARK) for _ in range(7))
    )


async def test_it_is_done_in_pieces_whose_size_does_not_grow(kit_dsn: str) -> None:
    statements = Statements()
    async with await statements.pool(kit_dsn, 2) as pool:
        bench = Workbench(pool)
        await write_much(bench, 50)
        await bench.apply(person_erased("buyer"))
        worker, sizes = erasing(bench, erasure_rows_max=10, erasure_records_max=3), []
        while True:
            before = len(statements)
            locked = await pool.fetchval("SELECT rows + dead_letters FROM erasures")
            if not await worker.work():
                break
            sizes.append(await pool.fetchval("SELECT rows + dead_letters FROM erasures") - locked)
            assert len(statements) - before < 40
    assert [size for size in sizes if size] == [3, 3, 1, 10, 10, 10, 10, 10]


async def test_one_who_is_killed_in_the_middle_is_followed_by_another(bench: Workbench) -> None:
    await write_much(bench, 30)
    await bench.apply(person_erased("buyer"))
    while await bench.pool.fetchval("SELECT done_at IS NULL FROM erasures"):
        await erasing(bench, erasure_rows_max=7, erasure_records_max=2).work()  # each a process of its own
    assert await found(bench) == []
    assert await bench.pool.fetchval("SELECT rows FROM erasures") == 30


async def test_several_processes_share_the_work_and_do_nothing_twice(bench: Workbench) -> None:
    await write_much(bench, 40)
    await bench.apply(person_erased("buyer"))

    async def process() -> None:
        worker = erasing(bench, erasure_rows_max=3, erasure_records_max=2)
        while await bench.pool.fetchval("SELECT done_at IS NULL FROM erasures"):
            await worker.work()

    await asyncio.gather(*(process() for _ in range(3)))
    row = await bench.pool.fetchrow("SELECT * FROM erasures")
    assert row is not None
    assert (row["rows"], row["dead_letters"], row["failed"]) == (40, 7, [])
    assert await found(bench) == []


async def test_batches_go_on_meanwhile(bench: Workbench) -> None:
    await write_much(bench, 40)
    await bench.apply(person_erased("buyer"))
    worker = erasing(bench, erasure_rows_max=2)
    number = 1
    while await worker.work():
        number += 1
        await bench.apply(
            written(f"o{number % 40}", MARK, number=number), command(f"o{number}", f"c{number}")
        )
        await send_all(bench)
    assert number > 20
    assert await found(bench) == []


async def test_a_batch_that_did_not_see_the_erasure_is_waited_for(bench: Workbench) -> None:
    """It asked who is erased before, and commits its text after: nothing is begun while such a one is under way."""
    await bench.apply(unnumbered("o"))
    async with bench.pool.acquire() as slow:
        under_way = slow.transaction()
        await under_way.start()
        await slow.execute("UPDATE offsets SET holes = holes WHERE topic = 'checkout.events'")
        await bench.pool.execute(
            "INSERT INTO erasures (party_id, event_id, asked_at, read_at) SELECT 'buyer', 'e', now(), now()"
        )
        working = asyncio.ensure_future(erasing(bench).work())
        await asyncio.wait({working}, timeout=0.2)
        assert not working.done()
        await slow.execute("INSERT INTO texts VALUES ('buyer', 'order', 'o')")
        await slow.execute(
            "UPDATE state SET body = jsonb_set(body::jsonb, '{written}', $1::jsonb) WHERE key = 'o'",
            json.dumps([["buyer", MARK]]),
        )
        await under_way.commit()
        await working
    await work_off(bench)
    assert await found(bench) == []


async def test_a_row_that_cannot_be_erased_is_named_and_keeps_nobody(bench: Workbench) -> None:
    await write_much(bench, 20)
    await bench.apply(unnumbered("bad"), written("bad", "can't be erased"))
    done = await erase(bench, erasure_rows_max=6)
    assert done["failed"] == ["rows: order/bad: ArithmeticError"]
    assert await found(bench) == []
    assert await writings(bench, "bad") == [["buyer", "can't be erased"]]


async def test_asked_again_all_is_looked_through_again(bench: Workbench) -> None:
    await bench.apply(unnumbered("bad"), written("bad", "can't be erased"))
    await erase(bench)
    await bench.apply(person_erased("buyer"))  # a copy
    assert await erasing(bench).work() is False
    await bench.pool.execute(
        "UPDATE state SET body = jsonb_set(body::jsonb, '{written}', '[[\"buyer\", \"now it can\"]]')"
    )
    await bench.apply(person_erased("buyer", "mended"))
    done = await work_off(bench)
    assert (done["failed"], done["rows"]) == ([], 1)


async def test_somebody_unknown_is_erased_at_once(bench: Workbench) -> None:
    done = await erase(bench, "nobody")
    assert [done[name] for name in ("rows", "messages", "held", "dead_letters", "own")] == [0] * 5


async def test_a_batch_without_a_text_asks_nothing(kit_dsn: str) -> None:
    statements = Statements()
    async with await statements.pool(kit_dsn) as pool:
        bench = Workbench(pool)
        await bench.apply(unnumbered("o"), numbered("o", 1), command("o"))
    assert not [each for each in statements if "erasures" in each or "texts" in each]


async def test_the_running_process_is_woken_and_ends_when_it_is_told(bench: Workbench) -> None:
    worker, stopping = erasing(bench), asyncio.Event()

    async def is_done() -> bool:
        return bool(await bench.pool.fetchval("SELECT done_at IS NOT NULL FROM erasures"))

    running = asyncio.ensure_future(worker.run(stopping))
    await bench.apply(unnumbered("o"), written("o", MARK), person_erased("buyer"))
    worker.wake()
    await until(is_done, "the erasure is done")
    stopping.set()
    await running
    assert await found(bench) == []
