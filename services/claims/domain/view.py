"""What people may do now, and which clocks run: `actions` and `deadlines` as every fact carries them.

An action is offered to a role exactly if the command would not be refused for a rule: both ask `barred`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from services.claims.domain.commands.follow import BARRED, OF_ROLE
from services.claims.domain.eligibility import may_file
from services.claims.domain.inputs import Actor, ActorKind, TimerKind
from services.claims.domain.judging import Desk
from services.claims.domain.state import Claim, OrderState, claim_of
from services.claims.domain.timers import Timer, wanted
from shared.values import dataclass

Actions = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock that runs: at `due_at` a fact of type `then` would follow."""

    kind: TimerKind
    due_at: datetime
    then: str


def actions(desk: Desk, claim_id: str | None) -> Actions:
    """Say who may do what: ask and file on the order, and whatever there is to do about the claim."""
    claim = claim_of(desk.state, claim_id) if claim_id else None
    is_fileable = may_file(desk)
    offered = {
        role: (*_on_order(role, is_fileable=is_fileable), *(_on_claim(desk, claim, role) if claim else ()))
        for role in OF_ROLE
    }
    return {role: found for role, found in offered.items() if found}


def _on_claim(desk: Desk, claim: Claim, role: ActorKind) -> Sequence[str]:
    someone, now = _someone(role, desk), desk.now
    return [action for action in OF_ROLE[role] if BARRED[action](someone, claim, desk, now) is None]


def _on_order(role: ActorKind, *, is_fileable: bool) -> Iterator[str]:
    if role in {"buyer", "support"}:
        yield "check_eligibility"
        if is_fileable:
            yield "file_claim"


def _someone(role: ActorKind, desk: Desk) -> Actor:
    """Name the order's own buyer and seller; of the others, somebody who has not decided anything yet."""
    own = {"buyer": desk.order.buyer_id, "seller": desk.order.seller_id}
    return Actor(role, own.get(role, ""))


def deadlines(desk: Desk, claim_id: str | None) -> Sequence[Deadline]:
    """List the clocks that run for a claim; without one, those of the order's filing."""
    return [
        Deadline(timer.kind, timer.due_at, _then(timer, desk.state))
        for timer in wanted(desk.state, desk.policies)
        if timer.claim_id == claim_id and timer.due_at > desk.now
    ]


def _then(timer: Timer, state: OrderState) -> str:
    match timer.kind:
        case "filing_opens":
            return "claims.filing_opened.v1"
        case "judge_again" | "answer_due" | "return_refund_due":
            return "claims.claim_granted.v1"
        case "return_due" | "appeal_end":
            return "claims.claim_closed.v1"
        case "information_due":
            return "claims.claim_granted.v1" if _grants(timer, state) else "claims.claim_resumed.v1"


def _grants(timer: Timer, state: OrderState) -> bool:
    claim = claim_of(state, timer.claim_id or "")
    if claim is None or claim.case.filing.wanted != "refund":
        return False
    return any(
        request.request_id == timer.subject_id and request.on_silence == "grant"
        for request in claim.case.requests
    )
