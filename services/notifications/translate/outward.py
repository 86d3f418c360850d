"""From the domain to the contracts: timers, rows of mails, and what became of them."""

from __future__ import annotations

from datetime import datetime

from services.notifications.domain import model as domain
from services.notifications.store import DueMail, WantedMail
from services.notifications.translate.inward import NAME, REMINDER
from shared.contracts import notifications, timer
from shared.contracts.data import Data
from shared.contracts.topics import NOTIFICATIONS_EVENTS, TIMER_COMMANDS
from shared.kit import ids
from shared.kit.service import Outgoing


def effect(event: domain.Event) -> WantedMail | None:
    """Give the row of a mail that is wanted. Its id is derived: the same mail wanted twice is one."""
    if not isinstance(event, domain.MailWanted):
        return None
    return WantedMail(
        notification_id=ids.derived("mail", event.cause_id, event.mail.template, event.party_id),
        party_id=event.party_id,
        order_id=event.order_id,
        cause_id=event.cause_id,
        time_zone=event.time_zone,
        at=event.at,
        mail=event.mail,
        quotes=event.quotes,
    )


def outgoing(event: domain.Event, about: str, now: datetime) -> Outgoing | None:
    """Say a timer that is set or canceled for the order that this is about."""
    if not isinstance(event, domain.TimerSet | domain.TimerCanceled):
        return None
    timer_id = ids.derived("timer", NAME, about, event.subject_id, REMINDER, event.due_at.isoformat())
    data: Data = timer.Cancel(timer_id=timer_id, order_id=about)
    if isinstance(event, domain.TimerSet):
        data = timer.Schedule(
            timer_id=timer_id,
            kind=REMINDER,
            owner=NAME,
            order_id=about,
            subject_id=event.subject_id,
            due_at=event.due_at,
        )
    return Outgoing(TIMER_COMMANDS, about, data, at=now)


def told(
    fact: type[notifications.NotificationSent | notifications.NotificationFailed],
    mail: DueMail,
    now: datetime,
) -> Outgoing:
    """Say what became of a mail."""
    data = fact(
        at=now,
        order_id=mail.order_id,
        notification_id=mail.notification_id,
        template=mail.template,
        party_id=mail.party_id,
        cause_id=mail.cause_id,
    )
    return Outgoing(NOTIFICATIONS_EVENTS, mail.order_id, data, at=now)
