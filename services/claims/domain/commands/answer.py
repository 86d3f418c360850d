"""The seller answers the claim itself: they always may, and where there is a deadline they must (C9, C6.5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.claims.domain.clocks import answer_due, is_answered_in_time
from services.claims.domain.commands.who import claim_decided, not_permitted, side_of
from services.claims.domain.events import ClaimAnswered, Event, LateAnswerSeen
from services.claims.domain.evolve import apply
from services.claims.domain.inputs import Actor, AnswerClaim, Source
from services.claims.domain.judging import Desk, hear_answer
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import OPEN, Claim, Closed, Suspended, claim_of, granted_of
from services.claims.domain.windows import in_time
from shared.values import replace


def barred(actor: Actor, claim: Claim, desk: Desk, at: datetime) -> Refusal | None:
    """Say why this cannot be done; None if it can."""
    if side_of(actor, desk.order) != "seller":
        return not_permitted("C9")
    now_it_is = claim.was if isinstance(claim, Suspended) else claim
    if isinstance(now_it_is, OPEN) or (not isinstance(claim, Closed) and is_awaited(claim, at)):
        return None
    return claim_decided("C9")


def is_awaited(claim: Claim, at: datetime) -> bool:
    """Say whether an answer of this date may take a grant by rule back: the deadline had not come (C6)."""
    granted, due_at = granted_of(claim), answer_due(claim.case)
    return (
        granted is not None
        and granted.automatic
        and due_at is not None
        and in_time(at, due_at)
        and not is_answered_in_time(claim.case)
    )


def answer(command: AnswerClaim, claim: Claim, desk: Desk) -> Sequence[Event] | Refusal:
    """Take the answer down; one dated in time that is read after the grant may void it."""
    if not command.text.strip() and not command.evidence:
        return Refusal("C9", "incomplete_form", missing=("text",))
    return hear(command, desk) if granted_of(claim) else [ClaimAnswered(command, desk.now)]


def hear(command: AnswerClaim, desk: Desk) -> Sequence[Event]:
    """Take an answer down that was dated in time and is read after the grant, with what follows."""
    answered = ClaimAnswered(command, desk.now)
    after = replace(desk, state=apply(desk.state, [answered]))
    claim = claim_of(after.state, command.claim_id)
    source = Source(command.command_id, command.at)
    return [answered, *(hear_answer(after, claim, source, command.at) if claim else ())]


def seen_too_late(command: AnswerClaim, claim: Claim, desk: Desk) -> Sequence[Event]:
    """Let an operator see an answer that would have voided a grant, had the claim not closed (C6)."""
    if side_of(command.actor, desk.order) != "seller" or not is_awaited(claim, command.at):
        return ()
    return [event for event in hear(command, desk) if isinstance(event, LateAnswerSeen)]
