"""How a claim is decided, appealed and ended (C6–C9, C11–C13)."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from services.claims.domain.changing import inside, opened, with_claim
from services.claims.domain.clocks import information_due, is_informed_in_time
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
    RefusedByJudgement,
)
from services.claims.domain.inputs import Source
from services.claims.domain.money import Money
from services.claims.domain.rules import GROUNDS
from services.claims.domain.state import (
    Appealed,
    Case,
    Claim,
    Closed,
    Debit,
    Decided,
    Denied,
    Funding,
    Granted,
    Ledger,
    RefundedBySeller,
    Refused,
    Reversed,
    Upheld,
    Withdrawn,
)
from shared.values import replace

First: TypeAlias = ClaimGranted | GrantVoided | ClaimDenied | RefusedByJudgement
Second: TypeAlias = ClaimAppealed | AppealReversed | AppealUpheld
Ending: TypeAlias = ClaimWithdrawn | ClaimRefundedBySeller | ClaimClosed


def decided_first(decided: Decided, event: First) -> Decided:
    """It is decided, or the decision is taken back."""
    match event:
        case ClaimGranted():
            return with_claim(decided, event.claim_id, lambda claim: _granted(claim, event))
        case GrantVoided():
            return with_claim(decided, event.claim_id, inside(lambda claim: _voided(claim, event)))
        case ClaimDenied():
            return with_claim(decided, event.claim_id, lambda claim: _denied(claim, event))
        case RefusedByJudgement():
            return with_claim(decided, event.claim_id, lambda claim: _refused(claim, event))
        case _:
            assert_never(event)


def appealed(decided: Decided, event: Second) -> Decided:
    """It is looked at again, by someone else."""
    match event:
        case ClaimAppealed():
            return with_claim(decided, event.appeal.claim_id, lambda claim: _appealed(claim, event))
        case AppealReversed():
            return with_claim(decided, event.claim_id, lambda claim: _reversed(claim, event))
        case AppealUpheld():
            return with_claim(decided, event.claim_id, _upheld)
        case _:
            assert_never(event)


def ended(decided: Decided, event: Ending) -> Decided:
    """It is at its end."""
    match event:
        case ClaimWithdrawn():
            return with_claim(decided, event.command.claim_id, lambda claim: Withdrawn(claim.case))
        case ClaimRefundedBySeller():
            return with_claim(decided, event.claim_id, lambda claim: _refunded(claim, event))
        case ClaimClosed():
            return with_claim(decided, event.claim_id, lambda claim: _closed(claim, event))
        case _:
            assert_never(event)


def _granted(claim: Claim, event: ClaimGranted) -> Claim:
    return Granted(
        case=_paid(claim.case, event.ordinal, event.amount, event.compensation, event.funding),
        amount_minor=event.amount.amount_minor,
        funding=event.funding,
        automatic=event.automatic,
        held=tuple(each.rule for each in event.explanation if each.holds and each.rule in GROUNDS),
        decided_at=event.at,
        decided_by=event.actor.id if event.actor else None,
        closes_at=event.closes_at,
    )


def _paid(case: Case, ordinal: int, amount: Money, compensation: Money, funding: Funding) -> Case:
    ledger = case.ledger
    debit = (Debit(ordinal, amount.amount_minor),) if funding == "seller" else ()
    paid = Ledger(
        grants=ordinal,
        compensated_minor=ledger.compensated_minor + compensation.amount_minor,
        debits=(*ledger.debits, *debit),
        refunded_minor=ledger.refunded_minor,
    )
    return replace(case, ledger=paid)


def _voided(claim: Claim, event: GrantVoided) -> Claim:
    """Go back to the investigation: whoever was asked, and still has time, is still asked."""
    case = _reimbursed(claim.case)
    awaited = tuple(
        request.request_id
        for request in case.requests
        if not is_informed_in_time(case, request) and information_due(case, request) > event.at
    )
    return opened(case, awaited)


def _reimbursed(case: Case) -> Case:
    debits = tuple(replace(debit, is_standing=False) for debit in case.ledger.debits)
    return replace(case, ledger=replace(case.ledger, debits=debits))


def _denied(claim: Claim, event: ClaimDenied) -> Claim:
    return Denied(case=claim.case, decided_at=event.at, decided_by=event.actor.id, closes_at=event.closes_at)


def _refused(claim: Claim, event: RefusedByJudgement) -> Claim:
    return Refused(
        case=claim.case,
        judgement=event.judgement,
        decided_at=event.at,
        decided_by=event.actor.id,
        closes_at=event.closes_at,
    )


def _appealed(claim: Claim, event: ClaimAppealed) -> Claim:
    first = claim.was if isinstance(claim, Closed) else claim
    if not isinstance(first, Granted | Denied | Refused):
        return claim
    return Appealed(first, event.by, Source(event.appeal.command_id, event.appeal.at))


def _reversed(claim: Claim, event: AppealReversed) -> Claim:
    if not isinstance(claim, Appealed):
        return claim
    case = claim.case
    if event.first_outcome != "granted":
        case = _paid(case, event.ordinal, event.amount, event.compensation, event.funding)
    elif event.reverse_money:
        case = _reimbursed(case)
    return Reversed(
        was=claim,
        case=case,
        reverse_money=event.reverse_money,
        reverse_defect=event.reverse_defect,
        amount_minor=event.amount.amount_minor,
        funding=event.funding,
    )


def _upheld(claim: Claim) -> Claim:
    return Upheld(claim) if isinstance(claim, Appealed) else claim


def _refunded(claim: Claim, event: ClaimRefundedBySeller) -> Claim:
    case = claim.case
    ledger = replace(case.ledger, refunded_minor=case.ledger.refunded_minor + event.amount.amount_minor)
    return RefundedBySeller(replace(case, ledger=ledger))


def _closed(claim: Claim, event: ClaimClosed) -> Claim:
    return claim if isinstance(claim, Closed | Appealed) else Closed(claim, event.at)
