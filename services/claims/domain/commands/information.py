"""An investigator asks one side, and that side answers (C9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.claims.domain.clocks import information_due, is_informed_in_time
from services.claims.domain.commands.who import chargeback_open, claim_decided, not_permitted, side_of
from services.claims.domain.events import Event, InformationProvided, InformationRequested, LateAnswerSeen
from services.claims.domain.evolve import apply
from services.claims.domain.inputs import Actor, ProvideInformation, RequestInformation, Source
from services.claims.domain.judging import Desk, hear_answer
from services.claims.domain.policy import OnSilence
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import OPEN, Claim, Closed, Request, Suspended, claim_of, granted_of
from services.claims.domain.windows import in_time
from shared.values import replace

REQUESTS_MAX = 100
"""Requests for information of one claim; its state must stay small."""


def asking_barred(actor: Actor, claim: Claim, _desk: Desk, _at: datetime) -> Refusal | None:
    """Say why nobody can be asked now; None if somebody can."""
    if actor.kind != "investigator":
        return not_permitted("C9")
    if isinstance(claim, Suspended) and isinstance(claim.was, OPEN):
        return chargeback_open()
    if not isinstance(claim, OPEN):
        return claim_decided("C9")
    return Refusal("E1", "too_large") if len(claim.case.requests) >= REQUESTS_MAX else None


def ask(command: RequestInformation, claim: Claim, desk: Desk) -> Sequence[Event] | Refusal:
    """Ask a side, and start its clock."""
    if not any(question.strip() for question in command.questions):
        return Refusal("C9", "incomplete_form", missing=("questions",))
    policy = desk.policy(claim.case)
    on_silence: OnSilence = policy.on_silence if command.asked == "seller" else "investigate"
    return [InformationRequested(command, command.at + policy.information_window, on_silence)]


def is_asked_already(command: RequestInformation, claim: Claim) -> bool:
    """Say whether this is a request that is known: it is not asked twice."""
    return any(request.request_id == command.command_id for request in claim.case.requests)


# ------------------------------------------------------------------------------------------------- who was asked


def providing_barred(actor: Actor, claim: Claim, desk: Desk, at: datetime) -> Refusal | None:
    """Say why there is nothing to be answered now; None if there is."""
    side = side_of(actor, desk.order)
    asked = [request for request in claim.case.requests if request.asked == side]
    if not asked:
        return Refusal("C9", "unknown_request")
    found = [_barred(request, actor, claim, desk, at) for request in asked]
    return None if None in found else found[0]


def _barred(request: Request, actor: Actor, claim: Claim, desk: Desk, at: datetime) -> Refusal | None:
    case = claim.case
    if side_of(actor, desk.order) != request.asked:
        return not_permitted("C9")
    is_late = not in_time(at, information_due(case, request))
    if is_informed_in_time(case, request) or (request.answer and is_late):
        return Refusal("C9", "already_answered")
    now_it_is = claim.was if isinstance(claim, Suspended) else claim
    if isinstance(now_it_is, OPEN) or (not isinstance(claim, Closed) and _may_void(claim) and not is_late):
        return None
    return claim_decided("C9")


def _may_void(claim: Claim) -> bool:
    """Say whether it was granted by rule: what was asked before that may still be answered, in time (C6)."""
    granted = granted_of(claim)
    return granted is not None and granted.automatic


def provide(command: ProvideInformation, claim: Claim, desk: Desk) -> Sequence[Event] | Refusal:
    """Take the answer down; one dated in time that is read after the grant may void it."""
    request = next((each for each in claim.case.requests if each.request_id == command.request_id), None)
    if request is None:
        return Refusal("C9", "unknown_request")
    if request.answer is not None and request.answer.source.id == command.command_id:
        return ()
    refusal = _barred(request, command.actor, claim, desk, command.at)
    if refusal is not None:
        return refusal
    provided = InformationProvided(command, desk.now)
    return [provided, *_consequences(command, desk)] if granted_of(claim) else [provided]


def _consequences(command: ProvideInformation, desk: Desk) -> Sequence[Event]:
    after = replace(desk, state=apply(desk.state, [InformationProvided(command, desk.now)]))
    claim = claim_of(after.state, command.claim_id)
    return hear_answer(after, claim, Source(command.command_id, command.at), command.at) if claim else ()


def seen_too_late(command: ProvideInformation, claim: Claim, desk: Desk) -> Sequence[Event]:
    """Let an operator see an answer that would have voided a grant, had the claim not closed (C6)."""
    request = next((each for each in claim.case.requests if each.request_id == command.request_id), None)
    if request is None or side_of(command.actor, desk.order) != request.asked:
        return ()
    if is_informed_in_time(claim.case, request):
        return ()
    return [each for each in _consequences(command, desk) if isinstance(each, LateAnswerSeen)]
