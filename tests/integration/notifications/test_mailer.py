"""N3 with a real PostgreSQL and a real SMTP server: sent at least once, recognisably the same, and never in the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import asyncpg
import pytest
from structlog.testing import capture_logs

from services.notifications.mailer import low_water
from shared.contracts.accounts import BuyerRegistered, SellerRegistered
from shared.contracts.claims import ClaimGranted
from shared.contracts.messaging import MessageSent
from shared.contracts.notifications import NotificationFailed, NotificationSent
from shared.contracts.orders import OrderCanceled, OrderReceived, OrderReleased
from shared.kit import clock, logs, metrics
from tests.integration.notifications.desk import Desk, said, until
from tests.integration.notifications.mailbox import Mailbox, serving

RECEIVED, RELEASED = said(OrderReceived), said(OrderReleased)
BUYER = said(BuyerRegistered, "buyer-1")
SELLER = said(SellerRegistered, "seller-1", language="zh")
LONG_AGO = datetime(2021, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def people(desk: Desk) -> None:
    await desk.hear(BUYER, SELLER)


async def release(desk: Desk, order_id: str = "order-1") -> None:
    """Release an order: two mails are wanted."""
    await desk.hear(said(OrderReceived, order_id), said(OrderReleased, order_id))


async def test_each_is_sent_to_its_party_in_its_language_and_said_to_be(desk: Desk, mailbox: Mailbox) -> None:
    await release(desk)
    async with desk.mailing(desk.mailer(mailbox.url)):
        await mailbox.has(taken=2)
        await desk.has_told(2)
    to_buyer, to_seller = mailbox.taken
    assert to_buyer["To"].addresses[0].addr_spec == BUYER.data.model_dump()["email"]
    assert to_seller["To"].addresses[0].addr_spec == SELLER.data.model_dump()["email"]
    assert "order-1 is confirmed" in to_buyer["Subject"]
    assert "请立即发货" in to_seller["Subject"]
    assert await desk.statuses() == [("order_confirmation", "sent"), ("sold_ship_now", "sent")]
    told = await desk.told()
    assert [(type(fact), fact.template, fact.party_id) for fact in told] == [
        (NotificationSent, "order_confirmation", "buyer-1"),
        (NotificationSent, "sold_ship_now", "seller-1"),
    ]
    assert [f"<{fact.notification_id}@marketplace.example>" for fact in told] == [
        str(message["Message-ID"]) for message in mailbox.taken
    ]


async def test_an_address_that_comes_late_is_mailed_when_it_comes(desk: Desk, mailbox: Mailbox) -> None:
    await desk.hear(
        said(OrderReceived, buyer_id="buyer-2"), said(OrderReleased), said(ClaimGranted, automatic=True)
    )
    mailer = desk.mailer(mailbox.url)
    async with desk.mailing(mailer):
        await mailbox.has(taken=2)
        late = said(BuyerRegistered, "buyer-2", buyer_id="buyer-2", email="late@buyer.example")
        await desk.hear(late)
        mailer.wake()
        await mailbox.has(taken=4)
    assert [message["To"].addresses[0].addr_spec for message in mailbox.taken[2:]] == [
        "late@buyer.example"
    ] * 2


async def test_a_mail_that_is_committed_long_after_it_was_due_is_sent(
    desk: Desk, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue is read from where nothing was left, but now and then from its beginning."""
    monkeypatch.setattr(low_water, "_WHOLE_EVERY", timedelta(seconds=0.2))
    mailer = desk.mailer(mailbox.url)
    await release(desk, "order-1")
    async with desk.mailing(mailer):
        await desk.has_told(2)
        await desk.hear(said(OrderReceived, "order-2", buyer_id="buyer-2"), said(OrderReleased, "order-2"))
        mailer.wake()
        await mailbox.has(taken=3)
        await desk.pool.execute(
            "UPDATE mails SET status = 'due', party_id = 'buyer-1', next_attempt_at = $1 WHERE status = 'waiting'",
            clock.real_now() - timedelta(hours=1),
        )

        async def is_sent() -> bool:
            mailer.wake()
            return len(mailbox.taken) == 4

        await until(is_sent)


@pytest.mark.parametrize("behaviour", ["refuse", "later", "hang up"])
async def test_what_is_refused_is_tried_again_and_sent(desk: Desk, mailbox: Mailbox, behaviour: str) -> None:
    mailbox.will(behaviour, behaviour)  # type: ignore[arg-type]
    await release(desk)
    async with desk.mailing(desk.mailer(mailbox.url)):
        await desk.has_told(2)
    assert {status for _, status in await desk.statuses()} == {"sent"}
    assert sum(mail["attempts"] for mail in await desk.mails()) >= 4


