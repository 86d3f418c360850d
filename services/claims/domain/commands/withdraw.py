"""The buyer takes the claim back, until it is decided; then one may file again (C7, C1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.claims.domain.commands.who import claim_decided, not_permitted, side_of
from services.claims.domain.events import ClaimClosed, ClaimWithdrawn, Event
from services.claims.domain.inputs import Actor, WithdrawClaim
from services.claims.domain.judging import Desk
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import OPEN, Claim, Suspended


def barred(actor: Actor, claim: Claim, desk: Desk, _at: datetime) -> Refusal | None:
    """Say why this cannot be done; None if it can."""
    if side_of(actor, desk.order) != "buyer":
        return not_permitted("C7")
    now_it_is = claim.was if isinstance(claim, Suspended) else claim
    return None if isinstance(now_it_is, OPEN) else claim_decided("C7")


def withdraw(command: WithdrawClaim, _claim: Claim, _desk: Desk) -> Sequence[Event]:
    """End the claim without any effect on the seller."""
    return [ClaimWithdrawn(command), ClaimClosed(command.claim_id, command.at)]
