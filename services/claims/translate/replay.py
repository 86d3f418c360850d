"""From our own facts back to the events that they tell of: a stored history replays through `evolve` (R2)."""

from __future__ import annotations

from services.claims.domain import events, inputs
from services.claims.domain.events import Event
from services.claims.domain.state import Decided
from services.claims.translate.explained import explanation_of
from services.claims.translate.inward import actor_of, form_of, money_of, units_of
from shared.contracts import claims
from shared.contracts.data import Data


def event_of(fact: Data, decided: Decided) -> Event | None:
    """Return the event that a fact of ours told of, on what was decided before it; None if it changed nothing."""
    match fact:
        case claims.FilingOpened():
            return events.FilingOpened(fact.contact_id, fact.eligible_from, fact.until)
        case claims.ClaimFiled():
            return events.ClaimFiled(form_of(fact, fact.command_id, fact.at, fact.actor), fact.policy_id)
        case claims.InformationRequested() | claims.InformationProvided() | claims.ClaimResumed():
            return _informed(fact)
        case claims.ClaimGranted() | claims.GrantVoided() | claims.ClaimDenied() | claims.ClaimClosed():
            return _concluded(fact, decided)
        case _:
            return None


def _concluded(
    fact: claims.ClaimGranted | claims.GrantVoided | claims.ClaimDenied | claims.ClaimClosed,
    decided: Decided,
) -> Event | None:
    match fact:
        case claims.ClaimGranted():
            return _granted(fact, _grants(decided, fact.claim_id) + 1)
        case claims.GrantVoided():
            return _voided(fact, _grants(decided, fact.claim_id))
        case claims.ClaimDenied():
            return _denied(fact)
        case claims.ClaimClosed():
            return events.ClaimClosed(fact.claim_id, fact.at)


def _grants(decided: Decided, claim_id: str) -> int:
    return next((claim.case.ledger.grants for claim in decided.claims if claim.case.claim_id == claim_id), 0)


def _informed(
    fact: claims.InformationRequested | claims.InformationProvided | claims.ClaimResumed,
) -> Event:
    match fact:
        case claims.InformationRequested():
            asked = inputs.RequestInformation(
                fact.request_id, fact.at, actor_of(fact.actor), fact.claim_id, fact.from_, fact.questions
            )
            return events.InformationRequested(asked, fact.respond_by, fact.on_silence)
        case claims.InformationProvided():
            answer = inputs.ProvideInformation(
                fact.command_id,
                fact.provided_at,
                actor_of(fact.actor),
                fact.claim_id,
                fact.request_id,
                fact.text,
                fact.evidence,
            )
            return events.InformationProvided(answer, fact.at)
        case claims.ClaimResumed():
            return events.ClaimResumed(fact.claim_id, fact.request_id or "", fact.at)


def _granted(fact: claims.ClaimGranted, ordinal: int) -> Event:
    return events.ClaimGranted(
        claim_id=fact.claim_id,
        ordinal=ordinal,
        lines=units_of(fact.lines),
        amount=money_of(fact.amount),
        compensation=money_of(fact.compensation),
        funding=fact.funding,
        automatic=fact.automatic,
        policy_id=fact.policy_id,
        explanation=explanation_of(fact.explanation),
        at=fact.at,
        closes_at=next(each.due_at for each in fact.deadlines if each.kind == "appeal_end"),
        actor=actor_of(fact.actor) if fact.actor else None,
        reasons=fact.reasons,
    )


def _voided(fact: claims.GrantVoided, ordinal: int) -> Event:
    return events.GrantVoided(
        claim_id=fact.claim_id,
        ordinal=ordinal,
        amount=money_of(fact.amount),
        funding=fact.funding,
        policy_id=fact.policy_id,
        explanation=explanation_of(fact.explanation),
        answered_at=fact.answered_at,
        at=fact.at,
    )


def _denied(fact: claims.ClaimDenied) -> Event | None:
    if fact.actor is None or fact.appeal_until is None:
        return None
    return events.ClaimDenied(
        claim_id=fact.claim_id,
        policy_id=fact.policy_id,
        explanation=explanation_of(fact.explanation),
        at=fact.at,
        closes_at=fact.appeal_until,
        actor=actor_of(fact.actor),
        reasons=fact.reasons,
    )
