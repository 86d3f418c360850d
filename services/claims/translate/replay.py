"""From our own facts back to the events that they tell of: a stored history replays through `evolve` (R2)."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

from services.claims.domain import events, inputs
from services.claims.domain.events import Event
from services.claims.domain.state import Decided, Judgement
from services.claims.translate.commands import actor_of, form_of, money_of, units_of
from services.claims.translate.explained import explanation_of
from shared.contracts import claims
from shared.contracts.data import Data

_Said: TypeAlias = (
    claims.InformationRequested | claims.InformationProvided | claims.ClaimAnswered | claims.EvidenceAdded
)
_Moved: TypeAlias = claims.ReturnRequired | claims.ClaimSuspended | claims.ClaimResumed
_First: TypeAlias = claims.ClaimGranted | claims.GrantVoided | claims.ClaimDenied | claims.ClaimRefused
_Second: TypeAlias = claims.ClaimAppealed | claims.AppealReversed | claims.AppealUpheld
_Ended: TypeAlias = claims.ClaimWithdrawn | claims.ClaimRefundedBySeller | claims.ClaimClosed


def event_of(fact: Data, decided: Decided) -> Event | None:
    """Return the event that a fact of ours told of, on what was decided before it; None if it changed nothing."""
    match fact:
        case claims.FilingOpened():
            return events.FilingOpened(fact.contact_id, fact.eligible_from, fact.until)
        case claims.ClaimFiled():
            form = form_of(fact, fact.command_id, fact.at, fact.actor)
            return events.ClaimFiled(form, fact.policy_id, fact.respond_by)
        case _ if isinstance(fact, _Said):
            return _said(fact)
        case _ if isinstance(fact, _Moved):
            return _moved(fact)
        case _:
            return _concluded(fact, decided)


def _concluded(fact: Data, decided: Decided) -> Event | None:
    if isinstance(fact, _First):
        return _first(fact, decided)
    if isinstance(fact, _Second):
        return _second(fact, decided)
    return _ended(fact) if isinstance(fact, _Ended) else None


def _grants(decided: Decided, claim_id: str) -> int:
    return next((claim.case.ledger.grants for claim in decided.claims if claim.case.claim_id == claim_id), 0)


def _given(fact: Any) -> dict[str, Any]:
    return {"command_id": fact.command_id, "actor": actor_of(fact.actor), "claim_id": fact.claim_id}


def _said(fact: _Said) -> Event:
    match fact:
        case claims.InformationRequested():
            asked = inputs.RequestInformation(
                fact.request_id, fact.at, actor_of(fact.actor), fact.claim_id, fact.from_, fact.questions
            )
            return events.InformationRequested(asked, fact.respond_by, fact.on_silence)
        case claims.InformationProvided():
            provided = inputs.ProvideInformation(
                **_given(fact),
                at=fact.provided_at,
                request_id=fact.request_id,
                text=fact.text,
                evidence=fact.evidence,
            )
            return events.InformationProvided(provided, fact.at)
        case claims.ClaimAnswered():
            answer = inputs.AnswerClaim(
                **_given(fact), at=fact.answered_at, text=fact.text, evidence=fact.evidence
            )
            return events.ClaimAnswered(answer, fact.at)
        case claims.EvidenceAdded():
            added = inputs.AddEvidence(**_given(fact), at=fact.at, text=fact.text, evidence=fact.evidence)
            return events.EvidenceAdded(added)


def _moved(fact: _Moved) -> Event:
    match fact:
        case claims.ReturnRequired():
            demand = inputs.RefundClaim(**_given(fact), at=fact.at, return_first=True)
            return events.ReturnRequired(demand, fact.send_by)
        case claims.ClaimSuspended():
            return events.ClaimSuspended(fact.claim_id, fact.at)
        case claims.ClaimResumed():
            return events.ClaimResumed(fact.claim_id, fact.request_id, fact.at)


def _first(fact: _First, decided: Decided) -> Event | None:
    match fact:
        case claims.ClaimGranted():
            return _granted(fact, _grants(decided, fact.claim_id) + 1)
        case claims.GrantVoided():
            return _voided(fact, _grants(decided, fact.claim_id))
        case claims.ClaimDenied():
            return _denied(fact)
        case claims.ClaimRefused():
            return _judged(fact)


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


def _judged(fact: claims.ClaimRefused) -> Event | None:
    """A filing that was not accepted has left no claim; one that was judged has somebody who judged it."""
    if fact.actor is None or fact.appeal_until is None or fact.policy_id is None:
        return None
    return events.RefusedByJudgement(
        command_id=fact.command_id,
        claim_id=fact.claim_id,
        judgement=cast("Judgement", fact.reason),
        policy_id=fact.policy_id,
        explanation=explanation_of(fact.explanation),
        at=fact.at,
        closes_at=fact.appeal_until,
        actor=actor_of(fact.actor),
        reasons=fact.reasons or (),
    )


def _second(fact: _Second, decided: Decided) -> Event | None:
    match fact:
        case claims.ClaimAppealed():
            appeal = inputs.AppealClaim(
                **_given(fact), at=fact.at, explanation=fact.explanation, evidence=fact.evidence
            )
            return events.ClaimAppealed(appeal, fact.by)
        case claims.AppealReversed():
            return _reversed(fact, _grants(decided, fact.claim_id) + (fact.first_outcome != "granted"))
        case claims.AppealUpheld():
            return _upheld(fact)


def _reversed(fact: claims.AppealReversed, ordinal: int) -> Event | None:
    if fact.actor is None:
        return None
    return events.AppealReversed(
        claim_id=fact.claim_id,
        first_outcome=fact.first_outcome,
        reverse_money=fact.reverse_money,
        reverse_defect=fact.reverse_defect,
        ordinal=ordinal,
        lines=units_of(fact.lines),
        amount=money_of(fact.amount),
        compensation=money_of(fact.compensation),
        funding=fact.funding,
        policy_id=fact.policy_id,
        explanation=explanation_of(fact.explanation),
        at=fact.at,
        actor=actor_of(fact.actor),
        reasons=fact.reasons,
    )


def _upheld(fact: claims.AppealUpheld) -> Event | None:
    if fact.actor is None:
        return None
    return events.AppealUpheld(
        claim_id=fact.claim_id,
        first_outcome=fact.first_outcome,
        amount=money_of(fact.amount),
        funding=fact.funding,
        policy_id=fact.policy_id,
        explanation=explanation_of(fact.explanation),
        at=fact.at,
        actor=actor_of(fact.actor),
        reasons=fact.reasons,
    )


def _ended(fact: _Ended) -> Event:
    match fact:
        case claims.ClaimWithdrawn():
            return events.ClaimWithdrawn(inputs.WithdrawClaim(**_given(fact), at=fact.at))
        case claims.ClaimRefundedBySeller():
            command = None
            if fact.command_id and fact.actor:
                command = inputs.RefundClaim(**_given(fact), at=fact.at, return_first=False)
            lines, amount = units_of(fact.lines), money_of(fact.amount)
            return events.ClaimRefundedBySeller(fact.claim_id, lines, amount, fact.at, command)
        case claims.ClaimClosed():
            return events.ClaimClosed(fact.claim_id, fact.at)
