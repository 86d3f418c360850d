"""M6: whoever is erased gets no mail any more, and no mail to others has their words."""

from __future__ import annotations

from typing import Any

from services.notifications import store
from shared.contracts.accounts import BuyerRegistered, PersonErased, SellerRegistered
from shared.contracts.data import Actor
from shared.contracts.messaging import MessageSent, ReturnRequested
from shared.contracts.orders import OrderReceived, OrderReleased
from shared.kit.erasure import Erasing
from shared.kit.limits import Limits
from tests.integration.notifications.desk import SERVICE, Desk, said
from tests.integration.notifications.mailbox import Mailbox

MARK = "MARK-4711"
BUYER = said(BuyerRegistered, "buyer-1", name=MARK, email=f"{MARK}@buyer.example")
SELLER = said(SellerRegistered, "seller-1", language="en")
RECEIVED, RELEASED = said(OrderReceived), said(OrderReleased)
WRITTEN = said(MessageSent, text=MARK, actor=Actor(kind="buyer", id="buyer-1"))
ASKED = said(ReturnRequested, text=MARK, reason=MARK, actor=Actor(kind="buyer", id="buyer-1"))


async def erase(desk: Desk, party_id: str = "buyer-1") -> None:
    await desk.hear(said(PersonErased, party_id, party_id=party_id))
    worker = Erasing(desk.pool, SERVICE, Limits())
    while await worker.work():
        pass


async def marked(desk: Desk) -> list[str]:
    """Name the tables in which the mark still stands."""
    hits = []
    for table in ("state", "mails", "held", "outbox"):
        rows: list[Any] = await desk.pool.fetch(f"SELECT t::text FROM {table} AS t")
        hits += [table for row in rows if MARK in row[0]]
    return hits


async def test_what_was_to_be_sent_to_an_erased_person_is_not_sent(desk: Desk, mailbox: Mailbox) -> None:
    await desk.hear(BUYER, SELLER, RECEIVED, RELEASED)
    await erase(desk)
    assert await desk.statuses() == [("order_confirmation", "erased"), ("sold_ship_now", "due")]
    assert await marked(desk) == []
    async with desk.mailing(desk.mailer(mailbox.url)):
        await desk.has_told(1)
    assert [message["To"].addresses[0].addr_spec for message in mailbox.taken] == [
        SELLER.data.model_dump()["email"]
    ]


async def test_an_erased_person_gets_nothing_later_either_whoever_registers_them(desk: Desk) -> None:
    await desk.hear(BUYER, SELLER)
    await erase(desk)
    await desk.hear(RECEIVED, RELEASED)
    await desk.hear(said(BuyerRegistered, "buyer-1", name=MARK, email=f"{MARK}@other.example"))
    assert await desk.statuses() == [("order_confirmation", "erased"), ("sold_ship_now", "due")]
    assert await marked(desk) == []


async def test_who_was_erased_before_they_were_known_gets_nothing(desk: Desk) -> None:
    await desk.hear(RECEIVED, RELEASED)
    await erase(desk)
    await desk.hear(BUYER)
    assert await desk.statuses() == [("order_confirmation", "erased"), ("sold_ship_now", "waiting")]
    assert await marked(desk) == []


async def test_the_seller_is_told_that_somebody_wrote_without_the_words_of_an_erased_person(
    desk: Desk, mailbox: Mailbox
) -> None:
    await desk.hear(BUYER, SELLER, RECEIVED, WRITTEN, ASKED)
    assert await marked(desk) != []
    await erase(desk)
    assert await marked(desk) == []
    async with desk.mailing(desk.mailer(mailbox.url)):
        await desk.has_told(2)
    for message in mailbox.taken:
        body = message.get_body(("plain",))
        assert body is not None
        assert "The text of this message has been erased." in body.get_content()


async def test_words_that_wait_for_their_order_go_too(desk: Desk) -> None:
    await desk.hear(WRITTEN, ASKED)
    assert await marked(desk) == ["state"]
    await erase(desk)
    assert await marked(desk) == []
    await desk.hear(RECEIVED, said(MessageSent, message_id="message-2", text=MARK))
    assert await marked(desk) == []


async def test_an_account_is_known_by_its_name_and_address_until_it_is_erased(desk: Desk) -> None:
    await desk.hear(BUYER)
    async with desk.pool.acquire() as connection:
        assert await store.known_as(connection, "buyer-1") == [MARK, f"{MARK}@buyer.example"]
        assert await store.known_as(connection, "nobody") == []
    await erase(desk)
    async with desk.pool.acquire() as connection:
        assert await store.known_as(connection, "buyer-1") == []
