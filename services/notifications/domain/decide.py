"""Which mails follow from what is heard: total and pure (N1, O5, O7, O12, M4, C5, C6, C8, C9, C12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from services.notifications.domain import claims, contacts, mails, orders
from services.notifications.domain.case import Case, reminder_due, stop, stop_claim
from services.notifications.domain.evolve import evolve
from services.notifications.domain.facts import (
    AppealDecided,
    ClaimAccepted,
    ClaimAnswered,
    ClaimClosed,
    ClaimDenied,
    ClaimGoesOn,
    ClaimGranted,
    ClaimNotAccepted,
    ClaimRefunded,
    ClaimSuspended,
    ClaimWithdrawn,
    ContactOpened,
    ContactSettled,
    FilingAllowed,
    GrantVoided,
    InformationProvided,
    InformationRequested,
    LinesCanceled,
    MessageSent,
    OrderReceived,
    OrderReleased,
    ReminderDue,
    ReturnAnswered,
    ReturnAsked,
    ReturnReceived,
    ReturnRequired,
    ShipByWarned,
)
from services.notifications.domain.model import (
    Dossier,
    Event,
    FactKept,
    Heard,
    OrderNoted,
    OrderState,
    Policy,
    Unheard,
)


def decide(heard: Heard, state: OrderState, *, now: datetime, policy: Policy) -> Sequence[Event]:
    """Say what follows. What comes before its order waits for it; the order brings it all."""
    if isinstance(heard.what, OrderReceived):
        return _order_received(heard.what, state, now, policy)
    match state:
        case Unheard(waiting=waiting):
            return () if heard in waiting else [FactKept(heard)]
        case Dossier():
            return _follow(Case(heard, state, now, policy))
        case _:
            assert_never(state)


def _order_received(fact: OrderReceived, state: OrderState, now: datetime, policy: Policy) -> Sequence[Event]:
    if isinstance(state, Dossier):
        return ()
    events: list[Event] = [OrderNoted(fact.order)]
    after = evolve(state, events[0])
    for heard in state.waiting:
        new = decide(heard, after, now=now, policy=policy)
        for event in new:
            after = evolve(after, event)
        events.extend(new)
    return events


def _follow(case: Case) -> Sequence[Event]:  # noqa: C901, PLR0911, PLR0912
    what = case.heard.what
    match what:
        case OrderReceived():
            return ()
        case OrderReleased():
            return orders.order_released(case, what)
        case LinesCanceled():
            return orders.lines_canceled(case, what)
        case ShipByWarned():
            return [case.to_seller(mails.ShipByWarning(what.confirm_by))]
        case ContactOpened():
            return contacts.contact_opened(case, what)
        case MessageSent():
            return [contacts.message_sent(case, what)]
        case ReturnAsked():
            return [contacts.return_asked(case, what)]
        case ReturnAnswered():
            return [contacts.return_answered(case, what)]
        case ReturnReceived():
            return contacts.return_received(case, what)
        case ContactSettled():
            return stop(case, "response", what.contact_id)
        case FilingAllowed():
            return [claims.filing_allowed(case, what)]
        case ClaimAccepted():
            return claims.claim_accepted(case, what)
        case ClaimNotAccepted():
            return claims.claim_not_accepted(case, what)
        case ClaimAnswered():
            return stop(case, "answer", what.claim_id)
        case InformationRequested():
            return claims.information_requested(case, what)
        case InformationProvided():
            return stop(case, "information", what.request_id)
        case ReturnRequired():
            return claims.return_required(case, what)
        case ClaimSuspended():
            return claims.claim_suspended(case, what)
        case ClaimGoesOn():
            return claims.claim_goes_on(case, what)
        case ClaimGranted():
            return claims.claim_granted(case, what)
        case ClaimDenied():
            return claims.claim_denied(case, what)
        case ClaimRefunded():
            return claims.claim_refunded(case, what)
        case GrantVoided():
            return claims.grant_voided(case, what)
        case AppealDecided():
            return claims.appeal_decided(case, what)
        case ClaimWithdrawn():
            return stop_claim(case, what.claim_id)
        case ClaimClosed():
            return claims.claim_closed(case, what)
        case ReminderDue():
            return reminder_due(case, what)
        case _:
            assert_never(what)
