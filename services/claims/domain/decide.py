"""What comes of a fact, a command or a deadline. Pure and total: a "no" is an event.

A fact is noted, and judged by what it makes true itself (C6.1) or takes back (a grant by silence). What time makes
true is judged at a filing and at a deadline: those wait until all facts that were there before them are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from services.claims.domain import gather
from services.claims.domain.commands import file_claim, on_claim
from services.claims.domain.dossier import hear
from services.claims.domain.events import ClaimClosed, ClaimResumed, Event, FilingOpened, Noted
from services.claims.domain.evolve import apply
from services.claims.domain.inputs import (
    ContactOpened,
    ContactResolved,
    ContactResponded,
    DeadlineExpired,
    DecideClaim,
    FileClaim,
    Heard,
    Input,
    LinesCanceled,
    OrderReceived,
    OrderReleased,
    PromiseChanged,
    ProvideInformation,
    RequestInformation,
    ShipmentConfirmed,
    ShipmentDelivered,
)
from services.claims.domain.judging import Desk, grant_by_rule, hear_answer, open_claims
from services.claims.domain.policy import Policies
from services.claims.domain.state import OrderState, claim_of
from services.claims.domain.subject import filing_until
from services.claims.domain.timers import Timer, anything, retimed, wanted


def decide(
    command: Input, state: OrderState | None, /, *, now: datetime, policy: Policies
) -> Sequence[Event]:
    """Decide on whatever came in, and say which deadlines are to be set or canceled for it."""
    before = state or OrderState()
    events = _decide(command, before, now, policy)
    if not events:
        return ()
    after = apply(before, events)
    is_judged = not isinstance(command, Heard)
    return [*events, *retimed(before, after, policy, now=now, is_judged=is_judged)]


def _decide(command: Input, state: OrderState, now: datetime, policies: Policies) -> Sequence[Event]:
    match command:
        case OrderReceived() | OrderReleased() | LinesCanceled():
            return _note(command, state, now, policies)
        case ShipmentConfirmed() | PromiseChanged() | ShipmentDelivered():
            return _note(command, state, now, policies)
        case ContactOpened() | ContactResponded() | ContactResolved():
            return _note(command, state, now, policies)
        case FileClaim():
            desk = _desk(state, now, policies)
            return file_claim(command, desk) if desk else ()
        case RequestInformation() | ProvideInformation() | DecideClaim():
            desk = _desk(state, now, policies)
            return on_claim(command, desk) if desk else ()
        case DeadlineExpired():
            desk = _desk(state, now, policies)
            return _expired(command, desk) if desk else ()
        case _:
            assert_never(command)


def _desk(state: OrderState, now: datetime, policies: Policies) -> Desk | None:
    """Nothing can be asked about an order that was not heard of: the kit lets such a command wait."""
    order = state.dossier.order
    return Desk(state, order, policies, now) if order else None


# -------------------------------------------------------------------------------------------------- facts


def _note(fact: Heard, state: OrderState, now: datetime, policies: Policies) -> Sequence[Event]:
    if hear(state.dossier, fact, now) == state.dossier:
        return ()
    noted = Noted(fact, now)
    desk = _desk(apply(state, [noted]), now, policies)
    return [noted, *(_consequences(fact, desk) if desk else ())]


def _consequences(fact: Heard, desk: Desk) -> Sequence[Event]:
    match fact:
        case ShipmentConfirmed():
            return _judge_confirmation(desk)
        case ContactResponded():
            return [
                event
                for claim in desk.state.decided.claims
                for event in hear_answer(desk, claim, fact.source, fact.responded_at)
            ]
        case _:
            return ()


def _judge_confirmation(desk: Desk) -> Sequence[Event]:
    """A parcel that nobody can track grants (C6.1); what time makes true waits for its own deadline."""
    return [
        event
        for claim in open_claims(desk.state)
        if gather.ground(
            "C6.1", desk.subject(claim.case), claim.case, desk.policy(claim.case), desk.now
        ).holds
        for event in grant_by_rule(desk, claim.case, desk.now)
    ]


# ---------------------------------------------------------------------------------------------- deadlines


def _expired(fired: DeadlineExpired, desk: Desk) -> Sequence[Event]:
    timer = _still_matters(fired, desk)
    if timer is None:
        return ()
    match timer.kind:
        case "filing_opens":
            return _open_filing(timer, desk)
        case "judge_again" | "information_due":
            return _judge_again(timer, desk)
        case "appeal_end":
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
    if claim is None:
        return ()
    granted = grant_by_rule(desk, claim.case, max(desk.now, timer.due_at))
    if granted or timer.kind == "judge_again":
        return granted
    return [ClaimResumed(claim.case.claim_id, timer.subject_id, timer.due_at)]