async def test_a_recipient_that_is_refused_holds_up_nobody_else(desk: Desk, mailbox: Mailbox) -> None:
    mailbox.refused_recipients = {str(BUYER.data.model_dump()["email"])}
    await release(desk)
    async with desk.mailing(desk.mailer(mailbox.url)):
        await mailbox.has(taken=1)
        await desk.has_told(1)
    assert await desk.statuses() == [("order_confirmation", "due"), ("sold_ship_now", "sent")]
    refused = (await desk.mails())[0]
    assert "550" in refused["last_error"]
    assert str(BUYER.data.model_dump()["email"]) not in refused["last_error"]


async def test_after_so_many_tries_a_mail_is_parked_and_an_operator_is_told(
    desk: Desk, mailbox: Mailbox
) -> None:
    mailbox.refused_recipients = {str(BUYER.data.model_dump()["email"])}
    await release(desk)
    async with desk.mailing(desk.mailer(mailbox.url, tries_max=3)):
        await desk.has_told(2)
    assert await desk.statuses() == [("order_confirmation", "parked"), ("sold_ship_now", "sent")]
    assert (await desk.mails())[0]["attempts"] == 3
    failed = [fact for fact in await desk.told() if isinstance(fact, NotificationFailed)]
    assert [(fact.template, fact.party_id) for fact in failed] == [("order_confirmation", "buyer-1")]


async def test_each_wait_is_twice_the_one_before_up_to_a_limit(desk: Desk, mailbox: Mailbox) -> None:
    mailbox.will("refuse", "take", "refuse", "refuse")
    await release(desk)
    mailer = desk.mailer(mailbox.url, wait_seconds=100, wait_seconds_max=300)
    waits = []
    connection = await asyncpg.connect(desk.dsn)
    try:
        for _ in range(3):
            await mailer.work(connection, desk.parts())
            mail = (await desk.mails())[0]
            waits.append(round((mail["next_attempt_at"] - clock.real_now()).total_seconds(), -1))
            await desk.pool.execute("UPDATE mails SET next_attempt_at = $1", clock.real_now())
    finally:
        await connection.close()
    assert waits == [100, 200, 300]


async def test_a_server_that_is_down_delays_mail_and_loses_none(desk: Desk) -> None:
    mailbox = Mailbox()
    async with serving(mailbox):
        pass  # a port that nobody listens on
    await release(desk)
    mailer = desk.mailer(mailbox.url)
    async with desk.mailing(mailer):
        await until(lambda: desk.pool.fetchval("SELECT last_error FROM mails ORDER BY position"))
        async with serving(mailbox, mailbox.port):
            await mailbox.has(taken=2)
            await desk.has_told(2)


async def test_mails_that_fall_due_while_the_server_is_away_count_as_tried_and_go_when_it_is_back(
    desk: Desk,
) -> None:
    """Whoever waits until all is quiet must not wait for a mail server; and no mail pays for the others' tries."""
    mailbox = Mailbox()
    async with serving(mailbox):
        pass
    for number in range(10):
        await release(desk, f"order-{number}")
    mailer = desk.mailer(mailbox.url, wait_seconds=0.01, wait_seconds_max=0.01, tries_max=5)
    async with desk.mailing(mailer):
        untried = "SELECT NOT EXISTS (SELECT FROM mails WHERE attempts = 0)"
        await until(lambda: desk.pool.fetchval(untried))
        await release(desk, "order-10")
        mailer.wake()
        await until(lambda: desk.pool.fetchval(untried))
        async with serving(mailbox, mailbox.port):
            await desk.has_told(22)
    assert {status for _, status in await desk.statuses()} == {"sent"}


async def test_a_server_that_hangs_holds_up_no_batch_and_the_mail_is_sent_later(
    desk: Desk, mailbox: Mailbox
) -> None:
    mailbox.will("hang")
    await release(desk)
    async with desk.mailing(desk.mailer(mailbox.url, smtp_seconds_max=0.5)):
        await mailbox.has(asked=1)
        # The server says nothing now; what is heard is applied all the same.
        await release(desk, "order-2")
        assert len(await desk.mails()) == 4
        await mailbox.has(taken=4)
        await desk.has_told(4)
    assert (await desk.mails())[0]["attempts"] == 2


