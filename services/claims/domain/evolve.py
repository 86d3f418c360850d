"""What an event makes of the state. Facts replay through here to the very same claims."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeAlias, assert_never

from services.claims.domain.dossier import answer_read, hear
from services.claims.domain.events import (
    BuyerCompensated,
    ClaimClosed,
    ClaimDenied,
    ClaimFiled,
    ClaimGranted,
    ClaimRefused,
    ClaimResumed,
    CommandRefused,
    Event,
    FilingOpened,
    GrantVoided,
    InformationProvided,
    InformationRequested,
    LateAnswerSeen,
    Noted,
    SellerDebited,
    SellerReimbursed,
    TimerCanceled,
    TimerSet,
)
from services.claims.domain.filing import documented_minor
from services.claims.domain.inputs import Source
from services.claims.domain.rules import GROUNDS
from services.claims.domain.state import (
    AwaitingInformation,
    Case,
    Claim,
    Closed,
    Debit,
    Decided,
    Denied,
    Filing,
    Granted,
    Ledger,
    OrderState,
    Request,
    UnderInvestigation,
)

_Change: TypeAlias = Callable[[Claim], Claim]


def evolve(state: OrderState | None, event: Event) -> OrderState:
    """Apply one event."""
    known = state or OrderState()
    if isinstance(event, Noted):
        return replace(known, dossier=hear(known.dossier, event.fact, event.read_at))
    return replace(known, decided=decide_on(known.decided, event))


def apply(state: OrderState | None, events: Iterable[Event]) -> OrderState:
    """Apply events, one after the other."""
    known = state or OrderState()
    for event in events:
        known = evolve(known, event)
    return known


def decide_on(decided: Decided, event: Event) -> Decided:
    """Apply one event to what was decided: the part that the facts on `claims.events` replay to."""
    match event:
        case FilingOpened():
            return replace(decided, announced=(*decided.announced, event.contact_id))
        case ClaimFiled():
            return replace(decided, claims=(*decided.claims, _filed(event)))
        case InformationRequested() | InformationProvided() | ClaimResumed():
            return _informed(decided, event)
        case ClaimGranted() | GrantVoided() | ClaimDenied() | ClaimClosed():
            return _concluded(decided, event)
        case Noted() | ClaimRefused() | CommandRefused() | LateAnswerSeen():
            return decided
        case SellerDebited() | BuyerCompensated() | SellerReimbursed() | TimerSet() | TimerCanceled():
            return decided
        case _:
            assert_never(event)


def _informed(decided: Decided, event: InformationRequested | InformationProvided | ClaimResumed) -> Decided:
    match event:
        case InformationRequested():
            return _with(decided, event.request.claim_id, lambda claim: _requested(claim, event))
        case InformationProvided():
            return _with(decided, event.answer.claim_id, lambda claim: _provided(claim, event))
        case ClaimResumed():
            return _with(decided, event.claim_id, lambda claim: _resumed(claim, event))
        case _:
            assert_never(event)


def _concluded(decided: Decided, event: ClaimGranted | GrantVoided | ClaimDenied | ClaimClosed) -> Decided:
    match event:
        case ClaimGranted():
            return _with(decided, event.claim_id, lambda claim: _granted(claim, event))
        case GrantVoided():
            return _with(decided, event.claim_id, lambda claim: _voided(claim, event))
        case ClaimDenied():
            return _with(decided, event.claim_id, lambda claim: _denied(claim, event))
        case ClaimClosed():
            return _with(decided, event.claim_id, lambda claim: _closed(claim, event))
        case _:
            assert_never(event)


def _with(decided: Decided, claim_id: str, change: _Change) -> Decided:
    claims = tuple(change(claim) if claim.case.claim_id == claim_id else claim for claim in decided.claims)
    return replace(decided, claims=claims)


def _filed(event: ClaimFiled) -> Claim:
    form = event.form
    filing = Filing(
        claim_id=form.claim_id,
        source=Source(form.command_id, form.at),
        lines=form.lines,
        issue=form.issue,
        reason=form.reason,
        wanted=form.wanted,
        amount_minor=form.amount.amount_minor,
        extra_minor=documented_minor(form),
        policy_id=event.policy_id,
    )
    return UnderInvestigation(Case(filing))


def _requested(claim: Claim, event: InformationRequested) -> Claim:
    request = Request(
        request_id=event.request.command_id,
        asked=event.request.asked,
        asked_at=event.request.at,
        respond_by=event.respond_by,
        on_silence=event.on_silence,
    )
    case = replace(claim.case, requests=(*claim.case.requests, request))
    return _open(case, (*_awaited(claim), request.request_id))


def _provided(claim: Claim, event: InformationProvided) -> Claim:
    answer = event.answer
    moment = answer_read(answer.at, Source(answer.command_id, answer.at), event.at)
    requests = tuple(
        replace(request, answer=moment) if request.request_id == answer.request_id else request
        for request in claim.case.requests
    )
    case = replace(claim.case, requests=requests)
    if not isinstance(claim, UnderInvestigation | AwaitingInformation):
        return _with_case(claim, case)
    stopped = {request.request_id for request in requests if request.is_answered_in_time}
    return _open(case, tuple(request_id for request_id in _awaited(claim) if request_id not in stopped))


def _with_case(claim: Claim, case: Case) -> Claim:
    match claim:
        case Closed():
            return replace(claim, was=replace(claim.was, case=case))
        case _:
            return replace(claim, case=case)


def _resumed(claim: Claim, event: ClaimResumed) -> Claim:
    return _open(claim.case, _awaited(claim, event.request_id))


def _awaited(claim: Claim, without: str | None = None) -> tuple[str, ...]:
    if not isinstance(claim, AwaitingInformation):
        return ()
    return tuple(request_id for request_id in claim.awaited if request_id != without)


def _open(case: Case, awaited: tuple[str, ...]) -> Claim:
    return AwaitingInformation(case, awaited) if awaited else UnderInvestigation(case)


def _granted(claim: Claim, event: ClaimGranted) -> Claim:
    ledger = claim.case.ledger
    debit = (Debit(event.ordinal, event.amount.amount_minor),) if event.funding == "seller" else ()
    paid = Ledger(
        grants=event.ordinal,
        compensated_minor=ledger.compensated_minor + event.compensation.amount_minor,
        debits=(*ledger.debits, *debit),
    )
    return Granted(
        case=replace(claim.case, ledger=paid),
        amount_minor=event.amount.amount_minor,
        funding=event.funding,
        automatic=event.automatic,
        held=tuple(each.rule for each in event.explanation if each.holds and each.rule in GROUNDS),
        decided_at=event.at,
        decided_by=event.actor.id if event.actor else None,
        closes_at=event.closes_at,
    )


def _voided(claim: Claim, event: GrantVoided) -> Claim:
    """Go back to the investigation: whoever was asked, and still has time, is still asked."""
    ledger = claim.case.ledger
    debits = tuple(replace(debit, is_standing=False) for debit in ledger.debits)
    case = replace(claim.case, ledger=replace(ledger, debits=debits))
    awaited = tuple(
        request.request_id
        for request in case.requests
        if not request.is_answered_in_time and request.respond_by > event.at
    )
    return _open(case, awaited)


def _denied(claim: Claim, event: ClaimDenied) -> Claim:
    return Denied(case=claim.case, decided_at=event.at, decided_by=event.actor.id, closes_at=event.closes_at)


def _closed(claim: Claim, event: ClaimClosed) -> Claim:
    return Closed(claim, event.at) if isinstance(claim, Granted | Denied) else claim
