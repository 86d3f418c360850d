"""The three clocks of C6.5, as facts: to answer the claim, to refund what came back, to give information."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.claims.domain.clocks import answer_due, information_due
from services.claims.domain.dossier import Moment
from services.claims.domain.explanation import Fact, Facts, fact
from services.claims.domain.left import asked_minor, refunds_of, rest_minor
from services.claims.domain.policy import Policy
from services.claims.domain.returns import received_back, refund_due
from services.claims.domain.rules import is_not_refunded
from services.claims.domain.state import Case, Request
from services.claims.domain.subject import Subject


def silence_facts(subject: Subject, case: Case, policy: Policy, judged_at: datetime) -> Sequence[Fact]:
    """Write down every clock that the seller had; the facts of each stand together."""
    asked = [request for request in case.requests if request.asked == "seller"]
    return [
        fact("judged_at", judged_at),
        *_claim_facts(case),
        *return_facts(subject, case, policy),
        *(each for request in asked for each in _request_facts(case, request)),
    ]


def _claim_facts(case: Case) -> Sequence[Fact]:
    due_at = answer_due(case)
    if due_at is None:
        return ()
    return [
        fact("claim_answer_due_at", due_at, case.filing.source),
        *answer_facts("claim_answered_at", case.answer),
    ]


def return_facts(subject: Subject, case: Case, policy: Policy) -> Sequence[Fact]:
    """Write down since when the seller has the item back, until when to refund it, and when that was done."""
    received, due_at = received_back(subject), refund_due(subject, case, policy)
    if received is None or due_at is None or case.demand is None:
        return ()
    refunded = _refunded(subject, case)
    return [
        fact("return_received_at", received.at, received.source),
        fact("return_refund_due_at", due_at, case.demand.source),
        *([fact("refunded_at", refunded.at, refunded.source)] if refunded else []),
    ]


def _refunded(subject: Subject, case: Case) -> Moment | None:
    """Say when the seller had refunded all that the claim asks for, or all that there was."""
    since = [each for each in refunds_of(subject) if each.source.at > case.filing.source.at]
    missing = asked_minor(subject, case)
    for refund in sorted(since, key=lambda each: each.source.at):
        missing -= refund.amount_minor
        if missing <= 0 or (refund is since[-1] and not rest_minor(subject, case)):
            return Moment(refund.source.at, refund.source)
    return None


def is_refund_missed(subject: Subject, case: Case, policy: Policy, judged_at: datetime) -> bool:
    """Say whether the seller has the item back, as asked, and did not refund it in time (C8)."""
    return is_not_refunded(Facts(return_facts(subject, case, policy)), judged_at)


def _request_facts(case: Case, request: Request) -> Sequence[Fact]:
    return [
        fact("information_requested_at", request.asked_at, request.source),
        fact("information_due_at", information_due(case, request), request.source),
        fact("on_silence", request.on_silence, request.source),
        *answer_facts("information_provided_at", request.answer),
    ]


def answer_facts(name: str, answer: Moment | None) -> Sequence[Fact]:
    """Write down an answer, and whether it was read long after its date."""
    if answer is None:
        return ()
    said = fact(name, answer.at, answer.source)
    return (said, fact("is_read_late", value=True, source=answer.source)) if answer.is_read_late else (said,)