async def test_when_the_servers_answer_is_lost_the_repeat_has_the_same_message_id(
    desk: Desk, mailbox: Mailbox
) -> None:
    mailbox.will("lose the answer")
    await release(desk)
    async with desk.mailing(desk.mailer(mailbox.url)):
        await mailbox.has(taken=3)
        await desk.has_told(2)
    ids = [str(message["Message-ID"]) for message in mailbox.taken]
    assert len(ids) == 3
    assert len(set(ids)) == 2
    twice = [message for message in mailbox.taken if ids.count(str(message["Message-ID"])) == 2]
    assert twice[0].as_bytes() == twice[1].as_bytes()


async def test_when_the_database_goes_after_the_mail_was_sent_it_is_sent_again_as_the_same(
    desk: Desk, mailbox: Mailbox
) -> None:
    await release(desk)
    mailer = desk.mailer(mailbox.url)
    connection = await asyncpg.connect(desk.dsn)
    # Sent, but what became of it cannot be written.
    await desk.pool.execute("ALTER TABLE outbox RENAME TO outbox_away")
    with pytest.raises(asyncpg.UndefinedTableError):
        await mailer.work(connection, desk.parts())
    await desk.pool.execute("ALTER TABLE outbox_away RENAME TO outbox")
    await mailer.work(connection, desk.parts())
    await connection.close()
    ids = [str(message["Message-ID"]) for message in mailbox.taken]
    assert ids[:2] == ids[2:]
    assert {status for _, status in await desk.statuses()} == {"sent"}


async def test_over_several_connections_each_mail_is_sent_once(desk: Desk, mailbox: Mailbox) -> None:
    for number in range(60):
        await release(desk, f"order-{number}")
    async with desk.mailing(desk.mailer(mailbox.url, connections_max=8)):
        await desk.has_told(120)
    ids = [str(message["Message-ID"]) for message in mailbox.taken]
    assert len(ids) == len(set(ids)) == 120
    assert mailbox.connections > 1


async def test_a_server_that_bears_few_connections_gets_its_mails_over_those(
    desk: Desk, mailbox: Mailbox
) -> None:
    mailbox.connections_max = 2
    for number in range(60):
        await release(desk, f"order-{number}")
    async with desk.mailing(desk.mailer(mailbox.url, connections_max=8)):
        await desk.has_told(120)
    ids = [str(message["Message-ID"]) for message in mailbox.taken]
    assert len(ids) == len(set(ids)) == 120


async def test_an_outage_is_said_once_and_so_is_its_end(desk: Desk) -> None:
    mailbox = Mailbox()
    async with serving(mailbox):
        pass
    for number in range(10):
        await release(desk, f"order-{number}")
    mailer = desk.mailer(mailbox.url, connections_max=4)
    with capture_logs() as logged:
        async with desk.mailing(mailer):
            await until(lambda: desk.pool.fetchval("SELECT sum(attempts) > 20 FROM mails"))
            assert metrics.REGISTRY.get_sample_value("recourse_mail_server_away") == 1
            async with serving(mailbox, mailbox.port):
                await desk.has_told(20)
        assert metrics.REGISTRY.get_sample_value("recourse_mail_server_away") == 0
    events = [entry["event"] for entry in logged]
    assert events == [logs.Event.MAIL_SERVER_AWAY, logs.Event.MAIL_SERVER_BACK]


async def test_a_mail_that_was_sent_is_not_kept(desk: Desk, mailbox: Mailbox) -> None:
    await release(desk)
    assert all(mail["facts"] for mail in await desk.mails())
    async with desk.mailing(desk.mailer(mailbox.url)):
        await desk.has_told(2)
    assert [mail["facts"] for mail in await desk.mails()] == [None, None]


async def test_a_batch_that_is_not_full_was_all_that_was_due(desk: Desk, mailbox: Mailbox) -> None:
    for number in range(15):
        await release(desk, f"order-{number}")
    mailer = desk.mailer(mailbox.url, connections_max=1)
    connection = await asyncpg.connect(desk.dsn)
    looks = [await mailer.work(connection, desk.parts()) for _ in range(3)]
    await connection.close()
    assert [(look.tried, look.is_full) for look in looks] == [(20, True), (10, False), (0, False)]


async def test_two_mailers_send_each_mail_once(desk: Desk, mailbox: Mailbox) -> None:
    for number in range(30):
        await release(desk, f"order-{number}")
    async with desk.mailing(desk.mailer(mailbox.url)), desk.mailing(desk.mailer(mailbox.url)):
        await desk.has_told(60)
    ids = [str(message["Message-ID"]) for message in mailbox.taken]
    assert len(ids) == len(set(ids)) == 60


