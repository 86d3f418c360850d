"""Kafka out: everything, in order, by one relay; what dies, freezes or is refused on the way loses nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from services.cli.embedded.kafka import Kafka
from shared.contracts import topics
from shared.kit import db, outbox
from shared.kit.fold import Verdict
from shared.kit.limits import Limits
from shared.kit.relay import Relay
from shared.kit.sql import queries
from tests.support.processes import CHECKOUT
from tests.support.relay_process import QUICK
from tests.support.streaming import admin, counted, ends, sent_to
from tests.support.toy import NAME, Say, command, poison, unnumbered
from tests.support.until import until
from tests.support.workbench import Workbench

SAID = topics.MESSAGING_EVENTS


@asynccontextmanager
async def relaying(dsn: str, bootstrap: str, limits: Limits = QUICK) -> AsyncIterator[Relay]:
    """Give a running relay; it finishes what it sends at the end of the block."""
    relay = Relay(dsn, bootstrap, NAME, limits)
    task = asyncio.ensure_future(relay.run())
    try:
        yield relay
    finally:
        relay.stop()
        async with asyncio.timeout(20):
            await task


@asynccontextmanager
async def relay_process(
    dsn: str, bootstrap: str, crash_at: str = ""
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Give a relay that can be killed and frozen."""
    environment = {**os.environ, "RECOURSE_CRASH_AT": crash_at}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.relay_process", dsn, bootstrap, cwd=CHECKOUT, env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until_sent(bench: Workbench) -> None:
    """Wait until the outbox is empty."""

    async def is_empty() -> bool:
        return not await bench.pool.fetchval("SELECT EXISTS (SELECT FROM outbox)")

    await until(is_empty, "the outbox is sent")


async def leader(bench: Workbench) -> int | None:
    """Return the session that holds the lease."""
    found: int | None = await bench.pool.fetchval(
        "SELECT pid FROM pg_locks JOIN pg_database ON database = pg_database.oid "
        "WHERE locktype = 'advisory' AND granted AND datname = current_database()"
    )
    return found


def numbers(found: Sequence[Say]) -> Mapping[str, list[int]]:
    """Return the numbers said of each order, in the order in which they came."""
    said: dict[str, list[int]] = {}
    for each in found:
        said.setdefault((each.key or b"").decode(), []).append(int(dict(each.headers)["ce_sequence"] or 0))
    return said


def at_first_sight(numbers_said: Sequence[int]) -> list[int]:
    """Leave out what was said before."""
    return list(dict.fromkeys(numbers_said))


async def test_each_orders_facts_come_in_order_and_what_was_sent_is_kept(
    bench: Workbench, kit_dsn: str, bootstrap: str
) -> None:
    async with relaying(kit_dsn, bootstrap):
        for batch in range(20):
            await bench.apply(*(unnumbered(f"o{n}", f"{batch}-{n}-{m}") for m in range(5) for n in range(10)))
        found = await sent_to(bootstrap, SAID, 1000)
        await until_sent(bench)
    assert numbers(found) == {f"o{n}": list(range(1, 101)) for n in range(10)}
    assert await bench.pool.fetchval("SELECT count(*) FROM outbox_sent") == 1000


async def test_large_messages_are_taken_a_few_at_a_time(
    bench: Workbench, kit_dsn: str, bootstrap: str
) -> None:
    """Six thousand dead letters of a megabyte each would fill the process's memory."""
    await bench.apply(*(unnumbered("o", f"c{n}") for n in range(20)))
    sizes = [len(row["payload"]) for row in await bench.outbox()]
    look = queries("shared.kit", "kit.sql")["read_outbox"]
    for bytes_max, count in ((1, 1), (sizes[0], 1), (sizes[0] + 1, 2), (sum(sizes), 20)):
        assert len(await bench.pool.fetch(look, 6000, bytes_max, 0)) == count
    assert len(await bench.pool.fetch(look, 7, sum(sizes), 0)) == 7
    # It looks again at once while there may be more, or this would take minutes.
    patient = replace(QUICK, relay_bytes_max=1, relay_poll_seconds=20, lease_seconds=100)
    async with relaying(kit_dsn, bootstrap, patient):
        found = await sent_to(bootstrap, SAID, 20)
        await until_sent(bench)
    assert numbers(found) == {"o": list(range(1, 21))}


async def test_what_was_moved_is_not_passed_again_and_again_while_an_old_snapshot_keeps_it(
    bench: Workbench, kit_dsn: str, bootstrap: str
) -> None:
    async with bench.pool.acquire() as report, report.transaction(isolation="repeatable_read"):
        await report.fetchval("SELECT count(*) FROM outbox")
        async with relaying(kit_dsn, bootstrap) as relay:
            for batch in range(6):
                await bench.apply(*(unnumbered(f"o{n}", f"{batch}-{n}") for n in range(1000)))
                await until_sent(bench)
            fourth: int = await bench.pool.fetchval("SELECT min(position) + 4000 FROM outbox_sent")

            async def has_risen() -> bool:
                return relay.reads_from > fourth

            await until(has_risen, "the relay reads from behind what it has moved")
    found = await sent_to(bootstrap, SAID, 6000)
    assert numbers(found) == {f"o{n}": [1, 2, 3, 4, 5, 6] for n in range(1000)}


