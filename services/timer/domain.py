"""Deadlines: set, called off, due. A timer knows nothing of what it is for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class Timer:
    """One deadline, and the command that asked for it.

    Its id is derived from what it is for and when it is due, so a moved one is another timer.
    """

    timer_id: str
    shard: int
    due_at: datetime
    kind: str
    owner: str
    order_id: str
    subject_id: str
    cause_id: str


@dataclass(frozen=True, slots=True)
class TimerSet:
    """A deadline is wanted."""

    timer: Timer

    @property
    def timer_id(self) -> str:
        """Which one."""
        return self.timer.timer_id


@dataclass(frozen=True, slots=True)
class TimerCanceled:
    """A deadline is not wanted any more; one that fired meanwhile asks, and is ignored by who set it."""

    timer_id: str


Event = TimerSet | TimerCanceled


@dataclass(frozen=True, slots=True)
class Change:
    """What a batch comes to: the last word on each timer."""

    set: tuple[Timer, ...]
    cancel: tuple[str, ...]


def settle(events: Iterable[Event]) -> Change:
    """Keep the last word on each timer, in a fixed order of ids."""
    last = {event.timer_id: event for event in events}
    ordered = [last[timer_id] for timer_id in sorted(last)]
    return Change(
        set=tuple(event.timer for event in ordered if isinstance(event, TimerSet)),
        cancel=tuple(event.timer_id for event in ordered if isinstance(event, TimerCanceled)),
    )
