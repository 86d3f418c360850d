"""A deadline that fires asks, it does not command: it counts only if it still matters (T2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from services.claims.domain.events import ClaimClosed, ClaimResumed, Event, FilingOpened
from services.claims.domain.inputs import DeadlineExpired
from services.claims.domain.judging import Desk, grant_by_rule
from services.claims.domain.state import claim_of
from services.claims.domain.subject import filing_until
from services.claims.domain.timers import Timer, anything, wanted


def expired(fired: DeadlineExpired, desk: Desk) -> Sequence[Event]:
    """Say what comes of a deadline."""
    timer = _still_matters(fired, desk)
    if timer is None:
        return ()
    match timer.kind:
        case "filing_opens":
            return _open_filing(timer, desk)
        case "judge_again" | "answer_due" | "return_refund_due":
            return _judge_again(timer, desk)
        case "information_due":
            return _judge_again(timer, desk) or _go_on(timer)
        case "return_due" | "appeal_end":
            return [ClaimClosed(timer.subject_id, timer.due_at)]
        case _:
            assert_never(timer.kind)


def _still_matters(fired: DeadlineExpired, desk: Desk) -> Timer | None:
    asked = (fired.kind, fired.subject_id, fired.due_at)
    timers = wanted(desk.state, desk.policies)
    return next((timer for timer in timers if (timer.kind, timer.subject_id, timer.due_at) == asked), None)


def _open_filing(timer: Timer, desk: Desk) -> Sequence[Event]:
    contact = next(each for each in desk.state.dossier.contacts if each.contact_id == timer.subject_id)
    policy = desk.policies.of(contact.policy_id)
    until = filing_until(anything(desk.state, desk.order, desk.zone), policy.filing_window_days)
    return [FilingOpened(timer.subject_id, timer.due_at, until)]


def _judge_again(timer: Timer, desk: Desk) -> Sequence[Event]:
    claim = claim_of(desk.state, timer.claim_id or "")
    return grant_by_rule(desk, claim.case, max(desk.now, timer.due_at)) if claim else ()


def _go_on(timer: Timer) -> Sequence[Event]:
    """The investigation goes on without an answer that nobody gave."""
    return [ClaimResumed(timer.claim_id or "", timer.subject_id, timer.due_at)]
