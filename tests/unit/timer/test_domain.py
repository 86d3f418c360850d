"""The last word on each timer of a batch, and what is said of one that has come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.timer import translate
from services.timer.domain import Event, Timer, TimerCanceled, TimerSet, settle
from shared.contracts.checkout import PaymentVerified
from shared.contracts.envelope import Attributes
from shared.contracts.timer import Cancel, Schedule
from shared.kit.service import Message, Place

NOON = datetime(2021, 3, 10, 12, tzinfo=UTC)


def timer(timer_id: str, due_at: datetime = NOON) -> Timer:
    return Timer(timer_id, 0, due_at, "hold_end", "orders", "o", "o", "cause")


def test_the_last_word_on_a_timer_counts() -> None:
    change = settle([TimerSet(timer("a")), TimerSet(timer("b")), TimerCanceled("a"), TimerSet(timer("c"))])
    assert [each.timer_id for each in change.set] == ["b", "c"]
    assert change.cancel == ("a",)


def test_a_timer_set_again_after_it_was_canceled_is_set() -> None:
    change = settle([TimerSet(timer("a")), TimerCanceled("a"), TimerSet(timer("a"))])
    assert ([each.timer_id for each in change.set], change.cancel) == (["a"], ())


def test_one_asked_for_twice_is_one() -> None:
    assert len(settle([TimerSet(timer("a")), TimerSet(timer("a"))]).set) == 1


@given(st.permutations([TimerSet(timer(each)) for each in "abc"] + [TimerCanceled(each) for each in "def"]))
def test_rows_are_written_in_one_order_whatever_came_first(events: list[Event]) -> None:
    change = settle(events)
    assert [each.timer_id for each in change.set] == ["a", "b", "c"]
    assert change.cancel == ("d", "e", "f")


def test_a_timer_keeps_the_partition_and_the_command_that_brought_it() -> None:
    data = Schedule(timer_id="t", kind="hold_end", owner="orders", order_id="o", subject_id="s", due_at=NOON)
    message = Message(Place("timer.commands", 3, 0), Attributes("e", "/orders", data.TYPE), data)
    assert translate.event_of(message) == TimerSet(Timer("t", 3, NOON, "hold_end", "orders", "o", "s", "e"))
    canceled = Message(message.place, message.attributes, Cancel(timer_id="t", order_id="o"))
    assert translate.event_of(canceled) == TimerCanceled("t")


def test_what_has_come_carries_all_that_was_asked_and_is_dated_when_it_was_due() -> None:
    said = translate.expired(timer("t"), fired_at=NOON + timedelta(hours=1))
    assert (said.topic, said.key, said.id, said.at) == ("timer.events", "o", "t", NOON)
    assert said.data.model_dump()["fired_at"] == NOON + timedelta(hours=1)
    assert said.data.model_dump()["owner"] == "orders"


def test_what_is_no_command_to_the_timer_is_a_bug() -> None:
    data = PaymentVerified(order_id="o", at=NOON)
    message = Message(Place("timer.commands", 0, 0), Attributes("e", "/x", data.TYPE), data)
    with pytest.raises(TypeError, match="no command to the timer"):
        translate.event_of(message)
