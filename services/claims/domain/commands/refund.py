"""The seller refunds in full, at once or when the item is back (C8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.claims.domain.clocks import answer_due
from services.claims.domain.commands import answer
from services.claims.domain.commands.who import chargeback_open, claim_decided, not_permitted, side_of
from services.claims.domain.events import ClaimClosed, ClaimRefundedBySeller, Event, ReturnRequired
from services.claims.domain.inputs import Actor, AnswerClaim, RefundClaim
from services.claims.domain.judging import Desk
from services.claims.domain.left import refundable_minor
from services.claims.domain.refusal import Refusal
from services.claims.domain.returns import received_back
from services.claims.domain.state import OPEN, Claim, Suspended, granted_of


def barred(actor: Actor, claim: Claim, desk: Desk, _at: datetime) -> Refusal | None:
    """Say why this cannot be done; None if it can."""
    if side_of(actor, desk.order) != "seller":
        return not_permitted("C8")
    if isinstance(claim, Suspended) and isinstance(claim.was, OPEN):
        return chargeback_open()
    if not isinstance(claim, OPEN):
        return claim_decided("C8")
    subject = desk.subject(claim.case)
    if not refundable_minor(subject, claim.case):
        return Refusal("C8", "amount_exceeds_left", max_amount=subject.money(0))
    return None


def refund(command: RefundClaim, claim: Claim, desk: Desk) -> Sequence[Event] | Refusal:
    """Refund what is left of the claim, or ask for the item back first."""
    if command.return_first:
        return _require_return(command, claim, desk)
    case = claim.case
    subject = desk.subject(case)
    amount = subject.money(refundable_minor(subject, case))
    refunded = ClaimRefundedBySeller(case.claim_id, case.filing.lines, amount, command.at, command)
    return [refunded, ClaimClosed(case.claim_id, command.at)]


def _require_return(command: RefundClaim, claim: Claim, desk: Desk) -> Sequence[Event] | Refusal:
    case = claim.case
    if case.filing.issue == "not_received":
        return Refusal("C8", "nothing_to_return")
    if case.demand is not None:
        return Refusal("C8", "return_already_required")
    if received_back(desk.subject(case)) is not None:
        return Refusal("C8", "already_received")
    return [ReturnRequired(command, command.at + desk.policy(case).return_send)]


def as_answer(command: RefundClaim, claim: Claim, desk: Desk) -> Sequence[Event]:
    """Hear a demand for the item that is dated before the deadline to answer, and read after what silence granted.

    The buyer is paid, so nothing is to be sent back any more; but the seller was not silent (T5).
    """
    granted, due_at = granted_of(claim), answer_due(claim.case)
    if side_of(command.actor, desk.order) != "seller" or not command.return_first:
        return ()
    if granted is None or due_at is None or due_at > granted.decided_at or command.at >= granted.decided_at:
        return ()
    said = AnswerClaim(command.command_id, command.at, command.actor, command.claim_id, "", ())
    if answer.barred(command.actor, claim, desk, command.at) is not None:
        return answer.seen_too_late(said, claim, desk)
    return answer.hear(said, desk)
