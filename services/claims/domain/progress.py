"""How a claim goes on until it is decided: filed, asked about, answered, waiting, suspended (C8, C9, C16)."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias, assert_never

from services.claims.domain.changing import awaited_by, inside, opened, with_case, with_claim
from services.claims.domain.clocks import is_informed_in_time
from services.claims.domain.dossier import Moment
from services.claims.domain.events import (
    ClaimAnswered,
    ClaimFiled,
    ClaimResumed,
    ClaimSuspended,
    EvidenceAdded,
    InformationProvided,
    InformationRequested,
    ReturnRequired,
)
from services.claims.domain.filing_facts import documented_minor
from services.claims.domain.hearing import answer_read
from services.claims.domain.inputs import Source
from services.claims.domain.state import (
    OPEN,
    Appealed,
    Case,
    Claim,
    Decided,
    Demand,
    Filing,
    Pause,
    Request,
    Suspended,
    UnderInvestigation,
)
from shared.values import replace

Statement: TypeAlias = InformationRequested | InformationProvided | ClaimAnswered | EvidenceAdded
Movement: TypeAlias = ReturnRequired | ClaimSuspended | ClaimResumed


def filed(event: ClaimFiled) -> Claim:
    """Open a claim."""
    form = event.form
    documented = documented_minor(form)
    filing = Filing(
        claim_id=form.claim_id,
        source=Source(form.command_id, form.at),
        lines=form.lines,
        issue=form.issue,
        reason=form.reason,
        wanted=form.wanted,
        amount_minor=form.amount.amount_minor,
        extra_minor=documented,
        policy_id=event.policy_id,
        undocumented_minor=form.extra_charges.amount_minor - documented if form.extra_charges else 0,
        respond_by=event.respond_by,
    )
    return UnderInvestigation(Case(filing))


def heard(decided: Decided, event: Statement) -> Decided:
    """Somebody was asked, or said something."""
    match event:
        case InformationRequested():
            return with_claim(decided, event.request.claim_id, lambda claim: _requested(claim, event))
        case InformationProvided():
            change = inside(lambda claim: _provided(claim, event))
            return with_claim(decided, event.answer.claim_id, change)
        case ClaimAnswered():
            return with_claim(decided, event.answer.claim_id, lambda claim: _answered(claim, event))
        case EvidenceAdded():
            return with_claim(decided, event.evidence.claim_id, lambda claim: _documented(claim, event))
        case _:
            assert_never(event)


def moved(decided: Decided, event: Movement) -> Decided:
    """The claim waits for the item, stands still, or goes on."""
    match event:
        case ReturnRequired():
            return with_claim(decided, event.demand.claim_id, lambda claim: _demanded(claim, event))
        case ClaimSuspended():
            return with_claim(decided, event.claim_id, lambda claim: _suspended(claim, event))
        case ClaimResumed():
            return with_claim(decided, event.claim_id, lambda claim: _resumed(claim, event))
        case _:
            assert_never(event)


def _requested(claim: Claim, event: InformationRequested) -> Claim:
    request = Request(
        request_id=event.request.command_id,
        asked=event.request.asked,
        asked_at=event.request.at,
        respond_by=event.respond_by,
        on_silence=event.on_silence,
    )
    case = replace(claim.case, requests=(*claim.case.requests, request))
    return opened(case, (*awaited_by(claim), request.request_id))


def _provided(claim: Claim, event: InformationProvided) -> Claim:
    answer = event.answer
    moment = answer_read(answer.at, Source(answer.command_id, answer.at), event.at)
    requests = tuple(
        replace(request, answer=moment) if request.request_id == answer.request_id else request
        for request in claim.case.requests
    )
    case = replace(claim.case, requests=requests)
    if not isinstance(claim, OPEN):
        return with_case(claim, case)
    return opened(case, _still_awaited(case, awaited_by(claim)))


def _still_awaited(case: Case, awaited: tuple[str, ...]) -> tuple[str, ...]:
    stopped = {each.request_id for each in case.requests if is_informed_in_time(case, each)}
    return tuple(request_id for request_id in awaited if request_id not in stopped)


def _answered(claim: Claim, event: ClaimAnswered) -> Claim:
    answer = event.answer
    moment = answer_read(answer.at, Source(answer.command_id, answer.at), event.at)
    return with_case(claim, _with_answer(claim.case, moment))


def _with_answer(case: Case, moment: Moment) -> Case:
    """Keep the first answer by its date."""
    if case.answer is not None and case.answer.at <= moment.at:
        return case
    return replace(case, answer=moment)


def _documented(claim: Claim, event: EvidenceAdded) -> Claim:
    """Evidence that the buyer adds documents extra charges that were claimed without any (C1)."""
    evidence = event.evidence
    if not evidence.evidence or evidence.actor.kind == "seller":
        return claim
    return with_case(claim, replace(claim.case, is_documented=True))


def _demanded(claim: Claim, event: ReturnRequired) -> Claim:
    """Wait for the item. That the seller asks for it is an answer to the claim."""
    demand = event.demand
    source = Source(demand.command_id, demand.at)
    case = _with_answer(claim.case, Moment(demand.at, source))
    return opened(replace(case, demand=Demand(source, event.send_by)), awaited_by(claim))


def _suspended(claim: Claim, event: ClaimSuspended) -> Claim:
    if not isinstance(claim, (*OPEN, Appealed)):
        return claim
    paused = with_case(claim, replace(claim.case, pauses=(*claim.case.pauses, Pause(event.at))))
    return Suspended(paused)  # type: ignore[arg-type]


def _resumed(claim: Claim, event: ClaimResumed) -> Claim:
    if isinstance(claim, Suspended):
        return _after_chargeback(claim, event.at)
    return opened(claim.case, awaited_by(claim, event.request_id))


def _after_chargeback(claim: Suspended, at: datetime) -> Claim:
    *before, last = claim.case.pauses
    case = replace(claim.case, pauses=(*before, Pause(last.since, max(last.since, at))))
    if isinstance(claim.was, Appealed):
        return with_case(claim.was, case)
    return opened(case, _still_awaited(case, awaited_by(claim.was)))
