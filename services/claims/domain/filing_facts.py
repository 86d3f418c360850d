"""Reads, for each requirement of a filing, the facts that it is decided by, with who said each (C1–C4, C16)."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from services.claims.domain.dossier import Order
from services.claims.domain.explanation import Fact, fact
from services.claims.domain.gather import CITED_MAX, contact_facts
from services.claims.domain.inputs import FileClaim, Source
from services.claims.domain.left import left_minor
from services.claims.domain.money import merged
from services.claims.domain.policy import Policy
from services.claims.domain.returns import authorised, first_sent_back, return_by
from services.claims.domain.state import Claim, Filing, OrderState, claim_of, is_open
from services.claims.domain.subject import (
    Subject,
    contacts_of,
    eligible_from,
    expected_on,
    filing_until,
    promises_of,
    shipments_of,
    units_not_canceled,
    units_undelivered,
)
from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class Attempt:
    """A filing and everything that is looked at to judge it."""

    command: FileClaim
    state: OrderState
    subject: Subject
    policy: Policy
    now: datetime

    @property
    def filed(self) -> Source:
        """The command, as a source."""
        return Source(self.command.command_id, self.command.at)


def attempt(
    command: FileClaim, state: OrderState, order: Order, policy: Policy, zone: str, now: datetime
) -> Attempt:
    """Put together what a filing is judged by."""
    subject = Subject(
        order=order,
        dossier=state.dossier,
        zone=zone,
        source=Source(command.command_id, command.at),
        quantities=merged(command.lines),
        issue=command.issue,
        reason=command.reason,
        earlier=state.decided.claims,
    )
    return Attempt(command, state, subject, policy, now)


def _dated(filing: Attempt) -> Sequence[Fact]:
    return [fact("filed_at", filing.command.at, filing.filed)]


def _of_now(filing: Attempt) -> Sequence[Fact]:
    return [*_dated(filing), fact("judged_at", filing.now)]


def _by_whom(filing: Attempt) -> Sequence[Fact]:
    return [fact("filed_by", filing.command.actor.kind, filing.filed)]


def _party(filing: Attempt) -> Sequence[Fact]:
    actor = filing.command.actor
    is_party = actor.kind != "buyer" or actor.id == filing.subject.order.buyer_id
    return [fact("is_party", is_party, filing.subject.order.source)]


def _sums(filing: Attempt) -> Sequence[Fact]:
    command, filed = filing.command, filing.filed
    extra = command.extra_charges
    return [
        fact("wanted", command.wanted, filed),
        fact("claimed_amount", command.amount, filed),
        *([fact("extra_charges", extra, filed)] if extra else []),
    ]


def _currencies(filing: Attempt) -> Sequence[Fact]:
    order = filing.subject.order
    return [*_sums(filing), fact("currency", order.currency, order.source)]


def _form(filing: Attempt) -> Sequence[Fact]:
    missing = ",".join(name for name, is_missing in MISSING_NAMES.items() if is_missing(filing.command))
    return [fact("missing", missing or None, filing.filed)]


def _lines(filing: Attempt) -> Sequence[Fact]:
    order = filing.subject.order
    known = {line.order_item_id for line in order.lines}
    unknown = next((item for item in filing.subject.quantities if item not in known), None)
    return [fact("unknown_line", unknown, order.source)]


def _order(filing: Attempt) -> Sequence[Fact]:
    subject = filing.subject
    released = subject.order.released
    return [
        *_dated(filing),
        *([fact("released_at", released.at, released)] if released else []),
        fact("units_claimed", subject.units_claimed, filing.filed),
        *(
            fact("canceled_at", canceled.source.at, canceled.source)
            for canceled in subject.dossier.cancellations[:CITED_MAX]
        ),
        fact("units_not_canceled", units_not_canceled(subject)),
    ]


def _claims(filing: Attempt) -> Sequence[Fact]:
    standing = in_the_way(filing.state.decided.claims, filing.subject.quantities)
    return [] if standing is None else [fact("claimed_by", standing.claim_id, standing.source)]


def in_the_way(claims: Iterable[Claim], items: Container[str]) -> Filing | None:
    """Find an open claim on one of these items (C1)."""
    return next(
        (
            claim.case.filing
            for claim in claims
            if is_open(claim) and any(units.order_item_id in items for units in claim.case.filing.lines)
        ),
        None,
    )


def _chargebacks(filing: Attempt) -> Sequence[Fact]:
    return [
        *_dated(filing),
        *(
            each
            for chargeback in filing.subject.dossier.chargebacks[-CITED_MAX:]
            for each in (
                fact("chargeback_opened_at", chargeback.opened.at, chargeback.opened),
                *(
                    [fact("chargeback_closed_at", chargeback.closed.at, chargeback.closed)]
                    if chargeback.closed
                    else []
                ),
            )
        ),
    ]


def _return(filing: Attempt) -> Sequence[Fact]:
    subject = filing.subject
    when = authorised(subject)
    sent = first_sent_back(subject)
    until = return_by(subject, filing.policy)
    return [
        *_dated(filing),
        fact("issue", subject.issue, filing.filed),
        fact("reason", subject.reason, filing.filed),
        *([fact("return_authorised_at", when.at, when.source)] if when else []),
        *_deliveries(subject),
        *([fact("return_by", until)] if until else []),
        *([fact("return_shipped_at", sent.at, sent.source)] if sent else []),
    ]


def _namesake(filing: Attempt) -> Sequence[Fact]:
    known = claim_of(filing.state, filing.command.claim_id)
    return [] if known is None else [fact("claimed_by", known.case.claim_id, known.case.filing.source)]


def _money(filing: Attempt) -> Sequence[Fact]:
    subject, command = filing.subject, filing.command
    return [
        fact("claimed_amount", command.amount, filing.filed),
        fact("extra_charges", subject.money(documented_minor(command)), filing.filed),
        fact("left_amount", subject.money(left_minor(subject)), subject.order.source),
    ]


def documented_minor(command: FileClaim) -> int:
    """Say what extra charges count: those that come with evidence (C1)."""
    return command.extra_charges.amount_minor if command.extra_charges and command.evidence else 0


def _scans(filing: Attempt) -> Sequence[Fact]:
    subject = filing.subject
    return [
        fact("issue", subject.issue, filing.filed),
        fact("reason", subject.reason, filing.filed),
        fact("units_claimed", subject.units_claimed, filing.filed),
        *_deliveries(subject),
        fact("units_undelivered", units_undelivered(subject)),
    ]


def _deliveries(subject: Subject) -> Sequence[Fact]:
    return [
        fact("delivered_at", shipment.delivery.at, shipment.delivery.source)
        for shipment in shipments_of(subject)[:CITED_MAX]
        if shipment.delivery
    ]


def _contacts(filing: Attempt) -> Sequence[Fact]:
    contacts = contacts_of(filing.subject.dossier, filing.subject.issue)[:CITED_MAX]
    return [each for contact in contacts for each in contact_facts(contact, "resolve_by")]


def _earliest(filing: Attempt) -> Sequence[Fact]:
    subject = filing.subject
    order = subject.order
    contacts = contacts_of(subject.dossier, subject.issue)
    return [
        *_dated(filing),
        fact("delivery_to", order.edd, order.dates_source),
        *(
            fact("promised_date", shipment.promise.day, shipment.promise.source)
            for shipment in promises_of(subject)[:CITED_MAX]
            if shipment.promise
        ),
        fact("expected_on", expected_on(subject)),
        fact("eligible_from", eligible_from(subject, filing.policy.filing_wait_days, contacts)),
        fact("until", filing_until(subject, filing.policy.filing_window_days)),
    ]


def _latest(filing: Attempt) -> Sequence[Fact]:
    order = filing.subject.order
    return [
        *_dated(filing),
        fact("delivery_to", order.edd, order.dates_source),
        fact("until", filing_until(filing.subject, filing.policy.filing_window_days)),
    ]


def _is_reason_missing(command: FileClaim) -> bool:
    """A *not received* has no reason, or that it was delivered and not found; every other claim has one."""
    if command.issue == "not_received":
        return command.reason not in {None, "delivered_not_found"}
    return command.reason in {None, "delivered_not_found"}


MISSING_NAMES: Mapping[str, Callable[[FileClaim], bool]] = {
    "lines": lambda command: not command.lines,
    "description": lambda command: not command.description.strip(),
    "reason": _is_reason_missing,
    "extra_charges": lambda command: command.reason == "extra_charges" and command.extra_charges is None,
}
_Gather: TypeAlias = Callable[[Attempt], Sequence[Fact]]
GATHER: Mapping[str, _Gather] = {
    "in_the_future": _of_now,
    "not_the_buyer": _by_whom,
    "not_a_party": _party,
    "wrong_currency": _currencies,
    "invalid_amount": _sums,
    "incomplete_form": _form,
    "unknown_line": _lines,
    "claim_id_reused": _namesake,
    "order_not_claimable": _order,
    "chargeback_open": _chargebacks,
    "already_claimed": _claims,
    "amount_exceeds_paid": _money,
    "delivered": _scans,
    "not_contacted": _contacts,
    "too_early": _earliest,
    "too_late": _latest,
    "return_policy_not_followed": _return,
}
