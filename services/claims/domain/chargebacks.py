"""While a chargeback runs nothing is decided, and the clocks stand still (C16)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.claims.domain.dossier import Chargeback
from services.claims.domain.events import ClaimClosed, ClaimResumed, ClaimSuspended, Event
from services.claims.domain.state import OPEN, Appealed, OrderState, Suspended


def suspend(state: OrderState, since: datetime) -> Sequence[Event]:
    """Let every claim that is still to be decided stand still."""
    return [
        ClaimSuspended(claim.case.claim_id, max(since, claim.case.filing.source.at))
        for claim in state.decided.claims
        if isinstance(claim, (*OPEN, Appealed))
    ]


def end(state: OrderState, closed: Chargeback) -> Sequence[Event]:
    """Close what the buyer got back from the bank; else let the claims go on, once no other chargeback runs."""
    if closed.closed is None:
        return ()
    suspended = [claim for claim in state.decided.claims if isinstance(claim, Suspended)]
    if closed.outcome == "buyer_won":
        return [ClaimClosed(claim.case.claim_id, closed.closed.at) for claim in suspended]
    if state.dossier.chargeback is not None:
        return ()
    return [ClaimResumed(claim.case.claim_id, None, closed.closed.at) for claim in suspended]
