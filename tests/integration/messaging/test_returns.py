"""Returns on a real PostgreSQL: an order and a carrier's number are rows of their own, and meet."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, TypeVar, cast

from services.messaging.domain import conversation
from services.messaging.domain.model import Conversation
from services.messaging.translate.replay import event_of
from shared.contracts.data import Actor, OrderCommand
from shared.contracts.examples import example
from shared.contracts.facts import Line
from shared.contracts.messaging import AnswerReturn, ReceiveReturn, RequestReturn, ReturnReceived, ShipReturn
from shared.contracts.orders import OrderReceived, OrderReleased
from shared.kit.sql import queries
from tests.integration.messaging.desk import PLACED, RELEASED, Desk, fact
from tests.support.events import Event, delivered, event, ups_number

QUERIES = queries("services.messaging", "store.sql")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASKED = PLACED + 5 * DAY
BACK = ASKED + 3 * DAY
NUMBER = ups_number(7)
BUYER, SELLER = Actor(kind="buyer", id="buyer-1"), Actor(kind="seller", id="seller-1")
LINES = (Line(order_item_id="item-1", quantity=1),)
Kind = TypeVar("Kind", bound=OrderCommand)


def say(kind: type[Kind], after: timedelta, order_id: str = "order-1", **changes: Any) -> Event:
    """Say the golden example of a command about the return, so long after it was asked for."""
    given: Any = example(kind).data
    who = SELLER if kind in {AnswerReturn, ReceiveReturn} else BUYER
    at, command_id = ASKED + after, f"{order_id}-{kind.__name__}-{after}"
    named = {"order_id": order_id, "at": at, "actor": who, "contact_id": "return-1", "command_id": command_id}
    return event(cast("Kind", given.model_copy(update=named | changes)), order_id, at)


def order(order_id: str = "order-1") -> list[Event]:
    return [fact(OrderReceived, order_id), fact(OrderReleased, order_id, at=RELEASED)]


def authorised(order_id: str = "order-1") -> list[Event]:
    return [
        *order(order_id),
        say(RequestReturn, timedelta(0), order_id, lines=LINES),
        say(AnswerReturn, HOUR, order_id),
    ]


def sent(order_id: str = "order-1") -> Event:
    return say(ShipReturn, DAY, order_id, carrier="UPS", tracking_number=NUMBER)


WHOLE = [*authorised(), sent(), delivered(NUMBER, BACK)]
WHAT_IS_SAID = [
    "contact_opened",
    "return_requested",
    "return_answered",
    "contact_responded",
    "return_shipped",
    "return_received",
]


async def kinds(desk: Desk) -> list[str]:
    return [kind for kind, _ in await desk.numbered()]


async def waiting(desk: Desk) -> list[str]:
    query = "SELECT json_array_elements_text(body -> 'orders') AS id FROM state WHERE kind = 'tracking' AND key = $1"
    return [row["id"] for row in await desk.pool.fetch(query, f"UPS/{NUMBER}")]


async def test_a_whole_return_in_one_batch_is_numbered_without_gap(desk: Desk) -> None:
    # In a batch facts go first: the scan is kept before the number is told.
    await desk.apply(*WHOLE)
    assert await desk.numbered() == [(kind, str(place)) for place, kind in enumerate(WHAT_IS_SAID, 1)]


async def test_a_whole_return_in_many_batches_is_the_same(desk: Desk) -> None:
    for each in WHOLE:
        await desk.apply(each)
    assert await kinds(desk) == WHAT_IS_SAID
    assert await waiting(desk) == []


async def test_every_record_of_a_return_again_changes_nothing(desk: Desk) -> None:
    await desk.apply(*WHOLE)
    before = await desk.pool.fetch("SELECT * FROM state ORDER BY kind, key"), await desk.said()
    await desk.apply(*WHOLE)
    assert (await desk.pool.fetch("SELECT * FROM state ORDER BY kind, key"), await desk.said()) == before


async def test_a_scan_finds_every_order_that_waits_for_its_number(desk: Desk) -> None:
    await desk.apply(*authorised("order-1"), *authorised("order-2"), sent("order-1"), sent("order-2"))
    assert await waiting(desk) == ["order-1", "order-2"]
    await desk.apply(delivered(NUMBER, BACK))
    back = [each.order_id for each in await desk.said() if isinstance(each, ReturnReceived)]
    assert sorted(back) == ["order-1", "order-2"]


async def test_a_number_that_is_told_while_its_scan_is_read_by_another_process_is_not_missed(
    desk: Desk,
) -> None:
    """The carrier's topic has its own partitions: its scan and the command meet in the row of the number."""
    await desk.apply(*authorised())
    carriers = Desk(desk.pool)
    await asyncio.gather(desk.apply(sent()), carriers.apply(delivered(NUMBER, BACK)))
    assert await kinds(desk) == WHAT_IS_SAID


async def test_what_was_said_of_a_return_replays_to_what_is_stored(desk: Desk) -> None:
    await desk.apply(*WHOLE)
    replayed = Conversation()
    for each in await desk.said():
        if before := event_of(each):
            replayed = conversation(replayed, before)
    assert replayed == (await desk.state()).conversation


async def test_the_orders_of_a_number_are_found_by_key_however_many_there_are(desk: Desk) -> None:
    async with desk.pool.acquire() as connection:
        plan = await connection.fetch(f"EXPLAIN {QUERIES['awaiting']}", ["UPS/1"])
    lines = "\n".join(row[0] for row in plan)
    assert "state_pkey" in lines
    assert "Seq Scan" not in lines
