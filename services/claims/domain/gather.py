"""Reads, for each rule, the facts that it is decided by; every one with the event or command that said it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from services.claims.domain.dossier import Contact
from services.claims.domain.explanation import Explanation, Fact, Facts, Finding, fact
from services.claims.domain.left import asked_minor, left_minor, refunded_since_minor
from services.claims.domain.policy import Policy
from services.claims.domain.rules import GROUNDS, holds
from services.claims.domain.silence import answer_facts, is_refund_missed, silence_facts
from services.claims.domain.state import Case
from services.claims.domain.subject import (
    Subject,
    contacts_of,
    shipments_of,
    units_not_shipped,
    units_protected,
    units_undelivered,
    units_untracked,
)
from services.claims.domain.windows import in_time, is_missed

CITED_MAX = 100
"""Parcels, and contacts, that an explanation names. What decides is counted over all of them."""


def find(rule: str, facts: Sequence[Fact], policy: Policy) -> Finding:
    """Decide one rule from its facts."""
    return Finding(rule, holds(rule, Facts(facts), policy), policy.policy_id, tuple(facts))


def grounds(subject: Subject, case: Case, policy: Policy, judged_at: datetime) -> Explanation:
    """Look at all five grounds (C6)."""
    return tuple(ground(rule, subject, case, policy, judged_at) for rule in GROUNDS)


def ground(rule: str, subject: Subject, case: Case, policy: Policy, judged_at: datetime) -> Finding:
    """Look at one ground."""
    return find(rule, _GATHER[rule](subject, case, policy, judged_at), policy)


def amount(subject: Subject, case: Case, policy: Policy, judged_at: datetime) -> Finding:
    """Look at what is claimed and what is left (C1). Who asked for the item back owes money, not a replacement."""
    filing = case.filing
    is_owed = case.demand is not None and is_refund_missed(subject, case, policy, judged_at)
    wanted = fact("wanted", "refund", case.demand.source) if case.demand and is_owed else None
    claimed_minor = asked_minor(subject, case) if is_owed else filing.amount_minor
    refunded_minor = refunded_since_minor(subject, case)
    return find(
        "C1",
        [
            wanted or fact("wanted", filing.wanted, filing.source),
            fact("claimed_amount", subject.money(claimed_minor), filing.source),
            fact("extra_charges", subject.money(case.extra_minor), filing.source),
            *([fact("refunded_amount", subject.money(refunded_minor))] if refunded_minor else []),
            fact("left_amount", subject.money(left_minor(subject))),
        ],
        policy,
    )


def funding(subject: Subject, policy: Policy) -> Finding:
    """Look at who pays (C10)."""
    order = subject.order
    cited = [
        each
        for shipment in shipments_of(subject)[:CITED_MAX]
        for each in (
            fact("shipped_at", shipment.shipped_at, shipment.source),
            fact("label", shipment.label, shipment.source),
            fact("tracking_valid", shipment.tracking_valid, shipment.source),
        )
    ]
    facts = [
        fact("fulfilment", order.fulfilment, order.source),
        *_claimed(subject),
        fact("ship_by", subject.ship_by, order.dates_source),
        *cited,
        *_deliveries(subject),
        fact("units_protected", units_protected(subject)),
    ]
    return find("C10", facts, policy)


def _claimed(subject: Subject) -> Sequence[Fact]:
    return [
        fact("issue", subject.issue, subject.source),
        fact("reason", subject.reason, subject.source),
        fact("units_claimed", subject.units_claimed, subject.source),
    ]


def _deliveries(subject: Subject) -> Sequence[Fact]:
    return [
        fact("delivered_at", shipment.delivery.at, shipment.delivery.source)
        for shipment in shipments_of(subject)[:CITED_MAX]
        if shipment.delivery
    ]


def _tracking(subject: Subject, _case: Case, _policy: Policy, _at: datetime) -> Sequence[Fact]:
    cited = [
        each
        for shipment in shipments_of(subject)[:CITED_MAX]
        for each in (
            fact("confirmed_at", shipment.source.at, shipment.source),
            fact("trackable", shipment.trackable, shipment.source),
            fact("tracking_valid", shipment.tracking_valid, shipment.source),
        )
    ]
    return [*_claimed(subject), *cited, fact("units_untracked", units_untracked(subject))]


def _contacts(subject: Subject, _case: Case, _policy: Policy, judged_at: datetime) -> Sequence[Fact]:
    contacts = contacts_of(subject.dossier, subject.issue)
    if (
        len(contacts) > CITED_MAX
    ):  # the unanswered ones decide, so none of them is left out for an answered one
        contacts = sorted(contacts, key=lambda contact: not _is_unanswered(contact, judged_at))[:CITED_MAX]
    judged = fact("judged_at", judged_at)
    return [judged, *(each for contact in contacts for each in contact_facts(contact, "respond_by"))]


def _is_unanswered(contact: Contact, judged_at: datetime) -> bool:
    is_settled = in_time(contact.resolved.at if contact.resolved else None, contact.respond_by)
    responded_at = contact.responded.at if contact.responded else None
    return not is_settled and is_missed(responded_at, contact.respond_by, judged_at)


def contact_facts(contact: Contact, window: str) -> Sequence[Fact]:
    """Write down one contact with one of its windows, `respond_by` or `resolve_by`, and what stopped it."""
    due_at = contact.respond_by if window == "respond_by" else contact.settle_by
    responded, resolved = contact.responded, contact.resolved
    return [
        fact("contact_opened_at", contact.opened_at, contact.source),
        fact(window, due_at, contact.source),
        *answer_facts("responded_at", responded),
        *([fact("resolved_at", resolved.at, resolved.source)] if resolved else []),
    ]


def _shipping(subject: Subject, _case: Case, _policy: Policy, judged_at: datetime) -> Sequence[Fact]:
    order = subject.order
    return [
        fact("judged_at", judged_at),
        *_claimed(subject),
        fact("expected_ship_date", order.expected_ship_date, order.dates_source),
        fact("ship_by", subject.ship_by, order.dates_source),
        *(
            fact("shipped_at", shipment.shipped_at, shipment.source)
            for shipment in shipments_of(subject)[:CITED_MAX]
        ),
        fact("units_not_shipped", units_not_shipped(subject)),
    ]


def _delivery(subject: Subject, _case: Case, _policy: Policy, judged_at: datetime) -> Sequence[Fact]:
    order = subject.order
    return [
        fact("judged_at", judged_at),
        *_claimed(subject),
        fact("delivery_to", order.edd, order.dates_source),
        fact("deliver_by", subject.deliver_by, order.dates_source),
        *_deliveries(subject),
        fact("units_undelivered", units_undelivered(subject)),
    ]


_Gather: TypeAlias = Callable[[Subject, Case, Policy, datetime], Sequence[Fact]]
_GATHER: Mapping[str, _Gather] = {
    "C6.1": _tracking,
    "C6.2": _contacts,
    "C6.3": _shipping,
    "C6.4": _delivery,
    "C6.5": silence_facts,
}