async def test_what_a_mailer_has_locked_is_free_again_when_it_dies(desk: Desk, mailbox: Mailbox) -> None:
    await release(desk)
    dying = await asyncpg.connect(desk.dsn)
    await dying.execute("BEGIN")
    await dying.execute("SELECT 1 FROM mails FOR UPDATE")
    survivor = await asyncpg.connect(desk.dsn)
    mailer = desk.mailer(mailbox.url)
    assert (await mailer.work(survivor, desk.parts())).tried == 0
    dying.terminate()

    async def has_tried() -> bool:
        return (await mailer.work(survivor, desk.parts())).tried > 0

    await until(has_tried)
    await survivor.close()
    assert len(mailbox.taken) == 2


async def test_an_address_that_is_none_is_parked_at_once_and_told(desk: Desk, mailbox: Mailbox) -> None:
    await desk.hear(said(BuyerRegistered, "buyer-1", email="a@b.example>\r\nRCPT TO:<evil@evil.example"))
    await release(desk)
    async with desk.mailing(desk.mailer(mailbox.url)):
        await desk.has_told(2)
    assert await desk.statuses() == [("order_confirmation", "parked"), ("sold_ship_now", "sent")]
    assert mailbox.asked == 1


async def test_a_header_that_would_begin_another_is_parked_at_once_and_told(
    desk: Desk, mailbox: Mailbox
) -> None:
    evil = "=?utf-8?q?x=0d=0aBcc:=20evil@evil.example?="
    await desk.hear(said(BuyerRegistered, "buyer-1", name=evil))
    await release(desk)
    async with desk.mailing(desk.mailer(mailbox.url)):
        await desk.has_told(2)
    assert await desk.statuses() == [("order_confirmation", "parked"), ("sold_ship_now", "sent")]
    assert "header" in (await desk.mails())[0]["last_error"]


async def test_a_mail_that_cannot_be_written_holds_up_nobody_else(desk: Desk, mailbox: Mailbox) -> None:
    await release(desk)
    await desk.pool.execute(
        """UPDATE mails SET facts = '{"template": "none"}' WHERE template = 'sold_ship_now'"""
    )
    await desk.pool.execute(
        "UPDATE mails SET next_attempt_at = $1 WHERE template = 'sold_ship_now'", LONG_AGO
    )
    async with desk.mailing(desk.mailer(mailbox.url)):
        await desk.has_told(2)
    assert await desk.statuses() == [("order_confirmation", "sent"), ("sold_ship_now", "parked")]


async def test_the_loop_stops_when_it_is_told_to_even_while_the_server_hangs(
    desk: Desk, mailbox: Mailbox
) -> None:
    mailbox.will("hang")
    await release(desk)
    begun = asyncio.get_running_loop().time()
    async with desk.mailing(desk.mailer(mailbox.url, smtp_seconds_max=1)):
        await mailbox.has(asked=1)
    assert asyncio.get_running_loop().time() - begun < 10


async def test_we_say_that_we_are_the_senders_domain_and_name_no_machine(
    desk: Desk, mailbox: Mailbox
) -> None:
    await release(desk)
    async with desk.mailing(desk.mailer(mailbox.url)):
        await desk.has_told(2)
    assert mailbox.greeted_by == {"marketplace.example"}


async def test_no_delivery_address_is_in_a_mail_whoever_lets_it_slip(desk: Desk, mailbox: Mailbox) -> None:
    """O7, O14. Not even if upstream put it into a fact, or somebody wrote it into a message about it."""
    slip = ("ship_to", {"name": "Canary", "line1": "12 Canary Street", "city": "Canary City"})
    await desk.hear(
        replace(RECEIVED, added=(slip,)),
        replace(RELEASED, added=(slip,)),
        said(MessageSent, issue="address_change", text="Please send it to 12 Canary Street"),
        said(OrderCanceled),
    )
    tables = await desk.pool.fetch("SELECT body::text FROM state UNION ALL SELECT facts::text FROM mails")
    assert "canary" not in "".join(row[0] for row in tables).lower()
    async with desk.mailing(desk.mailer(mailbox.url)):
        await desk.has_told(4)
    for message in mailbox.taken:
        texts = [part.get_content() for part in message.iter_parts() if isinstance(part, EmailMessage)]
        assert len(texts) == 2
        assert "canary" not in "".join([*texts, *map(str, message.values())]).lower()
