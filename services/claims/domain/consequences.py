"""What a fact makes true or takes back by itself, when it is heard.

It is judged by what it says itself: untracked (C6.1), answered in time (C6), refunded in time (C8), charged back (C16).
What time makes true is judged at a filing and at a deadline, which wait until all facts before them are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.claims.domain import chargebacks, gather
from services.claims.domain.clocks import send_by
from services.claims.domain.events import Event, LateAnswerSeen
from services.claims.domain.evolve import apply
from services.claims.domain.inputs import (
    ChargebackClosed,
    ContactResponded,
    Heard,
    RefundRecorded,
    ReturnShipped,
    ShipmentConfirmed,
)
from services.claims.domain.judging import Desk, grant_by_rule, hear_answer, open_claims
from services.claims.domain.returns import is_sent_in_time
from services.claims.domain.state import AwaitingReturn, Closed
from shared.values import replace


def consequences(fact: Heard, desk: Desk) -> Sequence[Event]:
    """Say what follows of a fact, besides that it is known."""
    match fact:
        case ShipmentConfirmed():
            return list(_untracked(desk))
        case ContactResponded():
            return [
                event
                for claim in desk.state.decided.claims
                for event in hear_answer(desk, claim, fact.source, fact.responded_at)
            ]
        case RefundRecorded():
            return _refunded(fact, desk)
        case ChargebackClosed():
            return _after_chargeback(desk)
        case ReturnShipped():
            return list(_sent_too_late_to_help(fact, desk))
        case _:
            return ()


def _untracked(desk: Desk) -> Iterator[Event]:
    """A parcel that nobody can track grants (C6.1); what time makes true waits for its own deadline."""
    for claim in open_claims(desk.state):
        subject, policy = desk.subject(claim.case), desk.policy(claim.case)
        if gather.ground("C6.1", subject, claim.case, policy, desk.now).holds:
            yield from grant_by_rule(desk, claim.case, desk.now)


def _refunded(fact: RefundRecorded, desk: Desk) -> Sequence[Event]:
    """A refund in time of what came back takes the grant back (C8)."""
    return [
        event
        for claim in desk.state.decided.claims
        if claim.case.demand is not None
        for event in hear_answer(desk, claim, fact.source, fact.source.at)
    ]


def _after_chargeback(desk: Desk) -> Sequence[Event]:
    """Close or go on; what was said meanwhile is looked at now."""
    ended = chargebacks.end(desk.state, desk.state.dossier.chargebacks[-1])
    return [*ended, *_untracked(replace(desk, state=apply(desk.state, ended)))]


def _sent_too_late_to_help(fact: ReturnShipped, desk: Desk) -> Iterator[Event]:
    """An item sent back in time, and heard of after the claim closed for want of it: an operator sees it."""
    for claim in desk.state.decided.claims:
        if not isinstance(claim, Closed) or not isinstance(claim.was, AwaitingReturn):
            continue
        due_at = send_by(claim.case)
        if due_at and fact.shipped_at <= due_at and is_sent_in_time(desk.subject(claim.case), claim.case):
            yield LateAnswerSeen(claim.case.claim_id, fact.source, fact.shipped_at, desk.now)
