"""The facts of a claim that is decided, appealed, or at its end."""

from __future__ import annotations

from typing import Any, TypeAlias, assert_never

from services.claims.domain.events import (
    AppealReversed,
    AppealUpheld,
    ClaimAppealed,
    ClaimClosed,
    ClaimDenied,
    ClaimGranted,
    ClaimRefundedBySeller,
    ClaimWithdrawn,
    GrantVoided,
)
from services.claims.domain.state import Closed, OrderState, claim_of
from services.claims.translate.context import Context, said_actor, said_lines, said_money
from services.claims.translate.explained import said_of
from shared.contracts import claims
from shared.contracts.facts import StateFact
from shared.contracts.lists import ClosedOutcome
from shared.contracts.money import Money

Conclusion: TypeAlias = (
    ClaimGranted
    | GrantVoided
    | ClaimDenied
    | ClaimAppealed
    | AppealReversed
    | AppealUpheld
    | ClaimWithdrawn
    | ClaimRefundedBySeller
    | ClaimClosed
)
_Decision: TypeAlias = ClaimGranted | GrantVoided | ClaimDenied | AppealReversed | AppealUpheld
_Step: TypeAlias = ClaimAppealed | ClaimWithdrawn | ClaimRefundedBySeller | ClaimClosed


def decision_fact(event: Conclusion, state: OrderState, of: Context) -> StateFact:
    """Say what was decided, as things stand after it."""
    match event:
        case ClaimGranted():
            return _granted(event, _decision(event, state, of), of)
        case GrantVoided():
            return _voided(event, _decision(event, state, of), of)
        case ClaimDenied():
            return _denied(event, _decision(event, state, of), of)
        case AppealReversed():
            return _reversed(event, _decision(event, state, of), of)
        case AppealUpheld():
            return _upheld(event, _decision(event, state, of))
        case _:
            return _step(event, state, of)


def _decision(event: _Decision, state: OrderState, of: Context) -> dict[str, Any]:
    return {
        **of.about(state, event.claim_id, event.at),
        "policy_id": event.policy_id,
        "explanation": said_of(event.explanation),
    }


def _granted(event: ClaimGranted, decision: dict[str, Any], of: Context) -> StateFact:
    is_sellers = event.funding == "seller"
    return claims.ClaimGranted(
        **decision,
        amount=said_money(event.amount),
        automatic=event.automatic,
        appeal_until=event.closes_at if is_sellers else None,  # nobody may appeal what the marketplace pays
        actor=said_actor(event.actor) if event.actor else None,
        reasons=event.reasons,
        funding=event.funding,
        lines=said_lines(event.lines),
        compensation=said_money(event.compensation),
        compensation_id=of.id_of("compensation", event) if event.compensation.amount_minor else None,
        debit_id=of.id_of("debit", event) if is_sellers else None,
    )


def _voided(event: GrantVoided, decision: dict[str, Any], of: Context) -> StateFact:
    is_reimbursed = event.amount.amount_minor > 0
    return claims.GrantVoided(
        **decision,
        amount=said_money(event.amount),
        automatic=True,
        funding=event.funding,
        answered_at=event.answered_at,
        debit_id=of.id_of("debit", event) if is_reimbursed else None,
        reimbursement_id=of.id_of("reimbursement", event) if is_reimbursed else None,
    )


def _denied(event: ClaimDenied, decision: dict[str, Any], of: Context) -> StateFact:
    return claims.ClaimDenied(
        **decision,
        amount=Money(amount_minor=0, currency=of.order.currency),
        automatic=False,
        appeal_until=event.closes_at,
        actor=said_actor(event.actor),
        reasons=event.reasons,
    )


def _reversed(event: AppealReversed, decision: dict[str, Any], of: Context) -> StateFact:
    """A grant that falls gives back what was debited; a denial that falls is a grant of its own."""
    is_reimbursed = event.first_outcome == "granted" and event.amount.amount_minor > 0
    is_debited = event.first_outcome != "granted" and event.funding == "seller"
    return claims.AppealReversed(
        **decision,
        amount=said_money(event.amount),
        automatic=False,
        actor=said_actor(event.actor),
        reasons=event.reasons,
        reverse_money=event.reverse_money,
        reverse_defect=event.reverse_defect,
        first_outcome=event.first_outcome,
        funding=event.funding,
        lines=said_lines(event.lines),
        compensation=said_money(event.compensation),
        compensation_id=of.id_of("compensation", event) if event.compensation.amount_minor else None,
        debit_id=of.id_of("debit", event) if is_debited or is_reimbursed else None,
        reimbursement_id=of.id_of("reimbursement", event) if is_reimbursed else None,
    )


def _upheld(event: AppealUpheld, decision: dict[str, Any]) -> StateFact:
    return claims.AppealUpheld(
        **decision,
        amount=said_money(event.amount),
        automatic=False,
        actor=said_actor(event.actor),
        reasons=event.reasons,
        first_outcome=event.first_outcome,
        funding=event.funding,
    )


def _step(event: _Step, state: OrderState, of: Context) -> StateFact:
    match event:
        case ClaimAppealed(appeal=appeal):
            return claims.ClaimAppealed(
                **of.about(state, appeal.claim_id, appeal.at),
                command_id=appeal.command_id,
                actor=said_actor(appeal.actor),
                by=event.by,
                explanation=appeal.explanation,
                evidence=appeal.evidence,
            )
        case ClaimWithdrawn(command=command):
            return claims.ClaimWithdrawn(
                **of.about(state, command.claim_id, command.at),
                command_id=command.command_id,
                actor=said_actor(command.actor),
            )
        case ClaimRefundedBySeller(command=command):
            return claims.ClaimRefundedBySeller(
                **of.about(state, event.claim_id, event.at),
                lines=said_lines(event.lines),
                amount=said_money(event.amount),
                command_id=command.command_id if command else None,
                actor=said_actor(command.actor) if command else None,
            )
        case ClaimClosed():
            about = of.about(state, event.claim_id, event.at)
            return claims.ClaimClosed(**about, outcome=_end(state, event.claim_id))
        case _:
            assert_never(event)


def _end(state: OrderState, claim_id: str) -> ClosedOutcome:
    claim = claim_of(state, claim_id)
    if not isinstance(claim, Closed):
        raise TypeError(f"{claim_id} is not closed")
    return claim.end
