"""Changing one claim of an order, and the case inside whatever shape the claim has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from services.claims.domain.state import (
    OPEN,
    Appealed,
    AwaitingInformation,
    AwaitingReturn,
    Case,
    Claim,
    Closed,
    Decided,
    Open,
    Suspended,
    UnderInvestigation,
    Upheld,
)
from shared.values import replace

Change: TypeAlias = Callable[[Claim], Claim]


def with_claim(decided: Decided, claim_id: str, change: Change) -> Decided:
    """Change one claim."""
    claims = tuple(change(claim) if claim.case.claim_id == claim_id else claim for claim in decided.claims)
    return replace(decided, claims=claims)


def inside(change: Change) -> Change:
    """Let a change happen to what a suspended claim was: it stays suspended as long as that is open."""

    def changed(claim: Claim) -> Claim:
        if not isinstance(claim, Suspended):
            return change(claim)
        found = change(claim.was)
        return Suspended(found) if isinstance(found, (*OPEN, Appealed)) else found

    return changed


def with_case(claim: Claim, case: Case) -> Claim:
    """Put another case into a claim, whatever shape it has."""
    match claim:
        case Suspended() | Appealed() | Upheld() | Closed():
            return replace(claim, was=with_case(claim.was, case))  # type: ignore[arg-type]
        case _:
            return replace(claim, case=case)


def opened(case: Case, awaited: tuple[str, ...]) -> Open:
    """Say what an open claim waits for: the item, information, or the investigator."""
    if case.demand is not None:
        return AwaitingReturn(case, awaited)
    return AwaitingInformation(case, awaited) if awaited else UnderInvestigation(case)


def awaited_by(claim: Claim, without: str | None = None) -> tuple[str, ...]:
    """Return the requests that are waited for."""
    if not isinstance(claim, AwaitingInformation | AwaitingReturn):
        return ()
    return tuple(request_id for request_id in claim.awaited if request_id != without)
