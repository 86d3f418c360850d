"""What an event makes of the state. Facts replay through here to the very same claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias, assert_never

from services.claims.domain import conclusions, progress
from services.claims.domain.events import (
    AppealReversed,
    AppealUpheld,
    BuyerCompensated,
    ClaimAnswered,
    ClaimAppealed,
    ClaimClosed,
    ClaimDenied,
    ClaimFiled,
    ClaimGranted,
    ClaimRefundedBySeller,
    ClaimRefused,
    ClaimResumed,
    ClaimSuspended,
    ClaimWithdrawn,
    CommandRefused,
    EligibilityChecked,
    Event,
    EvidenceAdded,
    FilingOpened,
    GrantVoided,
    InformationProvided,
    InformationRequested,
    LateAnswerSeen,
    Noted,
    RefusedByJudgement,
    ReturnRequired,
    SellerDebited,
    SellerReimbursed,
    TimerCanceled,
    TimerSet,
)
from services.claims.domain.hearing import hear
from services.claims.domain.state import Decided, OrderState
from shared.values import replace

_Conclusion: TypeAlias = conclusions.First | conclusions.Second | conclusions.Ending
_Untold: TypeAlias = (
    Noted
    | ClaimRefused
    | CommandRefused
    | EligibilityChecked
    | LateAnswerSeen
    | SellerDebited
    | BuyerCompensated
    | SellerReimbursed
    | TimerSet
    | TimerCanceled
)


def evolve(state: OrderState | None, event: Event) -> OrderState:
    """Apply one event."""
    known = state or OrderState()
    if isinstance(event, Noted):
        return replace(known, dossier=hear(known.dossier, event.fact, event.read_at))
    decided = decide_on(known.decided, event)
    return known if decided is known.decided else replace(known, decided=decided)


def apply(state: OrderState | None, events: Iterable[Event]) -> OrderState:
    """Apply events, one after the other."""
    known = state or OrderState()
    for event in events:
        known = evolve(known, event)
    return known


def following(state: OrderState | None, events: Iterable[Event]) -> Iterator[tuple[Event, OrderState]]:
    """Apply events, one after the other; return each with the state after it."""
    for event in events:
        state = evolve(state, event)
        yield event, state


def decide_on(decided: Decided, event: Event) -> Decided:
    """Apply one event to what was decided: the part that the facts on `claims.events` replay to."""
    match event:
        case FilingOpened():
            return replace(decided, announced=(*decided.announced, event.contact_id))
        case ClaimFiled():
            return replace(decided, claims=(*decided.claims, progress.filed(event)))
        case InformationRequested() | InformationProvided() | ClaimAnswered() | EvidenceAdded():
            return progress.heard(decided, event)
        case ReturnRequired() | ClaimSuspended() | ClaimResumed():
            return progress.moved(decided, event)
        case _:
            return _concluded(decided, event)


def _concluded(decided: Decided, event: _Conclusion | _Untold) -> Decided:
    match event:
        case ClaimGranted() | GrantVoided() | ClaimDenied() | RefusedByJudgement():
            return conclusions.decided_first(decided, event)
        case ClaimAppealed() | AppealReversed() | AppealUpheld():
            return conclusions.appealed(decided, event)
        case ClaimWithdrawn() | ClaimRefundedBySeller() | ClaimClosed():
            return conclusions.ended(decided, event)
        case _:
            return _unchanged(decided, event)


def _unchanged(decided: Decided, event: _Untold) -> Decided:
    """Answers, money and timers follow from what was decided; they add nothing to it."""
    match event:
        case Noted() | ClaimRefused() | CommandRefused() | EligibilityChecked() | LateAnswerSeen():
            return decided
        case SellerDebited() | BuyerCompensated() | SellerReimbursed() | TimerSet() | TimerCanceled():
            return decided
        case _:
            assert_never(event)
