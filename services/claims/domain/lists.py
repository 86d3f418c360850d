"""In which list a claim is for whom: action required, under review, option to appeal, closed (C17).

None can be forgotten: whatever is open has a clock that runs, or is in the list of those who investigate.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from services.claims.domain.changing import awaited_by
from services.claims.domain.clocks import answer_due, is_answered_in_time
from services.claims.domain.commands.appeal import loser_of
from services.claims.domain.inputs import Side
from services.claims.domain.judging import Desk
from services.claims.domain.returns import is_sent_in_time, received_back
from services.claims.domain.state import (
    OPEN,
    Appealed,
    AwaitingReturn,
    Case,
    Claim,
    Denied,
    Granted,
    Open,
    Refused,
    Suspended,
)

List: TypeAlias = Literal["action_required", "under_review", "option_to_appeal", "closed"]
Viewer: TypeAlias = Side | Literal["investigator"]


def list_of(claim: Claim, viewer: Viewer, desk: Desk) -> List:
    """Say in which of its lists somebody finds a claim."""
    if isinstance(claim, OPEN):
        return "action_required" if viewer in awaited(claim, desk) else "under_review"
    if isinstance(claim, Appealed):
        return "action_required" if viewer == "investigator" else "under_review"
    if isinstance(claim, Suspended):
        return "under_review"
    if isinstance(claim, Granted | Denied | Refused) and viewer == loser_of(claim):
        return "option_to_appeal"
    return "closed"


def awaited(claim: Open, desk: Desk) -> frozenset[Viewer]:
    """Say who is to do something: the sides that are asked for it; if neither is, an investigator."""
    sides: set[Viewer] = {
        request.asked for request in claim.case.requests if request.request_id in awaited_by(claim)
    }
    if _is_answer_awaited(claim.case, desk):
        sides.add("seller")
    if isinstance(claim, AwaitingReturn):
        subject = desk.subject(claim.case)
        if received_back(subject):
            sides.add("seller")
        elif not is_sent_in_time(subject, claim.case):
            sides.add("buyer")
    return frozenset(sides or {"investigator"})


def _is_answer_awaited(case: Case, desk: Desk) -> bool:
    """Say whether the clock to answer runs: silence about a replacement grants nothing, so it is an investigator's."""
    due_at = answer_due(case)
    is_clocked = case.filing.wanted == "refund" and due_at is not None and desk.now < due_at
    return is_clocked and not is_answered_in_time(case)
