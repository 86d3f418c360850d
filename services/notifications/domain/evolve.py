"""How each event changes what is kept of an order."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from services.notifications.domain.model import (
    ClockStarted,
    ClockStopped,
    Dossier,
    Event,
    FactKept,
    MailWanted,
    OrderNoted,
    OrderState,
    TimerCanceled,
    TimerSet,
    Unheard,
)


def evolve(state: OrderState, event: Event) -> OrderState:
    """Give the state after the event."""
    match event:
        case OrderNoted(order):
            return Dossier(order)
        case FactKept(heard):
            return Unheard((*state.waiting, heard)) if isinstance(state, Unheard) else state
        case ClockStarted() | ClockStopped():
            return _with_clock(state, event) if isinstance(state, Dossier) else state
        case MailWanted() | TimerSet() | TimerCanceled():
            return state
        case _:
            assert_never(event)


def _with_clock(dossier: Dossier, event: ClockStarted | ClockStopped) -> Dossier:
    subject_id = event.clock.subject_id if isinstance(event, ClockStarted) else event.subject_id
    others = tuple(clock for clock in dossier.clocks if clock.subject_id != subject_id)
    return replace(dossier, clocks=(*others, event.clock) if isinstance(event, ClockStarted) else others)
