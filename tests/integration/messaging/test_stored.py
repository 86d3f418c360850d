"""Messaging on a real PostgreSQL: what is stored is found again, and what is repeated is known."""

from __future__ import annotations

from datetime import timedelta

from services.messaging.domain import conversation
from services.messaging.domain.model import Conversation
from services.messaging.translate.replay import event_of
from shared.contracts import messaging
from shared.contracts.claims import FilingOpened
from shared.contracts.orders import OrderReceived, OrderReleased
from shared.contracts.timer import DeadlineExpired, Schedule
from tests.integration.messaging.desk import PLACED, RELEASED, Desk, fact
from tests.support.events import Event, Order, event

ORDER = Order("order-1", "seller-1", "buyer-1", PLACED)
ASKED = PLACED + timedelta(days=1)
ANSWERED = ASKED + timedelta(hours=5)
DUE = ASKED + timedelta(hours=48)

RECEIVED, FREED = fact(OrderReceived), fact(OrderReleased, at=RELEASED)
QUESTION, ANSWER = ORDER.wrote("buyer", ASKED), ORDER.wrote("seller", ANSWERED)
SETTLED = ORDER.resolved(ANSWERED + timedelta(hours=1))
WHOLE = (RECEIVED, FREED, QUESTION, ANSWER, SETTLED)
WHAT_IS_SAID = [
    ("contact_opened", "1"),
    ("message_sent", "2"),
    ("message_sent", "3"),
    ("contact_responded", "4"),
    ("contact_resolved", "5"),
]


def expired(kind: str) -> Event:
    data = DeadlineExpired(
        timer_id=f"timer-{kind}",
        kind=kind,
        owner="messaging",
        order_id="order-1",
        subject_id=ORDER.contact_id,
        due_at=DUE,
        fired_at=DUE,
    )
    return event(data, "order-1", DUE)


async def test_a_whole_conversation_in_one_batch_is_numbered_without_gap(desk: Desk) -> None:
    await desk.apply(*WHOLE)
    assert await desk.numbered() == WHAT_IS_SAID


async def test_a_whole_conversation_in_many_batches_is_the_same(desk: Desk) -> None:
    for each in WHOLE:
        await desk.apply(each)
    assert await desk.numbered() == WHAT_IS_SAID


async def test_every_record_again_at_a_new_offset_changes_nothing(desk: Desk) -> None:
    await desk.apply(*WHOLE)
    before = await desk.pool.fetch("SELECT * FROM state ORDER BY kind, key"), await desk.said()
    await desk.apply(*WHOLE)
    assert (await desk.pool.fetch("SELECT * FROM state ORDER BY kind, key"), await desk.said()) == before


async def test_a_message_that_overtook_its_order_waits_for_it(desk: Desk) -> None:
    await desk.apply(QUESTION, ANSWER)
    assert await desk.numbered() == []
    await desk.apply(RECEIVED, FREED)
    assert [kind for kind, _ in await desk.numbered()] == [kind for kind, _ in WHAT_IS_SAID[:4]]


async def test_a_message_whose_order_never_comes_is_refused_without_a_number(desk: Desk) -> None:
    await desk.apply(QUESTION)
    await desk.wait_for_orders_no_more("order-1")
    assert await desk.numbered() == [("command_refused", None)]
    (refused,) = await desk.said()
    assert isinstance(refused, messaging.CommandRefused)
    assert (refused.reason, refused.message_id) == ("unknown_order", QUESTION.data.model_dump()["message_id"])


async def test_a_clock_that_ran_out_is_said_once_and_an_answer_in_time_still_counts(desk: Desk) -> None:
    await desk.apply(RECEIVED, FREED, QUESTION)
    await desk.apply(expired("response_due"))
    await desk.apply(ANSWER)
    await desk.apply(expired("response_due"))
    assert [kind for kind, _ in await desk.numbered()] == [
        "contact_opened",
        "message_sent",
        "response_overdue",
        "message_sent",
        "contact_responded",
    ]
    (contact,) = (await desk.state()).conversation.contacts
    assert contact.response.shape == "responded"


async def test_in_one_batch_a_message_goes_before_a_deadline(desk: Desk) -> None:
    await desk.apply(RECEIVED, FREED, QUESTION)
    await desk.apply(expired("response_due"), ANSWER)
    assert "response_overdue" not in [kind for kind, _ in await desk.numbered()]


async def test_facts_that_are_only_counted_leave_the_order_as_it_is(desk: Desk) -> None:
    await desk.apply(RECEIVED, FREED)
    before = await desk.state()
    await desk.apply(fact(FilingOpened))
    assert await desk.state() == before


async def test_an_order_of_an_unknown_marketplace_is_a_dead_letter_and_its_key_waits(desk: Desk) -> None:
    await desk.apply(fact(OrderReceived, marketplace_id="atlantis"), FREED)
    letters = await desk.pool.fetch("SELECT rule FROM dead_letters")
    assert [letter["rule"] for letter in letters] == ["unknown_marketplace"]
    assert await desk.numbered() == []


async def test_two_timers_are_set_for_a_contact_and_none_is_left_at_its_end(desk: Desk) -> None:
    await desk.apply(*WHOLE)
    said = await desk.said()
    set_ids = [each.timer_id for each in said if isinstance(each, Schedule)]
    canceled = [each.model_dump()["timer_id"] for each in said if each.TYPE == "timer.cancel.v1"]
    assert len(set_ids) == 2
    assert sorted(set_ids) == sorted(canceled)


async def test_what_was_said_replays_to_the_conversation_that_is_stored(desk: Desk) -> None:
    other = ORDER.wrote("buyer", ANSWERED + timedelta(minutes=1), contact_id="another-name")
    await desk.apply(RECEIVED, FREED, QUESTION)
    await desk.apply(expired("response_due"), expired("resolution_due"))
    await desk.apply(ANSWER, other, SETTLED)
    replayed = Conversation()
    for said in await desk.said():
        if before := event_of(said):
            replayed = conversation(replayed, before)
    stored = (await desk.state()).conversation
    assert replayed == stored
    assert stored.contacts[0].names == (ORDER.contact_id, "another-name")
