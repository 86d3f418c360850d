"""Whom a decision went against appeals it, once, in time, with something new (C11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.claims.domain.commands.who import not_permitted, side_of
from services.claims.domain.events import ClaimAppealed, Event
from services.claims.domain.filing_facts import in_the_way
from services.claims.domain.inputs import Actor, AppealClaim, Side
from services.claims.domain.judging import Desk
from services.claims.domain.money import merged
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import (
    Appealable,
    Appealed,
    Claim,
    Closed,
    Denied,
    Granted,
    Refused,
    Reversed,
    Suspended,
    Upheld,
)


def barred(actor: Actor, claim: Claim, desk: Desk, at: datetime) -> Refusal | None:
    """Say why this cannot be done; None if it can."""
    side = side_of(actor, desk.order)
    if side is None:
        return not_permitted("C11")
    now_it_is = claim.was if isinstance(claim, Suspended | Closed) else claim
    if isinstance(now_it_is, Appealed | Reversed | Upheld):
        return Refusal("C11", "already_appealed")
    if not isinstance(now_it_is, Granted | Denied | Refused) or side != loser_of(now_it_is):
        return Refusal("C11", "not_appealable")
    closes_at = now_it_is.closes_at
    if at > closes_at or (isinstance(claim, Closed) and at == closes_at):
        return Refusal("C11", "too_late", until=closes_at)
    return _other_claim(claim, desk)


def loser_of(decision: Appealable) -> Side | None:
    """Say whom a decision went against; nobody, where the marketplace pays (C10)."""
    if isinstance(decision, Granted):
        return "seller" if decision.funding == "seller" else None
    return "buyer"


def _other_claim(claim: Claim, desk: Desk) -> Refusal | None:
    """A buyer who has filed again meanwhile pursues the new claim: one is open at a time (C1)."""
    others = [each for each in desk.state.decided.claims if each is not claim]
    other = in_the_way(others, merged(claim.case.filing.lines))
    return Refusal("C1", "already_claimed") if other and not isinstance(claim, Granted) else None


def appeal(command: AppealClaim, _claim: Claim, desk: Desk) -> Sequence[Event] | Refusal:
    """Let somebody else look at it."""
    if not command.explanation.strip():
        return Refusal("C11", "incomplete_form", missing=("explanation",))
    side = side_of(command.actor, desk.order)
    return [ClaimAppealed(command, side)] if side else not_permitted("C11")
