"""From the contract to timers and back."""

from __future__ import annotations

from datetime import datetime

from services.timer.domain import Event, Timer, TimerCanceled, TimerSet
from shared.contracts.timer import Cancel, DeadlineExpired, Schedule
from shared.contracts.topics import TIMER_EVENTS
from shared.kit.service import Message, Outgoing


def event_of(message: Message) -> Event:
    """Read a command to the timer. Its shard is the partition that brought it."""
    data = message.data
    if isinstance(data, Schedule):
        return TimerSet(
            Timer(
                timer_id=data.timer_id,
                shard=message.place.partition,
                due_at=data.due_at,
                kind=data.kind,
                owner=data.owner,
                order_id=data.order_id,
                subject_id=data.subject_id,
                cause_id=message.attributes.id,
            )
        )
    if isinstance(data, Cancel):
        return TimerCanceled(data.timer_id)
    raise TypeError(f"{message.attributes.type} is no command to the timer")


def expired(timer: Timer, fired_at: datetime) -> Outgoing:
    """Say that a deadline has come. Its event id is the timer's: it comes once.

    What fires thousands of them a second writes the same in SQL, see `fire_due` in store.sql; a test compares the two.
    """
    data = DeadlineExpired(
        timer_id=timer.timer_id,
        kind=timer.kind,
        owner=timer.owner,
        order_id=timer.order_id,
        subject_id=timer.subject_id,
        due_at=timer.due_at,
        fired_at=fired_at,
    )
    return Outgoing(TIMER_EVENTS, timer.order_id, data, at=timer.due_at, id=timer.timer_id)
