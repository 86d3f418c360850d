"""How each event changes what is kept of an order."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from services.notifications.domain.model import (
    ClaimForgotten,
    ClaimNoted,
    ClockStarted,
    ClockStopped,
    Dossier,
    Event,
    FactKept,
    MailWanted,
    OrderNoted,
    OrderState,
    ParcelNoted,
    ReturnNoted,
    TimerCanceled,
    TimerSet,
    Unheard,
)
from shared.values import replace

_OfDossier: TypeAlias = ClockStarted | ClockStopped | ClaimNoted | ClaimForgotten | ReturnNoted | ParcelNoted


def evolve(state: OrderState, event: Event) -> OrderState:
    """Give the state after the event."""
    match event:
        case OrderNoted(order):
            return Dossier(order)
        case FactKept(heard):
            return Unheard((*state.waiting, heard)) if isinstance(state, Unheard) else state
        case MailWanted() | TimerSet() | TimerCanceled():
            return state
        case _:
            return _changed(state, event) if isinstance(state, Dossier) else state


def _changed(dossier: Dossier, event: _OfDossier) -> Dossier:
    match event:
        case ClockStarted() | ClockStopped():
            return _with_clock(dossier, event)
        case ClaimNoted() | ClaimForgotten():
            return _with_claim(dossier, event)
        case ReturnNoted(contact_id):
            return replace(dossier, returns=(*dossier.returns, contact_id))
        case ParcelNoted(parcel):
            others = (known for known in dossier.back if known.contact_id != parcel.contact_id)
            return replace(dossier, back=(*others, parcel))
        case _:
            assert_never(event)


def _with_clock(dossier: Dossier, event: ClockStarted | ClockStopped) -> Dossier:
    named = event.clock if isinstance(event, ClockStarted) else event
    others = tuple(
        clock for clock in dossier.clocks if (clock.kind, clock.subject_id) != (named.kind, named.subject_id)
    )
    return replace(dossier, clocks=(*others, event.clock) if isinstance(event, ClockStarted) else others)


def _with_claim(dossier: Dossier, event: ClaimNoted | ClaimForgotten) -> Dossier:
    claim_id = event.claim.claim_id if isinstance(event, ClaimNoted) else event.claim_id
    others = tuple(claim for claim in dossier.claims if claim.claim_id != claim_id)
    return replace(dossier, claims=(*others, event.claim) if isinstance(event, ClaimNoted) else others)
