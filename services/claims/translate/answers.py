"""How a "no" is said: the rule, the reason in both languages, and what would help."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

from services.claims.domain.events import ClaimRefused, CommandRefused, RefusedByJudgement
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import OrderState, claim_of
from services.claims.templates.refusals import words
from services.claims.translate.context import Context, said_actor, said_money
from services.claims.translate.explained import said_of
from shared.contracts import claims, facts
from shared.contracts.data import OrderCommand
from shared.contracts.topics import CLAIMS_EVENTS
from shared.kit.service import Outgoing

No: TypeAlias = ClaimRefused | CommandRefused | RefusedByJudgement


def answer(event: No, state: OrderState, of: Context) -> Outgoing:
    """Say it, with what may be done now: about the claim, if there is one."""
    is_filed = event.claim_id is not None and claim_of(state, event.claim_id) is not None
    about = {
        "order_id": of.order.order_id,
        "at": event.at,
        "command_id": event.command_id,
        "claim_id": event.claim_id,
        **of.parties,
        **of.open_to(state, event.claim_id if is_filed else None),
    }
    data = _refused(event, about, of.zone)
    return Outgoing(CLAIMS_EVENTS, of.order.order_id, data, at=event.at)


def _refused(event: No, about: dict[str, Any], zone: str) -> facts.Refused:
    match event:
        case ClaimRefused():
            return claims.ClaimRefused(
                **about,
                **_refusal(event.refusal, zone),
                policy_id=event.policy_id,
                explanation=said_of(event.explanation),
            )
        case RefusedByJudgement():
            return claims.ClaimRefused(
                **about,
                **_refusal(Refusal("C4", event.judgement), zone),
                policy_id=event.policy_id,
                explanation=said_of(event.explanation),
                automatic=False,
                actor=said_actor(event.actor),
                reasons=event.reasons,
                appeal_until=event.closes_at,
            )
        case CommandRefused():
            return claims.CommandRefused(
                **about, **_refusal(event.refusal, zone), request_id=event.request_id
            )


def unknown_order(command: OrderCommand, now: datetime) -> Outgoing:
    """Answer a command whose order did not come in time: not among the order's facts, so without a number."""
    about = {
        "order_id": command.order_id,
        "command_id": command.command_id,
        "at": now,
        **_refusal(Refusal("E1", "unknown_order"), "UTC"),
    }
    data: facts.Refused
    if isinstance(command, claims.FileClaim):
        data = claims.ClaimRefused(**about, claim_id=command.claim_id)
    else:
        named = {
            name: getattr(command, name) for name in ("claim_id", "request_id") if hasattr(command, name)
        }
        data = claims.CommandRefused(**about, **named)
    return Outgoing(CLAIMS_EVENTS, command.order_id, data, at=now, sequenced=False)


def _refusal(refusal: Refusal, zone: str) -> dict[str, Any]:
    return {
        "rule": refusal.rule,
        "reason": refusal.reason,
        "message": words(refusal, zone),
        "eligible_from": refusal.eligible_from,
        "until": refusal.until,
        "max_amount": said_money(refusal.max_amount) if refusal.max_amount else None,
        "missing": refusal.missing or None,
    }
