"""The queue of mails on a real PostgreSQL: nobody is forgotten, and what waits costs nothing."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta

import asyncpg
import pytest

from services.notifications import store
from services.notifications.mailer.low_water import LowWaterMark
from shared.contracts.accounts import BuyerRegistered, SellerRegistered
from shared.contracts.messaging import ContactOpened, MessageSent
from shared.contracts.orders import OrderReceived, OrderReleased
from shared.kit import clock
from shared.kit.db import Connection
from shared.kit.sql import queries
from tests.integration.notifications.desk import Desk, said, until

QUERIES = queries("services.notifications", "store.sql")
RECEIVED, RELEASED = said(OrderReceived), said(OrderReleased)
BEGINNING = LowWaterMark().since
BUYER, SELLER = said(BuyerRegistered, "buyer-1"), said(SellerRegistered, "seller-1")


async def test_every_named_query_is_understood(desk: Desk) -> None:
    async with desk.pool.acquire() as connection:
        for text in QUERIES.values():
            await connection.prepare(text)


async def test_mails_are_due_for_whom_the_address_is_known_and_wait_for_whom_not(desk: Desk) -> None:
    await desk.hear(BUYER)
    await desk.hear(RECEIVED, RELEASED)
    assert await desk.statuses() == [("order_confirmation", "due"), ("sold_ship_now", "waiting")]


async def test_an_address_that_comes_late_releases_what_waits_for_it(desk: Desk) -> None:
    await desk.hear(RECEIVED, RELEASED)
    assert await desk.statuses() == [("order_confirmation", "waiting"), ("sold_ship_now", "waiting")]
    await desk.hear(SELLER)
    assert await desk.statuses() == [("order_confirmation", "waiting"), ("sold_ship_now", "due")]


async def test_an_address_in_the_same_batch_is_known(desk: Desk) -> None:
    await desk.hear(RECEIVED, RELEASED, SELLER, BUYER)
    assert await desk.statuses() == [("order_confirmation", "due"), ("sold_ship_now", "due")]


async def test_facts_that_come_before_their_order_are_mailed_when_it_comes(desk: Desk) -> None:
    await desk.hear(said(ContactOpened), said(MessageSent))
    assert await desk.mails() == []
    await desk.hear(RECEIVED)
    assert await desk.statuses() == [("buyer_message", "waiting")]


async def test_the_same_facts_again_at_new_offsets_want_nothing_new(desk: Desk) -> None:
    await desk.hear(BUYER, RECEIVED, RELEASED)
    before = await desk.mails()
    desk.numbers.clear()
    await desk.hear(BUYER, RECEIVED, RELEASED)
    assert await desk.mails() == before


async def test_a_mail_of_one_process_and_an_address_of_another_meet(desk: Desk, other_desk: Desk) -> None:
    """Whoever is first, no mail is left waiting for an address that is known."""
    orders = [f"order-{number}" for number in range(30)]
    await desk.hear(*(said(OrderReceived, each, buyer_id=f"buyer-{each}") for each in orders))

    async def release() -> None:
        for each in orders:
            await desk.hear(said(OrderReleased, each))

    async def register() -> None:
        for each in orders:
            await other_desk.hear(said(BuyerRegistered, f"buyer-{each}", buyer_id=f"buyer-{each}"))
        await other_desk.hear(SELLER)

    await asyncio.gather(release(), register())
    statuses = await desk.statuses()
    assert len(statuses) == 60
    assert {status for _, status in statuses} == {"due"}


async def test_an_address_waits_for_the_batch_that_asks_whether_it_is_known(desk: Desk) -> None:
    """The race itself: the mail's transaction is open and has not seen the address."""
    async with desk.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(QUERIES["lock_addresses"], ["buyer-1"], [False])
        registering = asyncio.ensure_future(desk.hear(BUYER))
        await until(
            lambda: desk.pool.fetchval(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        )
        assert not registering.done()
        await transaction.rollback()
        await registering


@pytest.mark.parametrize(
    "query",
    [
        "take_due",
        "next_due",
        "release_waiting",
        "add_mails",
        "settle_mails",
        "erase_mails",
        "erase_quotes",
        "settle_parked",
    ],
)
async def test_what_waits_was_sent_or_is_parked_is_never_looked_at(desk: Desk, query: str) -> None:
    now = clock.real_now()
    async with desk.pool.acquire() as connection:
        await connection.execute(
            "INSERT INTO mails (notification_id, party_id, order_id, template, cause_id, time_zone, at, facts,"
            " status, next_attempt_at)"
            " SELECT gen_random_uuid(), 'buyer-' || n, 'order-1', 'claim_filed', 'cause', 'UTC', $1, '{}',"
            " (ARRAY['waiting', 'sent', 'parked'])[1 + n % 3], $1 FROM generate_series(1, 3000) AS n",
            now,
        )
        await connection.execute("ANALYZE mails")
        arguments: dict[str, tuple[object, ...]] = {
            "take_due": (BEGINNING, now, 20),
            "next_due": (BEGINNING,),
            "release_waiting": (["nobody"], now),
            "add_mails": ([], [], [], [], [], [], [], [], [], now),
            "settle_mails": ([], [], [], [], [], [], now),
            "erase_mails": (["nobody"],),
            "erase_quotes": ("nobody", ["order-1"]),
            "settle_parked": ([], [], now),
        }
        plan = await connection.fetch(
            f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {QUERIES[query]}", *arguments[query]
        )
    text = "\n".join(row[0] for row in plan).partition("Planning:")[0]
    assert "Seq Scan on mails" not in text
    found = [line for line in text.splitlines() if "shared hit" in line]
    assert not found or int(found[0].split("hit=")[1].split()[0]) <= 10, text


async def test_a_status_that_is_none_is_refused(desk: Desk) -> None:
    await desk.hear(RECEIVED, RELEASED)
    with pytest.raises(asyncpg.CheckViolationError):
        await desk.pool.execute("UPDATE mails SET status = 'lost'")


async def test_mails_of_one_order_are_due_in_the_order_of_their_causes(desk: Desk) -> None:
    await desk.hear(BUYER, SELLER)
    await desk.hear(RECEIVED, RELEASED, said(ContactOpened), said(MessageSent))
    async with desk.pool.acquire() as connection, connection.transaction():
        due = await store.take_due(connection, BEGINNING, clock.real_now(), 20)
    assert [mail.template for mail in due] == ["order_confirmation", "sold_ship_now", "buyer_message"]


async def test_beside_an_old_snapshot_a_look_passes_little(desk: Desk) -> None:
    """What was sent stays in the index; from the beginning, each look would pass all of it."""
    mark = LowWaterMark()
    async with desk.pool.acquire() as report, report.transaction(isolation="repeatable_read"):
        await report.fetchval("SELECT count(*) FROM mails")
        async with desk.pool.acquire() as connection:
            for minutes in range(60, 0, -1):
                at = clock.real_now() - timedelta(minutes=minutes)
                await _add(connection, at, 100)
                await connection.execute("UPDATE mails SET status = 'sent' WHERE status = 'due'")
            mark.rise(await store.next_due(connection, mark.since), clock.real_now())
            for query, more in (("take_due", (clock.real_now(), 20)), ("next_due", ())):
                assert await _buffers(connection, query, mark.since, *more) <= 10
                assert await _buffers(connection, query, BEGINNING, *more) > 100


async def _add(connection: Connection, at: datetime, count: int) -> None:
    await connection.execute(
        "INSERT INTO mails (notification_id, party_id, order_id, template, cause_id, time_zone, at, facts,"
        " status, next_attempt_at)"
        " SELECT gen_random_uuid(), 'buyer-1', 'order-1', 'claim_filed', 'cause', 'UTC', $1, '{}', 'due', $1"
        " FROM generate_series(1, $2)",
        at,
        count,
    )


async def _buffers(connection: Connection, query: str, *arguments: object) -> int:
    plan = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {QUERIES[query]}", *arguments)
    found: int = json.loads(plan)[0]["Plan"]["Shared Hit Blocks"]
    return found
