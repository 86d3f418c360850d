"""The clocks of a claim: they stand still while a chargeback runs, and go on with what they had left (C16)."""

from __future__ import annotations

from datetime import datetime

from services.claims.domain.state import Case, Request
from services.claims.domain.windows import LAST, in_time


def due(case: Case, due_at: datetime, runs_from: datetime) -> datetime:
    """Say when a clock that runs from then is really due. While it stands still: at no time."""
    for pause in case.pauses:
        if pause.since >= due_at:
            break
        if pause.until is None:
            return LAST
        if pause.until > runs_from:
            due_at += pause.until - max(pause.since, runs_from)
    return due_at


def information_due(case: Case, request: Request) -> datetime:
    """Until when information is to be given (C9)."""
    return due(case, request.respond_by, request.asked_at)


def answer_due(case: Case) -> datetime | None:
    """Until when the claim is to be answered; None where the policy sets no deadline (C6.5)."""
    respond_by = case.filing.respond_by
    return due(case, respond_by, case.filing.source.at) if respond_by else None


def is_informed_in_time(case: Case, request: Request) -> bool:
    """Say whether an answer stopped the clock of a request; one after its end does not."""
    return in_time(request.answer.at if request.answer else None, information_due(case, request))


def is_answered_in_time(case: Case) -> bool:
    """Say whether the seller answered the claim before its deadline, or there is none."""
    due_at = answer_due(case)
    return due_at is None or in_time(case.answer.at if case.answer else None, due_at)


def send_by(case: Case) -> datetime | None:
    """Until when the buyer is to send the item back; None if nobody asked for it (C8)."""
    demand = case.demand
    return due(case, demand.send_by, demand.source.at) if demand else None
