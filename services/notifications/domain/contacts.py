"""What follows from messages and return requests (M1, M2, M4, O14)."""

from __future__ import annotations

from collections.abc import Sequence

from services.notifications.domain import mails
from services.notifications.domain.case import Case, begin_refund, start
from services.notifications.domain.facts import (
    ContactOpened,
    MessageSent,
    ReturnAnswered,
    ReturnAsked,
    ReturnReceived,
)
from services.notifications.domain.mails import Quoted
from services.notifications.domain.model import (
    Clock,
    Event,
    MailWanted,
    Parcel,
    ParcelNoted,
    ReturnNoted,
)


def contact_opened(case: Case, fact: ContactOpened) -> Sequence[Event]:
    """Begin the seller's time to answer (M2)."""
    clock = Clock("response", fact.contact_id, fact.respond_by, None)
    started = start(case, clock, since=fact.opened_at)
    is_new = fact.channel == "return_requests" and fact.contact_id not in case.dossier.returns
    return [ReturnNoted(fact.contact_id), *started] if is_new else started


def message_sent(case: Case, fact: MessageSent) -> MailWanted:
    """Tell the other side; what is about an address is not quoted."""
    # What is written about another address may hold one, and no mail may (O14).
    message = Quoted(None) if fact.issue == "address_change" else fact.message
    if fact.author == "seller":
        reply = mails.ReplyReceived(
            fact.issue, message, fact.attachments, fact.is_automatic, channel=fact.channel
        )
        return case.to_buyer(reply, fact.quotes)
    written = mails.BuyerMessage(
        issue=fact.issue,
        message=message,
        attachments=fact.attachments,
        is_from_support=fact.author == "support",
        respond_by=case.due_at("response", fact.contact_id),
        channel=fact.channel,
    )
    return case.to_seller(written, fact.quotes)


def return_asked(case: Case, fact: ReturnAsked) -> MailWanted:
    """Tell the seller, with the deadline to answer (M4)."""
    asked = mails.BuyerMessage(
        issue="product",
        message=fact.message,
        attachments=0,
        is_from_support=fact.author == "support",
        respond_by=case.due_at("response", fact.contact_id),
        channel="return_requests",
        items=case.items(fact.lines),
        reason=fact.reason,
    )
    return case.to_seller(asked, fact.quotes)


def return_answered(case: Case, fact: ReturnAnswered) -> MailWanted:
    """Tell the buyer (M4)."""
    reply = mails.ReplyReceived(
        issue="product",
        message=fact.message,
        attachments=0,
        is_automatic=False,
        channel="return_requests",
        answer=fact.answer,
        items=case.items(fact.lines),
        has_label=fact.has_label,
    )
    return case.to_buyer(reply, fact.quotes)


def return_received(case: Case, fact: ReturnReceived) -> Sequence[Event]:
    """Note what is back; where a claim waits for it, the seller's time to refund may begin (C8)."""
    parcel = Parcel(fact.contact_id, fact.lines, fact.received_at)
    if parcel in case.dossier.back:
        return ()
    others = [known for known in case.dossier.back if known.contact_id != fact.contact_id]
    begun = [event for claim in case.dossier.claims for event in begin_refund(case, claim, [*others, parcel])]
    return [ParcelNoted(parcel), *begun]
