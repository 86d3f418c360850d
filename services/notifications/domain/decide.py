"""Which mails follow from what is heard: total and pure (N1, O5, O7, O12, C5, C6, C9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from services.notifications.domain import mails
from services.notifications.domain.evolve import evolve
from services.notifications.domain.mails import Item, Mail, Quoted
from services.notifications.domain.model import (
    ClaimAccepted,
    ClaimClosed,
    ClaimDenied,
    ClaimGranted,
    ClaimNotAccepted,
    Clock,
    ClockStarted,
    ClockStopped,
    ContactOpened,
    ContactSettled,
    Dossier,
    Event,
    FactKept,
    FilingAllowed,
    GrantVoided,
    Heard,
    InformationProvided,
    InformationRequested,
    Line,
    LinesCanceled,
    MailWanted,
    MessageSent,
    OrderNoted,
    OrderReceived,
    OrderReleased,
    OrderState,
    Policy,
    ReminderDue,
    ShipByWarned,
    TimerCanceled,
    TimerSet,
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
            return _follow(_Case(heard, state, now, policy))
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


@dataclass(frozen=True, slots=True)
class _Case:
    """One thing that was heard of a known order."""

    heard: Heard
    dossier: Dossier
    now: datetime
    policy: Policy

    def to_buyer(self, mail: Mail) -> MailWanted:
        return self._to(self.dossier.order.buyer_id, mail)

    def to_seller(self, mail: Mail) -> MailWanted:
        return self._to(self.dossier.order.seller_id, mail)

    def _to(self, party_id: str, mail: Mail) -> MailWanted:
        order = self.dossier.order
        return MailWanted(self.heard.cause_id, party_id, order.order_id, order.time_zone, self.heard.at, mail)

    def items(self, lines: Sequence[Line]) -> tuple[Item, ...]:
        titles = {item.order_item_id: item.title for item in self.dossier.order.items}
        return tuple(
            Item(titles.get(line.order_item_id, line.order_item_id), line.quantity) for line in lines
        )

    def all_items(self) -> tuple[Item, ...]:
        return tuple(Item(item.title, item.quantity) for item in self.dossier.order.items)


def _follow(case: _Case) -> Sequence[Event]:  # noqa: C901, PLR0911, PLR0912
    what = case.heard.what
    match what:
        case OrderReceived():
            return ()
        case OrderReleased():
            return _order_released(case, what)
        case LinesCanceled():
            return _lines_canceled(case, what)
        case ShipByWarned():
            return [case.to_seller(mails.ShipByWarning(what.confirm_by))]
        case ContactOpened():
            clock = _clock(case, what.contact_id, what.respond_by, since=what.opened_at)
            return _start(case, clock)
        case MessageSent():
            return [_message_sent(case, what)]
        case ContactSettled():
            return _stop(case, lambda clock: clock.subject_id == what.contact_id)
        case FilingAllowed():
            return [case.to_buyer(mails.FilingOpened(what.eligible_from, what.until))]
        case ClaimAccepted():
            return _claim_accepted(case, what)
        case ClaimNotAccepted():
            return [case.to_buyer(_claim_refused(what))]
        case InformationRequested():
            return _information_requested(case, what)
        case InformationProvided():
            return _stop(case, lambda clock: clock.subject_id == what.request_id)
        case ClaimGranted():
            return _claim_granted(case, what)
        case ClaimDenied():
            return _claim_denied(case, what)
        case GrantVoided():
            return _grant_voided(case, what)
        case ClaimClosed():
            return _stop(case, lambda clock: clock.claim_id == what.claim_id)
        case ReminderDue():
            return _reminder_due(case, what)
        case _:
            assert_never(what)


# ------------------------------------------------------------------------------------------------- orders


def _order_released(case: _Case, fact: OrderReleased) -> Sequence[Event]:
    order = case.dossier.order
    confirmation = mails.OrderConfirmation(
        items=case.all_items(),
        placed_at=order.placed_at,
        delivery_from=fact.delivery_from,
        delivery_to=fact.delivery_to,
        is_moved=fact.delivery_to != order.delivery_to,
    )
    sold = mails.SoldShipNow(
        items=case.all_items(),
        fulfilment=order.fulfilment,
        ship_method=order.ship_method,
        expected_ship_date=fact.expected_ship_date,
        delivery_to=fact.delivery_to,
    )
    return [case.to_buyer(confirmation), case.to_seller(sold)]


def _lines_canceled(case: _Case, fact: LinesCanceled) -> Sequence[Event]:
    """Tell the buyer always, the seller only of what was canceled automatically (N1, O5)."""
    items = case.items(fact.lines)
    told: list[Event] = [case.to_buyer(mails.OrderCanceled(items, fact.is_whole, fact.reason, fact.amount))]
    if fact.reason == "ship_confirmation_expired":
        told.append(case.to_seller(mails.AutomaticCancellation(items, fact.is_whole)))
    stopped = _stop(case, lambda clock: clock.kind == "response") if fact.is_whole else ()
    return [*told, *stopped]


# ---------------------------------------------------------------------------------------------- messaging


def _message_sent(case: _Case, fact: MessageSent) -> MailWanted:
    # What is written about another address may hold one, and no mail may (O14).
    message = Quoted(None) if fact.issue == "address_change" else fact.message
    if fact.author == "seller":
        return case.to_buyer(mails.ReplyReceived(fact.issue, message, fact.attachments, fact.is_automatic))
    due = (clock.due_at for clock in case.dossier.clocks if clock.subject_id == fact.contact_id)
    return case.to_seller(
        mails.BuyerMessage(
            issue=fact.issue,
            message=message,
            attachments=fact.attachments,
            is_from_support=fact.author == "support",
            respond_by=next(due, None),
        )
    )


# ------------------------------------------------------------------------------------------------- claims


def _claim_accepted(case: _Case, fact: ClaimAccepted) -> Sequence[Event]:
    items = case.items(fact.lines)
    about = (fact.claim_id, items, fact.issue, fact.reason, fact.wanted, fact.amount)
    return [
        case.to_buyer(mails.ClaimReceived(*about)),
        case.to_seller(mails.ClaimFiled(*about, fact.respond_by)),
    ]


def _claim_refused(fact: ClaimNotAccepted) -> mails.ClaimRefused:
    return mails.ClaimRefused(fact.claim_id, fact.why, fact.eligible_from, fact.until, fact.max_amount)


def _information_requested(case: _Case, fact: InformationRequested) -> Sequence[Event]:
    if fact.side == "buyer":
        return [
            case.to_buyer(mails.InformationWantedFromBuyer(fact.claim_id, fact.questions, fact.respond_by))
        ]
    mail = mails.InformationWantedFromSeller(fact.claim_id, fact.questions, fact.respond_by, fact.on_silence)
    clock = Clock(
        "information",
        fact.request_id,
        fact.respond_by,
        _remind_at(case, fact.respond_by, since=case.heard.at),
        fact.claim_id,
        fact.on_silence,
    )
    return [case.to_seller(mail), *_start(case, clock)]


def _claim_granted(case: _Case, fact: ClaimGranted) -> Sequence[Event]:
    to_buyer = mails.DecisionToBuyer(
        claim_id=fact.claim_id,
        outcome="granted",
        amount=fact.amount,
        paid_now=fact.paid_now,
        is_automatic=fact.is_automatic,
        rules=fact.rules,
        reasons=fact.reasons,
        appeal_until=None,
    )
    to_seller = mails.DecisionToSeller(
        claim_id=fact.claim_id,
        outcome="granted",
        amount=fact.amount,
        debited=fact.debited,
        is_automatic=fact.is_automatic,
        rules=fact.rules,
        reasons=fact.reasons,
        appeal_until=fact.appeal_until,
    )
    return [case.to_buyer(to_buyer), case.to_seller(to_seller), *_stop_claim(case, fact.claim_id)]


def _claim_denied(case: _Case, fact: ClaimDenied) -> Sequence[Event]:
    to_buyer = mails.DecisionToBuyer(
        claim_id=fact.claim_id,
        outcome="denied",
        amount=fact.amount,
        paid_now=fact.amount,
        is_automatic=fact.is_automatic,
        rules=fact.rules,
        reasons=fact.reasons,
        appeal_until=fact.appeal_until,
    )
    to_seller = mails.DecisionToSeller(
        claim_id=fact.claim_id,
        outcome="denied",
        amount=fact.amount,
        debited=None,
        is_automatic=fact.is_automatic,
        rules=fact.rules,
        reasons=fact.reasons,
        appeal_until=None,
    )
    return [case.to_buyer(to_buyer), case.to_seller(to_seller), *_stop_claim(case, fact.claim_id)]


def _grant_voided(case: _Case, fact: GrantVoided) -> Sequence[Event]:
    return [
        case.to_buyer(mails.GrantVoidedToBuyer(fact.claim_id, fact.answered_at)),
        case.to_seller(mails.GrantVoidedToSeller(fact.claim_id, fact.answered_at, fact.reimbursed)),
    ]


# ---------------------------------------------------------------------------------------------- reminders


def _clock(case: _Case, contact_id: str, due_at: datetime, since: datetime) -> Clock:
    return Clock("response", contact_id, due_at, _remind_at(case, due_at, since))


def _remind_at(case: _Case, due_at: datetime, since: datetime) -> datetime | None:
    """Say when to remind. Where the whole window is no longer than the notice, the first mail is enough."""
    remind_at = due_at - case.policy.remind_before
    return remind_at if remind_at > since else None


def _start(case: _Case, clock: Clock) -> Sequence[Event]:
    if any(known.subject_id == clock.subject_id for known in case.dossier.clocks):
        return ()
    timers = [TimerSet(clock.subject_id, clock.remind_at)] if clock.remind_at else []
    return [ClockStarted(clock), *timers]


def _stop(case: _Case, which: Callable[[Clock], bool]) -> Sequence[Event]:
    events: list[Event] = []
    for clock in filter(which, case.dossier.clocks):
        events.append(ClockStopped(clock.subject_id))
        if clock.remind_at:
            events.append(TimerCanceled(clock.subject_id, clock.remind_at))
    return events


def _stop_claim(case: _Case, claim_id: str) -> Sequence[Event]:
    return _stop(case, lambda clock: clock.claim_id == claim_id)


def _reminder_due(case: _Case, fired: ReminderDue) -> Sequence[Event]:
    """Remind of what is still open, and not over already: a reminder that comes too late helps nobody."""
    return [
        case.to_seller(mails.DeadlineReminder(clock.kind, clock.due_at, clock.claim_id, clock.on_silence))
        for clock in case.dossier.clocks
        if (clock.subject_id, clock.remind_at) == (fired.subject_id, fired.due_at) and case.now < clock.due_at
    ]
