"""The buyer is told when a claim can be filed (C2, N1): a deadline of our own, moved with the promises."""

from __future__ import annotations

from datetime import UTC, date, datetime

from services.claims.domain.events import FilingOpened, Noted, TimerCanceled, TimerSet
from tests.unit.claims.builders import (
    DAY,
    ELIGIBLE,
    FILED,
    HOUR,
    SHIPPED,
    UNTIL,
    WINDOW,
    WROTE,
    after,
    contacted,
    deadline,
    delivered,
    file_claim,
    promised,
    received,
    released,
    resolved,
    shipped,
    timers,
    wrote,
)


def test_a_message_about_delivery_sets_the_day_from_which_one_may_file() -> None:
    told = after(received(), released(), shipped()).when(wrote(), now=WROTE)
    assert told.every(TimerSet) == [TimerSet("filing_opens", "contact-1", ELIGIBLE)]


def test_it_is_48_hours_after_a_late_message() -> None:
    told = after(received(), released(), shipped()).when(wrote(at=ELIGIBLE), now=ELIGIBLE)
    assert timers(told.events) == [("filing_opens", ELIGIBLE + WINDOW)]


def test_when_it_comes_the_buyer_is_told_once() -> None:
    told = contacted().when(deadline("filing_opens", "contact-1", ELIGIBLE), now=ELIGIBLE + HOUR)
    told.then(FilingOpened("contact-1", ELIGIBLE, UNTIL))
    told.when(deadline("filing_opens", "contact-1", ELIGIBLE), now=ELIGIBLE + HOUR).then_nothing()


def test_a_new_promise_moves_it() -> None:
    told = contacted().when(promised(date(2021, 3, 9)), now=SHIPPED + DAY)
    told.then_kinds(Noted, TimerCanceled, TimerSet)
    moved = datetime(2021, 3, 13, 8, 0, tzinfo=UTC)
    assert told.the(TimerCanceled).due_at == ELIGIBLE
    assert told.the(TimerSet).due_at == moved
    told.when(deadline("filing_opens", "contact-1", ELIGIBLE), now=ELIGIBLE).then_nothing()
    told.when(deadline("filing_opens", "contact-1", moved), now=moved).then_kinds(FilingOpened)


def test_a_promise_that_changes_nothing_sets_nothing() -> None:
    contacted().when(promised(date(2021, 3, 20)), now=SHIPPED + DAY).then_kinds(Noted)


def test_what_is_delivered_or_settled_or_claimed_calls_it_off() -> None:
    for what in (delivered(at=WROTE), resolved(at=WROTE + HOUR), resolved(at=WROTE + 3 * DAY)):
        told = contacted().when(what, now=WROTE + HOUR)
        assert told.the(TimerCanceled) == TimerCanceled("filing_opens", "contact-1", ELIGIBLE)
    claimed = contacted().when(file_claim(at=ELIGIBLE), now=ELIGIBLE)
    claimed.when(deadline("filing_opens", "contact-1", ELIGIBLE), now=ELIGIBLE).then_nothing()


def test_other_messages_and_late_ones_open_nothing() -> None:
    story = after(received(), released(), shipped())
    for message in (wrote(about="product"), wrote(at=UNTIL - WINDOW)):
        assert timers(story.when(message, now=message.source.at).events) == []


def test_a_message_that_is_heard_of_before_its_order_counts_when_the_order_comes() -> None:
    story = after(wrote())
    told = story.when(received(), now=WROTE).when(released(), now=WROTE)
    assert timers(told.events) == [("filing_opens", ELIGIBLE)]


def test_one_that_is_heard_of_when_it_is_past_fires_at_once() -> None:
    told = after(received(), released(), shipped()).when(wrote(), now=FILED)
    assert timers(told.events) == [("filing_opens", ELIGIBLE)]
