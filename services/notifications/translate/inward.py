"""From the contracts to the domain: what is heard, of the facts of others, as far as mails need it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from services.notifications.domain import facts as domain
from services.notifications.domain import mails, model
from shared import policies
from shared.contracts import accounts, claims, messaging, orders, timer
from shared.contracts import facts as contracts
from shared.contracts.data import Data
from shared.contracts.envelope import Unreadable
from shared.contracts.erasure import ERASED
from shared.contracts.explanation import Explanation
from shared.contracts.money import Money
from shared.kit.service import Message

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


def party_of(data: Data) -> model.Party | None:
    """Read what is said of a person, if it is that."""
    match data:
        case accounts.BuyerRegistered(buyer_id=party_id) | accounts.SellerRegistered(seller_id=party_id):
            if ERASED in {data.name, data.email}:  # it came late: the kit has erased it
                return model.Erased(party_id)
            return model.Account(party_id, data.name, data.email.strip(), data.language)
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


def heard(catalogue: policies.Catalogue, message: Message) -> model.Heard | None:
    """Read a fact about an order; None for one that nobody is told of."""
    data = message.data
    if isinstance(data, timer.DeadlineExpired):
        fired = domain.ReminderDue(data.subject_id, data.due_at)
        return model.Heard(message.attributes.id, data.due_at, fired) if data.kind == REMINDER else None
    what = _order_fact(catalogue, data) or _messaging_fact(data) or _claims_fact(catalogue, data)
    if what is None or not isinstance(data, contracts.Fact):
        return None
    return model.Heard(message.attributes.id, data.at, what)


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


def _messaging_fact(data: Data) -> domain.Fact | None:  # noqa: PLR0911  one arm a fact
    match data:
        case messaging.ContactOpened():
            return domain.ContactOpened(data.contact_id, data.opened_at, data.respond_by, data.channel)
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
                channel=data.channel,
                quotes=data.seller_id if data.actor.kind == "seller" else data.buyer_id,
            )
        case messaging.ReturnRequested() if data.actor.kind in {"buyer", "support"}:
            return domain.ReturnAsked(
                author=data.actor.kind,
                contact_id=data.belongs_to,
                lines=_lines(data.lines),
                reason=_quoted(data.reason, LIST_CHARACTERS_MAX),
                message=_quoted(data.text, TEXT_CHARACTERS_MAX),
                quotes=data.buyer_id,
            )
        case messaging.ReturnAnswered():
            return domain.ReturnAnswered(
                lines=_lines(data.lines),
                answer=data.answer,
                has_label=data.prepaid_label,
                message=_quoted(data.text, TEXT_CHARACTERS_MAX),
                quotes=data.seller_id,
            )
        case messaging.ReturnReceived():
            return domain.ReturnReceived(data.contact_id, _lines(data.lines), data.received_at)
        case _:
            return None


def _claims_fact(  # noqa: PLR0911  one arm a fact
    catalogue: policies.Catalogue, data: Data
) -> domain.Fact | None:
    match data:
        case claims.FilingOpened():
            return domain.FilingAllowed(data.eligible_from, data.until, data.contact_id)
        case claims.ClaimFiled():
            return domain.ClaimAccepted(
                claim_id=data.claim_id,
                lines=_lines(data.lines),
                issue=data.issue,
                reason=data.reason,
                wanted=data.wanted,
                amount=_money(data.amount),
                respond_by=data.respond_by,
                refund_within=catalogue.policy(data.policy_id).claims.return_refund,
            )
        case claims.ClaimRefused() if data.reason != "unknown_order":
            return _claim_refused(data)
        case claims.ClaimGranted() | claims.ClaimDenied() | claims.GrantVoided():
            return _decision(data)
        case claims.AppealReversed() | claims.AppealUpheld():
            return _appeal(data)
        case claims.ClaimRefundedBySeller():
            return domain.ClaimRefunded(data.claim_id, _lines(data.lines), _money(data.amount))
        case claims.ClaimWithdrawn():
            return domain.ClaimWithdrawn(data.claim_id)
        case claims.ClaimClosed():
            return domain.ClaimClosed(data.claim_id)
        case _:
            return _investigation(data)


def _investigation(data: Data) -> domain.Fact | None:  # noqa: PLR0911  one arm a fact
    """Read what is said while a claim is open."""
    match data:
        case claims.InformationRequested():
            return domain.InformationRequested(
                claim_id=data.claim_id,
                request_id=data.request_id,
                side=data.from_,
                questions=_several(data.questions),
                respond_by=data.respond_by,
                on_silence=data.on_silence,
            )
        case claims.InformationProvided() | claims.ClaimResumed(request_id=str()):
            return domain.InformationProvided(data.request_id or "")
        case claims.ClaimAnswered():
            return domain.ClaimAnswered(data.claim_id)
        case claims.ReturnRequired():
            awaits_answer = any(deadline.kind == "answer_due" for deadline in data.deadlines)
            return domain.ReturnRequired(data.claim_id, data.send_by, is_answered=not awaits_answer)
        case claims.ClaimSuspended():
            return domain.ClaimSuspended(data.claim_id)
        case claims.ClaimResumed():
            return domain.ClaimGoesOn(data.claim_id, _sellers_deadlines(data.deadlines))
        case _:
            return None


_CLOCK_KINDS: Mapping[str, mails.ClockKind] = {
    "information_due": "information",
    "answer_due": "answer",
    "return_refund_due": "return_refund",
}


def _sellers_deadlines(
    deadlines: Sequence[contracts.Deadline],
) -> tuple[tuple[mails.ClockKind, datetime], ...]:
    return tuple(
        (_CLOCK_KINDS[deadline.kind], deadline.due_at)
        for deadline in deadlines
        if deadline.kind in _CLOCK_KINDS
    )


def _claim_refused(data: claims.ClaimRefused) -> domain.ClaimNotAccepted:
    return domain.ClaimNotAccepted(
        claim_id=data.claim_id,
        why=mails.Words(data.message.en, data.message.zh),
        eligible_from=data.eligible_from,
        until=data.until,
        max_amount=_money(data.max_amount) if data.max_amount else None,
        is_judgement=data.actor is not None,
        reasons=_several(data.reasons or ()),
        appeal_until=data.appeal_until,
    )


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


def _appeal(data: claims.AppealReversed | claims.AppealUpheld) -> domain.AppealDecided:
    amount = _money(data.amount)
    if isinstance(data, claims.AppealUpheld):
        return domain.AppealDecided(
            claim_id=data.claim_id,
            outcome="upheld",
            first_outcome=data.first_outcome,
            reverses_money=False,
            reverses_defect=False,
            amount=amount,
            paid_now=amount,
            reimbursed=None,
            debited=None,
            reasons=_several(data.reasons),
        )
    is_granted_now = data.first_outcome != "granted"
    return domain.AppealDecided(
        claim_id=data.claim_id,
        outcome="reversed",
        first_outcome=data.first_outcome,
        reverses_money=data.reverse_money,
        reverses_defect=data.reverse_defect,
        amount=amount,
        paid_now=_money(data.compensation),
        reimbursed=amount if data.reimbursement_id else None,
        debited=amount if is_granted_now and data.debit_id else None,
        reasons=_several(data.reasons),
    )


def _held(explanation: Explanation) -> tuple[str, ...]:
    return tuple(dict.fromkeys(trace.rule for trace in explanation if trace.holds))


def _lines(lines: Sequence[contracts.Line]) -> tuple[domain.Line, ...]:
    return tuple(domain.Line(line.order_item_id, line.quantity) for line in lines)


def _money(money: Money) -> mails.Money:
    return mails.Money(money.amount_minor, money.currency)


def _several(texts: Sequence[str]) -> tuple[mails.Quoted, ...]:
    return tuple(_quoted(text, LIST_CHARACTERS_MAX) for text in texts[:LIST_ITEMS_MAX])


def _quoted(text: str, characters_max: int) -> mails.Quoted:
    if text == ERASED:
        return mails.Quoted(None)
    return mails.Quoted(*_cut(text, characters_max))


def _cut(text: str, characters_max: int) -> tuple[str, bool]:
    """Cut to what fits a mail, without what is no text."""
    clean = _NO_TEXT.sub("", text[: 2 * characters_max]).strip()
    return clean[:characters_max], len(clean) > characters_max or len(text) > 2 * characters_max


# Control characters, and those that turn the direction of what follows.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def policy(catalogue: policies.Catalogue, order: domain.Order | None) -> model.Policy:
    """Fill in the numbers of an order's policy (P1). Nothing is decided before the order is known."""
    if order is None:
        return model.Policy(remind_before=timedelta(0))
    return model.Policy(remind_before=catalogue.policy(order.policy_id).notifications.reminder)
