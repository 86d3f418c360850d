"""Refunds, chargebacks, addresses and ratings on a real PostgreSQL: stored, found again, and told once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from services.orders.domain.account import Balance
from services.orders.domain.model import Canceled, Released, status_of
from shared.contracts import messaging, orders
from shared.contracts.checkout import Address, ChargebackClosed, ChargebackOpened
from shared.contracts.claims import ClaimRefundedBySeller
from shared.contracts.data import Actor, Role
from shared.contracts.facts import Line
from shared.contracts.money import Money, Price
from tests.integration.orders.desk import Desk, Numbered, numbered
from tests.integration.orders.test_stored import NEXT_DAY, NOON, order, stocked
from tests.support.events import Event, event, seller, ups_number

DAY = timedelta(days=1)
PAID = 4999
LINES = (Line(order_item_id="order-1-1", quantity=1),)


def by(who: Role, command_id: str, at: datetime = NEXT_DAY) -> dict[str, Any]:
    person = {"seller": "seller-1", "buyer": "buyer-1"}.get(who, f"{who}-1")
    return {"command_id": command_id, "at": at, "actor": Actor(kind=who, id=person), "order_id": "order-1"}


def usd(amount_minor: int) -> Money:
    return Money(amount_minor=amount_minor, currency="USD")


def refund(amount: int, command_id: str = "refund-1") -> Event:
    data = orders.RefundOrder(**by("seller", command_id), amount=usd(amount), reason="A scratch.")
    return event(data, "order-1", NEXT_DAY)


def cancel(who: Role, at: datetime = NEXT_DAY, order_id: str = "order-1") -> Event:
    command = by(who, f"cancel-{who}-{order_id}", at) | {"order_id": order_id}
    return event(orders.CancelOrder(**command, reason="None left."), order_id, at)


def asked(sequence: int = 1) -> Numbered:
    message = messaging.MessageSent(
        order_id="order-1",
        seller_id="seller-1",
        buyer_id="buyer-1",
        at=NEXT_DAY,
        command_id="send-1",
        actor=Actor(kind="buyer", id="buyer-1"),
        channel="buyer_seller_messages",
        message_id="message-1",
        contact_id="contact-1",
        issue="address_change",
        text="Canary Street 5, please.",
    )
    return numbered(message, "order-1", NEXT_DAY, sequence)


def change() -> Event:
    address = Address(name="Canary", line1="Canary Street 5", city="Canary City", country="US")
    command = orders.ChangeAddress(**by("seller", "change-1"), message_id="message-1", ship_to=address)
    return event(command, "order-1", NEXT_DAY)


def rate() -> Event:
    command = orders.LeaveFeedback(**by("buyer", "rate-1"), rating=1, text="Canary was not pleased.")
    return event(command, "order-1", NEXT_DAY)


def charged_back() -> Event:
    opened = ChargebackOpened(
        order_id="order-1", at=NEXT_DAY, amount=Price(amount_minor=PAID, currency="USD")
    )
    return event(opened, "order-1", NEXT_DAY)


def bank_decided() -> Event:
    at = NEXT_DAY + DAY
    nothing = Price(amount_minor=0, currency="USD")
    closed = ChargebackClosed(order_id="order-1", at=at, outcome="seller_won", amount=nothing)
    return event(closed, "order-1", at)


def claim_refunded(amount: int, sequence: int = 1) -> Numbered:
    fact = ClaimRefundedBySeller(
        order_id="order-1",
        seller_id="seller-1",
        buyer_id="buyer-1",
        at=NEXT_DAY,
        actions={},
        deadlines=(),
        claim_id="claim-1",
        lines=LINES,
        amount=usd(amount),
    )
    return numbered(fact, "order-1", NEXT_DAY, sequence)


async def left(desk: Desk) -> int:
    row = await desk.order("order-1")
    assert isinstance(row.order, Released | Canceled)
    return Balance(row, row.order.placed).left_minor


async def test_every_command_and_fact_is_stored_and_told_in_order(desk: Desk) -> None:
    one = order()
    events = [one.placed(), one.verified(), asked(), change(), rate(), refund(500), claim_refunded(1000)]
    await desk.apply(*events, charged_back(), bank_decided(), one.shipped(NEXT_DAY, ups_number(1)))
    row = await desk.order("order-1")
    assert (row.account.addresses, row.account.rated_at) == (("message-1",), NEXT_DAY)
    assert await left(desk) == PAID - 1500
    numbers = await desk.numbers("order-1")
    assert [number for _, number in numbers] == list(range(1, len(numbers) + 1))
    told = {type_.removeprefix("orders.").removesuffix(".v1") for type_, _ in numbers}
    assert told >= {"address_changed", "feedback_left", "refund_recorded", "chargeback_opened"}
    assert told >= {"chargeback_closed", "shipment_confirmed"}


async def test_every_record_sent_again_at_a_new_offset_changes_nothing(desk: Desk) -> None:
    one = order()
    events = [one.placed(), one.verified(), asked(), change(), rate(), refund(500), claim_refunded(1000)]
    events += [charged_back(), bank_decided(), cancel("seller")]
    await desk.apply(*events)
    before = await desk.pool.fetch("SELECT kind, key, version, body FROM state ORDER BY kind, key")
    said = await desk.pool.fetchval("SELECT count(*) FROM outbox")
    await desk.apply(*events)
    assert await desk.pool.fetch("SELECT kind, key, version, body FROM state ORDER BY kind, key") == before
    assert await desk.pool.fetchval("SELECT count(*) FROM outbox") == said


async def test_no_text_of_the_command_is_in_a_row(desk: Desk) -> None:
    one = order()
    await desk.apply(one.placed(), one.verified(), asked(), change(), rate(), refund(500))
    bodies = await desk.pool.fetch("SELECT body::text AS body FROM state")
    assert not any("anary" in row["body"] or "scratch" in row["body"] for row in bodies)


async def test_what_a_chargeback_held_is_stored_until_it_ends(desk: Desk) -> None:
    one = order()
    await desk.apply(one.placed(), one.verified(), charged_back())
    await desk.apply(cancel("seller"))
    assert [fact.amount for fact in await desk.said(orders.OrderCanceled)] == [usd(0)]
    assert len((await desk.order("order-1")).heard.held) == 1
    await desk.apply(bank_decided())
    assert [fact.amount for fact in await desk.said(orders.RefundRecorded)] == [usd(PAID)]
    assert (await desk.order("order-1")).heard.held == ()


async def test_a_cancellation_by_command_gives_the_stock_back(desk: Desk) -> None:
    sold = [order(f"order-{number}", sku="lamp") for number in (1, 2)]
    await desk.apply(stocked(2), *(one.placed() for one in sold), sold[0].verified())
    await desk.apply(cancel("seller"), cancel("buyer", NOON, "order-2"))
    assert (await desk.stock("seller-1", "lamp")).available == 2


async def test_a_command_and_its_order_in_one_batch_find_the_stock_that_it_takes(desk: Desk) -> None:
    await desk.apply(stocked(2), order(sku="lamp").placed(), cancel("buyer", NOON))
    assert (await desk.stock("seller-1", "lamp")).available == 2


async def test_a_command_that_overtook_its_order_runs_when_it_comes(desk: Desk) -> None:
    await desk.apply(stocked(2), refund(500), cancel("seller"))
    await desk.apply(order(sku="lamp").placed(), order().verified())
    assert status_of((await desk.order("order-1")).order) == "Canceled"
    assert [fact.amount for fact in await desk.said(orders.RefundRecorded)] == [usd(500)]
    assert (await desk.stock("seller-1", "lamp")).available == 2


async def test_a_sellers_plan_is_stored_and_judges_files(desk: Desk) -> None:
    one = order()
    individual = seller("seller-1", NOON)
    data = individual.data.model_copy(update={"plan": "individual"})
    by_file = one.shipped(NEXT_DAY, ups_number(1)).data.model_copy(
        update={"source": orders.FileRow(file_id="file-1", row=1)}
    )
    await desk.apply(event(data, "seller-1", NOON), one.placed(), one.verified())
    assert (await desk.seller("seller-1")).plan == "individual"
    await desk.apply(event(by_file, "order-1", NEXT_DAY))
    assert [fact.reason for fact in await desk.said(orders.CommandRefused)] == ["professional_only"]


async def test_files_of_one_seller_in_two_processes_wait_for_each_other_and_all_apply(
    desk: Desk, other_desk: Desk
) -> None:
    sold = [order(f"order-{number}") for number in range(20)]
    registered = seller("seller-1", NOON)
    await desk.apply(registered, *(one.placed() for one in sold), *(one.verified() for one in sold))

    async def confirm(at: Desk, first: int) -> None:
        for number in range(first, 20, 2):
            source = {"source": orders.FileRow(file_id="file-1", row=number)}
            command = sold[number].shipped(NEXT_DAY, ups_number(number)).data.model_copy(update=source)
            await at.apply(event(command, sold[number].order_id, NEXT_DAY))

    await asyncio.gather(confirm(desk, 0), confirm(other_desk, 1))
    assert len(await desk.said(orders.ShipmentConfirmed)) == 20


async def test_a_chargeback_in_another_currency_is_a_dead_letter_and_holds_nothing_up(desk: Desk) -> None:
    await desk.apply(order().placed(), order().verified())
    yen = ChargebackOpened(order_id="order-1", at=NEXT_DAY, amount=Price(amount_minor=PAID, currency="JPY"))
    await desk.apply(event(yen, "order-1", NEXT_DAY), refund(500))
    assert await desk.said(orders.ChargebackOpened) == []
    assert len(await desk.said(orders.RefundRecorded)) == 1
    rows = await desk.pool.fetch("SELECT rule, topic FROM dead_letters")
    assert [tuple(row) for row in rows] == [("wrong_currency", "checkout.events")]
    dead = await desk.pool.fetchval("SELECT sum(dead) FROM offsets WHERE topic = 'checkout.events'")
    assert dead == 1
