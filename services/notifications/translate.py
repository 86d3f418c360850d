"""Between the contracts and the domain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.notifications.domain import mails
from services.notifications.domain import model as domain
from services.notifications.store import DueMail, WantedMail
from shared import policies
from shared.contracts import accounts, claims, messaging, notifications, orders, timer
from shared.contracts import facts as contracts
from shared.contracts.data import Data
from shared.contracts.envelope import Unreadable
from shared.contracts.explanation import Explanation
from shared.contracts.money import Money
from shared.contracts.topics import NOTIFICATIONS_EVENTS, TIMER_COMMANDS
from shared.kit import ids
from shared.kit.service import Message, Outgoing

NAME = "notifications"
REMINDER = "reminder_due"

TITLE_CHARACTERS_MAX = 150
TEXT_CHARACTERS_MAX = 4_000
LIST_CHARACTERS_MAX = 1_000
LIST_ITEMS_MAX = 20


# ------------------------------------------------------------------------------------------------------ in


def order_id(message: Message) -> str:
    """Name the order that a fact is about."""
    data = message.data
    if isinstance(data, contracts.PartyFact | contracts.Refused | timer.DeadlineExpired):
        return data.order_id
    raise TypeError(f"{message.attributes.type} is about no order")


def account_of(data: Data) -> domain.Account | None:
    """Read an account, if it is one."""
    match data:
        case accounts.BuyerRegistered():
            return domain.Account(data.buyer_id, data.name, data.email.strip(), data.language)
        case accounts.SellerRegistered():
            return domain.Account(data.seller_id, data.name, data.email.strip(), data.language)
        case _:
            return None


def concerns_us(message: Message) -> bool:
    """Pass over the deadlines of other services."""
    return not isinstance(message.data, timer.DeadlineExpired) or message.data.owner == NAME


def known_marketplace(catalogue: policies.Catalogue, data: Data) -> Unreadable | None:
    """Refuse to read an order of a marketplace that the policies do not know."""
    if not isinstance(data, orders.OrderReceived) or catalogue.knows_marketplace(data.marketplace_id):
        return None
    return Unreadable("unknown_marketplace", "marketplace_id is none that the policies know")


def heard(catalogue: policies.Catalogue, message: Message) -> domain.Heard | None:
    """Read a fact about an order; None for one that nobody is told of."""
    data = message.data
    if isinstance(data, timer.DeadlineExpired):
        fired = domain.ReminderDue(data.subject_id, data.due_at)
        return domain.Heard(message.attributes.id, data.due_at, fired) if data.kind == REMINDER else None
    what = _order_fact(catalogue, data) or _messaging_fact(data) or _claims_fact(data)
    if what is None or not isinstance(data, contracts.Fact):
        return None
    return domain.Heard(message.attributes.id, data.at, what)


def _order_fact(catalogue: policies.Catalogue, data: Data) -> domain.Fact | None:
    match data:
        case orders.OrderReceived():
            return _order_received(data, catalogue.marketplace(data.marketplace_id).time_zone)
        case orders.OrderReleased():
            return domain.OrderReleased(data.expected_ship_date, data.delivery_from, data.delivery_to)
        case orders.OrderCanceled() | orders.LinesCanceled():
            is_whole = isinstance(data, orders.OrderCanceled)
            return domain.LinesCanceled(_lines(data.lines), is_whole, data.reason, _money(data.amount))
        case orders.ShipByWarned():
            return domain.ShipByWarned(data.confirm_by)
        case _:
            return None


def _order_received(data: orders.OrderReceived, time_zone: str) -> domain.OrderReceived:
    items = tuple(
        domain.OrderItem(item.order_item_id, _cut(item.title, TITLE_CHARACTERS_MAX)[0], item.quantity)
        for item in data.items
    )
    return domain.OrderReceived(
        domain.Order(
            order_id=data.order_id,
            buyer_id=data.buyer_id,
            seller_id=data.seller_id,
            time_zone=time_zone,
            policy_id=data.policy_id,
            placed_at=data.placed_at,
            fulfilment=data.fulfilment,
            ship_method=_cut(data.ship_method, TITLE_CHARACTERS_MAX)[0],
            items=items,
            delivery_to=data.delivery_to,
        )
    )


def _messaging_fact(data: Data) -> domain.Fact | None:
    match data:
        case messaging.ContactOpened():
            return domain.ContactOpened(data.contact_id, data.opened_at, data.respond_by)
        case messaging.ContactResponded() | messaging.ResponseOverdue() | messaging.ContactResolved():
            return domain.ContactSettled(data.contact_id)
        case messaging.MessageSent() if data.actor.kind in {"buyer", "seller", "support"}:
            return domain.MessageSent(
                author=data.actor.kind,
                contact_id=data.belongs_to,
                issue=data.issue,
                message=_quoted(data.text, TEXT_CHARACTERS_MAX),
                attachments=len(data.attachments),
                is_automatic=data.automatic,
            )
        case _:
            return None


def _claims_fact(data: Data) -> domain.Fact | None:  # noqa: PLR0911  one arm a fact
    match data:
        case claims.FilingOpened():
            return domain.FilingAllowed(data.eligible_from, data.until)
        case claims.ClaimFiled():
            return domain.ClaimAccepted(
                claim_id=data.claim_id,
                lines=_lines(data.lines),
                issue=data.issue,
                reason=data.reason,
                wanted=data.wanted,
                amount=_money(data.amount),
                respond_by=data.respond_by,
            )
        case claims.ClaimRefused() if data.reason != "unknown_order":
            return domain.ClaimNotAccepted(
                claim_id=data.claim_id,
                why=mails.Words(data.message.en, data.message.zh),
                eligible_from=data.eligible_from,
                until=data.until,
                max_amount=_money(data.max_amount) if data.max_amount else None,
            )
        case claims.InformationRequested():
            return domain.InformationRequested(
                claim_id=data.claim_id,
                request_id=data.request_id,
                side=data.from_,
                questions=_several(data.questions),
                respond_by=data.respond_by,
                on_silence=data.on_silence,
            )
        case claims.InformationProvided():
            return domain.InformationProvided(data.request_id)
        case claims.ClaimResumed(request_id=str() as request_id):
            return domain.InformationProvided(request_id)
        case claims.ClaimGranted() | claims.ClaimDenied() | claims.GrantVoided():
            return _decision(data)
        case claims.ClaimClosed():
            return domain.ClaimClosed(data.claim_id)
        case _:
            return None


def _decision(data: claims.ClaimGranted | claims.ClaimDenied | claims.GrantVoided) -> domain.Fact:
    amount = _money(data.amount)
    match data:
        case claims.ClaimGranted():
            return domain.ClaimGranted(
                claim_id=data.claim_id,
                amount=amount,
                paid_now=_money(data.compensation),
                debited=amount if data.debit_id else None,
                is_automatic=data.automatic,
                rules=_held(data.explanation),
                reasons=_several(data.reasons),
                appeal_until=data.appeal_until,
            )
        case claims.ClaimDenied():
            return domain.ClaimDenied(
                claim_id=data.claim_id,
                amount=amount,
                is_automatic=data.automatic,
                rules=_held(data.explanation),
                reasons=_several(data.reasons),
                appeal_until=data.appeal_until,
            )
        case claims.GrantVoided():
            reimbursed = amount if data.reimbursement_id else None
            return domain.GrantVoided(data.claim_id, data.answered_at, reimbursed)


def _held(explanation: Explanation) -> tuple[str, ...]:
    return tuple(dict.fromkeys(trace.rule for trace in explanation if trace.holds))


def _lines(lines: Sequence[contracts.Line]) -> tuple[domain.Line, ...]:
    return tuple(domain.Line(line.order_item_id, line.quantity) for line in lines)


def _money(money: Money) -> mails.Money:
    return mails.Money(money.amount_minor, money.currency)


def _several(texts: Sequence[str]) -> tuple[mails.Quoted, ...]:
    return tuple(_quoted(text, LIST_CHARACTERS_MAX) for text in texts[:LIST_ITEMS_MAX])


def _quoted(text: str, characters_max: int) -> mails.Quoted:
    return mails.Quoted(*_cut(text, characters_max))


def _cut(text: str, characters_max: int) -> tuple[str, bool]:
    """Cut to what fits a mail, without what is no text."""
    clean = _NO_TEXT.sub("", text[: 2 * characters_max]).strip()
    return clean[:characters_max], len(clean) > characters_max or len(text) > 2 * characters_max


# Control characters, and those that turn the direction of what follows.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def policy(catalogue: policies.Catalogue, order: domain.Order | None) -> domain.Policy:
    """Fill in the numbers of an order's policy (P1). Nothing is decided before the order is known."""
    if order is None:
        return domain.Policy(remind_before=timedelta(0))
    return domain.Policy(remind_before=catalogue.policy(order.policy_id).notifications.reminder)


# ----------------------------------------------------------------------------------------------------- out


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