async def test_a_message_is_sent_with_its_headers_key_and_value(
    bench: Workbench, kit_dsn: str, bootstrap: str
) -> None:
    await bench.apply(unnumbered("o", "cause"))
    (row,) = await bench.outbox()
    async with relaying(kit_dsn, bootstrap):
        (found,) = await sent_to(bootstrap, SAID, 1)
    assert (found.key, found.value) == (b"o", row["payload"])
    assert {name: (value or b"").decode() for name, value in found.headers} == row["headers"]


async def test_a_dead_letter_arrives_as_it_was_found(bench: Workbench, kit_dsn: str, bootstrap: str) -> None:
    odd = Say(
        topics.CHECKOUT_EVENTS, b"\xff\x00", (("a", b"\xff\x00"), ("a", None), ("b", b"x")), b"\x00\xff"
    )
    nothing = Say(topics.CHECKOUT_EVENTS, None, (), None)
    huge = poison(unnumbered("o"), b"x" * topics.RECORD_BYTES_MAX)
    await bench.apply(odd, nothing, huge)
    async with relaying(kit_dsn, bootstrap):
        found = await sent_to(bootstrap, topics.dead_letters(NAME), 3)
    by_value = {each.value: each for each in found}
    assert {(each.key, each.value) for each in found} == {
        (odd.key, odd.value),
        (None, b""),
        (huge.key, huge.value),
    }
    assert by_value[odd.value].headers[:3] == odd.headers
    assert dict(by_value[b""].headers)["dl_topic"] == topics.CHECKOUT_EVENTS.encode()


async def test_killed_between_sending_and_moving_it_repeats_what_it_sent_with_the_same_ids(
    bench: Workbench, kit_dsn: str, bootstrap: str
) -> None:
    await bench.apply(*(unnumbered(f"o{n % 5}", f"f{n}") for n in range(100)))
    async with relay_process(kit_dsn, bootstrap, crash_at="after_send:1") as first:
        assert await asyncio.wait_for(first.wait(), 20) == -signal.SIGKILL
    assert len(await bench.outbox()) == 100
    async with relaying(kit_dsn, bootstrap):
        found = await sent_to(bootstrap, SAID, 200)
        await until_sent(bench)
    assert set(counted(found, "ce_id").values()) == {2}
    assert {tuple(at_first_sight(said)) for said in numbers(found).values()} == {tuple(range(1, 21))}


async def test_only_one_of_two_relays_sends(bench: Workbench, kit_dsn: str, bootstrap: str) -> None:
    async with relaying(kit_dsn, bootstrap), relaying(kit_dsn, bootstrap):
        for batch in range(10):
            await bench.apply(*(unnumbered(f"o{n}", f"{batch}-{n}") for n in range(20)))
        await until_sent(bench)
        found = await sent_to(bootstrap, SAID, 200)
    assert set(counted(found, "ce_id").values()) == {1}


async def test_a_frozen_relay_is_followed_by_another_and_comes_back_to_nothing(
    bench: Workbench, kit_dsn: str, bootstrap: str
) -> None:
    async with relay_process(kit_dsn, bootstrap) as frozen:
        first = await until(lambda: leader(bench), "the first leads")
        async with relaying(kit_dsn, bootstrap):
            await bench.apply(*(unnumbered("o", f"before{n}") for n in range(50)))
            await until_sent(bench)
            frozen.send_signal(signal.SIGSTOP)
            frozen_at = time.monotonic()

            async def another_leads() -> bool:
                return await leader(bench) not in {first, None}

            await until(another_leads, "another leads")
            assert time.monotonic() - frozen_at < QUICK.lease_seconds + 1
            await bench.apply(*(unnumbered("o", f"meanwhile{n}") for n in range(50)))
            await until_sent(bench)
            frozen.send_signal(signal.SIGCONT)
            await bench.apply(*(unnumbered("o", f"after{n}") for n in range(50)))
            await until_sent(bench)
        found = await sent_to(bootstrap, SAID, 150)
    assert at_first_sight(numbers(found)["o"]) == list(range(1, 151))


async def test_a_commit_that_comes_late_is_not_overtaken(
    bench: Workbench, kit_dsn: str, bootstrap: str
) -> None:
    """Two writers: the one that drew the lower position commits last."""
    slow = await db.connect(kit_dsn, NAME, "slow")
    late = slow.transaction()
    await late.start()
    await outbox.append(slow, NAME, [outbox.Row("late", SAID, "late", "t", b"{}", "[]")])
    async with relaying(kit_dsn, bootstrap):
        await bench.apply(unnumbered("o"))
        await until_sent(bench)
        await late.commit()
        found = await sent_to(bootstrap, SAID, 2)
    assert [each.key for each in found] == [b"o", b"late"]
    await slow.close()


