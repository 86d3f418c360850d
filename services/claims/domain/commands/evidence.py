"""Either side adds to the case, as long as somebody still looks at it (C1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.claims.domain.commands.who import claim_decided, not_permitted, side_of
from services.claims.domain.events import Event, EvidenceAdded
from services.claims.domain.inputs import Actor, AddEvidence
from services.claims.domain.judging import Desk
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import Claim, is_open


def barred(actor: Actor, claim: Claim, desk: Desk, _at: datetime) -> Refusal | None:
    """Say why this cannot be done; None if it can."""
    if side_of(actor, desk.order) is None:
        return not_permitted("C1")
    return None if is_open(claim) else claim_decided("C1")


def add(command: AddEvidence, _claim: Claim, _desk: Desk) -> Sequence[Event] | Refusal:
    """Take it down: evidence, a text, or both."""
    if not command.text.strip() and not command.evidence:
        return Refusal("C1", "incomplete_form", missing=("evidence",))
    return [EvidenceAdded(command)]
