"""A claim of which refunds have left nothing is at its end, refunded by the seller (C8)."""

from __future__ import annotations

from collections.abc import Iterator

from services.claims.domain.events import ClaimClosed, ClaimRefundedBySeller, Event
from services.claims.domain.judging import Desk, open_claims
from services.claims.domain.left import refunded_since_minor, rest_minor


def settled(desk: Desk) -> Iterator[Event]:
    """End every open claim of which nothing is left, because of what was refunded since it was filed."""
    for claim in open_claims(desk.state):
        subject, case = desk.subject(claim.case), claim.case
        if refunded_since_minor(subject, case) and not rest_minor(subject, case):
            nothing = desk.money(0)
            yield ClaimRefundedBySeller(case.claim_id, case.filing.lines, nothing, desk.now)
            yield ClaimClosed(case.claim_id, desk.now)