async def limit_bytes(bootstrap: str, topic: str, bytes_max: int) -> None:
    """Let the broker take less than we think that it takes."""
    from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType  # noqa: PLC0415

    async with admin(bootstrap) as client:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": str(bytes_max)})
        await client.alter_configs([resource])


async def test_a_row_that_kafka_refuses_for_good_parks_its_key_and_not_the_relay(
    bench: Workbench, kit_dsn: str, bootstrap: str
) -> None:
    await bench.apply(*(unnumbered(f"o{n}") for n in range(20)))
    await bench.pool.execute("UPDATE outbox SET payload = $1 WHERE aggregateid = 'o7'", b"x" * 200_000)
    await limit_bytes(bootstrap, SAID, 100_000)
    try:
        async with relaying(kit_dsn, bootstrap):
            await until_sent(bench)
            await bench.apply(*(command(f"o{n}") for n in range(20)))
            await until_sent(bench)
            found = await sent_to(bootstrap, SAID, 38)
    finally:
        await limit_bytes(bootstrap, SAID, topics.TOPICS[SAID].bytes_max + 65_536)
    assert at_first_sight([len(said) for said in numbers(found).values()]) == [2]
    assert b"o7" not in {each.key for each in found}
    parked = await bench.pool.fetch("SELECT aggregateid, error FROM outbox_parked ORDER BY position")
    assert [row["aggregateid"] for row in parked] == ["o7", "o7"]
    assert "MessageSizeTooLarge" in parked[0]["error"]


async def test_a_row_larger_than_any_request_parks_its_key_and_those_behind_it(
    bench: Workbench, kit_dsn: str, bootstrap: str
) -> None:
    await bench.apply(unnumbered("o", "huge"), unnumbered("p"), unnumbered("o", "small"))
    await bench.pool.execute(
        "UPDATE outbox SET payload = $1 WHERE position = (SELECT min(position) FROM outbox)", b"x" * 4_000_000
    )
    async with relaying(kit_dsn, bootstrap):
        await until_sent(bench)
        (found,) = await sent_to(bootstrap, SAID, 1)
    assert found.key == b"p"
    parked = await bench.pool.fetch("SELECT aggregateid FROM outbox_parked")
    assert [row["aggregateid"] for row in parked] == ["o", "o"]


async def test_what_kafka_refuses_is_not_overtaken_by_the_next_batch_of_its_partition(
    bench: Workbench, kit_dsn: str, bootstrap: str
) -> None:
    await bench.apply(unnumbered("o", "huge"), unnumbered("o", "small"), unnumbered("p"))
    await bench.pool.execute(
        "UPDATE outbox SET payload = $1 WHERE position = (SELECT min(position) FROM outbox)", b"x" * 300_000
    )
    await limit_bytes(bootstrap, SAID, 100_000)
    try:
        async with relaying(kit_dsn, bootstrap):
            await until_sent(bench)
            (found,) = await sent_to(bootstrap, SAID, 1)
    finally:
        await limit_bytes(bootstrap, SAID, topics.TOPICS[SAID].bytes_max + 65_536)
    assert found.key == b"p"
    assert await bench.pool.fetchval("SELECT count(*) FROM outbox_parked") == 2


async def test_parked_keys_stay_parked_after_a_restart(
    bench: Workbench, kit_dsn: str, bootstrap: str
) -> None:
    await bench.apply(unnumbered("o", "huge"))
    await bench.pool.execute("UPDATE outbox SET payload = $1", b"x" * 4_000_000)
    async with relaying(kit_dsn, bootstrap):
        await until_sent(bench)
    async with relaying(kit_dsn, bootstrap):
        await bench.apply(unnumbered("o", "small"))
        await until_sent(bench)
    assert await bench.pool.fetchval("SELECT count(*) FROM outbox_parked") == 2


async def test_while_kafka_is_away_the_relay_waits_and_says_so(
    bench: Workbench, kit_dsn: str, bootstrap: str, kit_kafka: Kafka
) -> None:
    # A killed Kafka may forget that old records were deleted.
    since = await ends(bootstrap, [SAID])
    async with relaying(kit_dsn, bootstrap) as relay:
        await bench.apply(unnumbered("o", "before"))
        await until_sent(bench)
        await asyncio.to_thread(kit_kafka.kill)
        try:
            applied = await bench.apply(unnumbered("o", "meanwhile"))
            assert applied.verdicts == {Verdict.APPLIED: 1}

            async def says_so() -> str | None:
                return relay.failure

            await until(says_so, "the relay says that Kafka is away")
        finally:
            await asyncio.to_thread(kit_kafka.start)
        await until_sent(bench)
        assert relay.failure is None
        assert at_first_sight(numbers(await sent_to(bootstrap, SAID, 2, since=since))["o"]) == [1, 2]
