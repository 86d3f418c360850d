"""What comes of a fact, a command or a deadline. Pure and total: a "no" is an event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from services.claims.domain.chargebacks import suspend
from services.claims.domain.commands.follow import on_claim
from services.claims.domain.consequences import consequences
from services.claims.domain.deadlines import expired
from services.claims.domain.eligibility import check_eligibility
from services.claims.domain.events import Event, Noted
from services.claims.domain.evolve import following
from services.claims.domain.filing import file_claim
from services.claims.domain.hearing import hear
from services.claims.domain.inputs import (
    AddEvidence,
    AnswerClaim,
    AppealClaim,
    ChargebackClosed,
    ChargebackOpened,
    CheckEligibility,
    Command,
    ContactOpened,
    ContactResolved,
    ContactResponded,
    DeadlineExpired,
    DecideAppeal,
    DecideClaim,
    FileClaim,
    Heard,
    Input,
    LinesCanceled,
    OrderReceived,
    OrderReleased,
    PromiseChanged,
    ProvideInformation,
    RefundClaim,
    RefundRecorded,
    RequestInformation,
    ReturnAnswered,
    ReturnReceived,
    ReturnShipped,
    ShipmentConfirmed,
    ShipmentDelivered,
    WithdrawClaim,
)
from services.claims.domain.judging import Desk
from services.claims.domain.policy import Policies
from services.claims.domain.settling import settled
from services.claims.domain.state import OrderState
from services.claims.domain.timers import retimed
from shared.values import replace


def decide(
    command: Input, state: OrderState | None, /, *, now: datetime, policy: Policies
) -> Sequence[Event]:
    """Decide on whatever came in, and say which deadlines are to be set or canceled for it."""
    return [event for event, _ in told(command, state, now=now, policy=policy)]


def told(
    command: Input, state: OrderState | None, /, *, now: datetime, policy: Policies
) -> Sequence[tuple[Event, OrderState]]:
    """Decide, and return each event with the order as it stands after it."""
    before = state or OrderState()
    events = _decide(command, before, now, policy)
    if not events:
        return ()
    steps = list(following(before, events))
    steps += following(steps[-1][1], _at_once(command, steps[-1][1], now, policy))
    after = steps[-1][1]
    is_judged = not isinstance(command, Heard)
    steps += [(event, after) for event in retimed(before, after, policy, now=now, is_judged=is_judged)]
    return steps


def _at_once(command: Input, state: OrderState, now: datetime, policies: Policies) -> Sequence[Event]:
    """Whatever is open now stands still while a chargeback runs; else it ends if refunds have left nothing."""
    if state.dossier.chargeback is not None:
        return suspend(state, _since(command, state, now))
    desk = _desk(state, now, policies) if state.dossier.refunds else None
    return list(settled(desk)) if desk else ()


def _since(command: Input, state: OrderState, now: datetime) -> datetime:
    """Say from when a claim stands still: since the chargeback, or since it came to be open again."""
    chargeback = state.dossier.chargeback
    was_open = isinstance(command, ChargebackOpened | FileClaim)
    return chargeback.opened.at if chargeback and was_open else now


def _decide(command: Input, state: OrderState, now: datetime, policies: Policies) -> Sequence[Event]:
    match command:
        case OrderReceived() | OrderReleased() | LinesCanceled():
            return _note(command, state, now, policies)
        case ShipmentConfirmed() | PromiseChanged() | ShipmentDelivered():
            return _note(command, state, now, policies)
        case RefundRecorded() | ChargebackOpened() | ChargebackClosed():
            return _note(command, state, now, policies)
        case ContactOpened() | ContactResponded() | ContactResolved():
            return _note(command, state, now, policies)
        case ReturnAnswered() | ReturnShipped() | ReturnReceived():
            return _note(command, state, now, policies)
        case _:
            desk = _desk(state, now, policies)
            return _asked(command, desk) if desk else ()


def _asked(command: Command | DeadlineExpired, desk: Desk) -> Sequence[Event]:
    match command:
        case FileClaim():
            return file_claim(command, desk)
        case CheckEligibility():
            return check_eligibility(command, desk)
        case WithdrawClaim() | AnswerClaim() | RefundClaim() | AddEvidence() | AppealClaim():
            return on_claim(command, desk)
        case RequestInformation() | ProvideInformation() | DecideClaim() | DecideAppeal():
            return on_claim(command, desk)
        case DeadlineExpired():
            return expired(command, desk)
        case _:
            assert_never(command)


def _desk(state: OrderState, now: datetime, policies: Policies) -> Desk | None:
    """Nothing can be asked about an order that was not heard of: the kit lets such a command wait."""
    order = state.dossier.order
    return Desk(state, order, policies, now) if order else None


def _note(fact: Heard, state: OrderState, now: datetime, policies: Policies) -> Sequence[Event]:
    heard = hear(state.dossier, fact, now)
    if heard == state.dossier:
        return ()
    desk = _desk(replace(state, dossier=heard), now, policies)
    return [Noted(fact, now), *(consequences(fact, desk) if desk else ())]
