"""Deadlines: asked for, called off, and come."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.data import Data, Id, When
from shared.contracts.lists import TimerKind
from shared.contracts.topics import TIMER_COMMANDS, TIMER_EVENTS


class Schedule(Data):
    """`owner` (a service) wants to hear at `due_at` about `subject_id`; the id is derived from all of it."""

    TYPE: ClassVar[str] = "timer.schedule.v1"
    TOPIC: ClassVar[str] = TIMER_COMMANDS

    timer_id: Id
    kind: TimerKind
    owner: Id
    order_id: Id
    subject_id: Id
    due_at: When


class Cancel(Data):
    """A deadline that is not needed any more."""

    TYPE: ClassVar[str] = "timer.cancel.v1"
    TOPIC: ClassVar[str] = TIMER_COMMANDS

    timer_id: Id
    order_id: Id


class DeadlineExpired(Data):
    """The instant has come. It asks; it does not command."""

    TYPE: ClassVar[str] = "timer.deadline_expired.v1"
    TOPIC: ClassVar[str] = TIMER_EVENTS

    timer_id: Id
    kind: TimerKind
    owner: Id
    order_id: Id
    subject_id: Id
    due_at: When
    fired_at: When


MESSAGES = (Schedule, Cancel, DeadlineExpired)
