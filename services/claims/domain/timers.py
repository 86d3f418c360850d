"""Which deadlines matter, as a function of the state alone (T1, T2).

What a decision sets and cancels is the difference between before and after; and a deadline that fires still
matters if it is still among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from services.claims.domain.changing import awaited_by
from services.claims.domain.clocks import answer_due, information_due, is_answered_in_time, send_by
from services.claims.domain.dossier import Contact, Order
from services.claims.domain.events import Event, TimerCanceled, TimerSet
from services.claims.domain.inputs import TimerKind
from services.claims.domain.money import Units, merged
from services.claims.domain.policy import Policies, Policy
from services.claims.domain.returns import is_sent_in_time, refund_due
from services.claims.domain.state import (
    OPEN,
    AwaitingReturn,
    Case,
    Claim,
    Denied,
    Granted,
    OrderState,
    Refused,
)
from services.claims.domain.subject import (
    Subject,
    contacts_of,
    eligible_from,
    filing_until,
    subject_of,
    units_not_shipped,
    units_undelivered,
)
from services.claims.domain.windows import in_time
from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class Timer:
    """A deadline that matters. `claim_id` is set where it is about a claim."""

    kind: TimerKind
    subject_id: str
    due_at: datetime
    claim_id: str | None = None


def wanted(state: OrderState, policies: Policies) -> Sequence[Timer]:
    """List every deadline that matters, whether it is still to come or has passed."""
    order = state.dossier.order
    if order is None:
        return ()
    zone = policies.zones[order.marketplace_id]
    of_claims = (
        timer for claim in state.decided.claims for timer in _of_claim(state, claim, order, zone, policies)
    )
    return tuple(dict.fromkeys((*_filing_opens(state, order, zone, policies), *of_claims)))


def retimed(
    before: OrderState, after: OrderState, policies: Policies, *, now: datetime, is_judged: bool
) -> Iterator[Event]:
    """Set what matters now and did not before, cancel what matters no more.

    A deadline that has passed already is set as well, to fire at once and behind what is yet unread; only not
    one to judge again, when all grounds have just been looked at.
    """
    old, new = wanted(before, policies), wanted(after, policies)
    for timer in old:
        if timer not in new and timer.due_at > now:
            yield TimerCanceled(timer.kind, timer.subject_id, timer.due_at)
    for timer in new:
        if timer not in old and not (is_judged and timer.kind == "judge_again" and timer.due_at <= now):
            yield TimerSet(timer.kind, timer.subject_id, timer.due_at)


def _filing_opens(state: OrderState, order: Order, zone: str, policies: Policies) -> Iterator[Timer]:
    """For each unresolved contact about the delivery, as long as nothing came and nothing was claimed."""
    if order.released is None or state.decided.claims or state.dossier.chargeback:
        return
    subject = anything(state, order, zone)
    if not units_undelivered(subject):
        return
    for contact in contacts_of(state.dossier, "not_received"):
        opens_at = opens(subject, contact, policies)
        if opens_at is not None and contact.contact_id not in state.decided.announced:
            yield Timer("filing_opens", contact.contact_id, opens_at)


def anything(state: OrderState, order: Order, zone: str) -> Subject:
    """Look at the order as a whole, as if all of it were claimed as not received."""
    return Subject(
        order=order,
        dossier=state.dossier,
        zone=zone,
        source=order.source,
        quantities=merged(Units(line.order_item_id, line.quantity) for line in order.lines),
        issue="not_received",
        reason=None,
        earlier=state.decided.claims,
    )


def opens(subject: Subject, contact: Contact, policies: Policies) -> datetime | None:
    """Say from when the buyer may file on this contact, by the policy it was opened under; None if never."""
    if contact.resolved is not None:
        return None
    policy = policies.of(contact.policy_id)
    opens_at = eligible_from(subject, policy.filing_wait_days, [contact])
    if opens_at is None or opens_at >= filing_until(subject, policy.filing_window_days):
        return None
    return opens_at


def _of_claim(
    state: OrderState, claim: Claim, order: Order, zone: str, policies: Policies
) -> Iterator[Timer]:
    """List a claim's clocks: none while it stands still, is appealed, or is at its end."""
    claim_id = claim.case.claim_id
    if isinstance(claim, Granted | Denied | Refused):
        yield Timer("appeal_end", claim_id, claim.closes_at, claim_id)
    if not isinstance(claim, OPEN):
        return
    policy = policies.of(claim.case.filing.policy_id)
    subject = subject_of(state, claim.case, order, zone)
    yield from _of_rules(subject, claim.case, policy)
    for request in claim.case.requests:
        if request.request_id in awaited_by(claim):
            due_at = information_due(claim.case, request)
            yield Timer("information_due", request.request_id, due_at, claim_id)
    if isinstance(claim, AwaitingReturn):
        yield from _of_return(subject, claim, policy)


def _of_rules(subject: Subject, case: Case, policy: Policy) -> Iterator[Timer]:
    """A replacement is an investigator's: no deadline grants it."""
    if case.filing.wanted != "refund":
        return
    for due_at in sorted(set(_instants(subject, policy))):
        yield Timer("judge_again", case.claim_id, due_at, case.claim_id)
    answer_by = answer_due(case)
    if answer_by and "C6.5" in policy.grounds and not is_answered_in_time(case):
        yield Timer("answer_due", case.claim_id, answer_by, case.claim_id)


def _of_return(subject: Subject, claim: AwaitingReturn, policy: Policy) -> Iterator[Timer]:
    """Until it is sent back the buyer's clock runs, once it is back the seller's."""
    case = claim.case
    send_it_by, refund_by = send_by(case), refund_due(subject, case, policy)
    if send_it_by and not is_sent_in_time(subject, case):
        yield Timer("return_due", case.claim_id, send_it_by, case.claim_id)
    if refund_by and "C6.5" in policy.grounds:
        yield Timer("return_refund_due", case.claim_id, refund_by, case.claim_id)


def case_of_request(state: OrderState, request_id: str) -> Case | None:
    """Find the claim that this information was asked for."""
    return next(
        (
            claim.case
            for claim in state.decided.claims
            if any(request.request_id == request_id for request in claim.case.requests)
        ),
        None,
    )


def _instants(subject: Subject, policy: Policy) -> Iterator[datetime]:
    """Say when a ground may begin to hold: C6.2, C6.3 and C6.4; C6.5 has its own deadline, C6.1 a fact."""
    if "C6.2" in policy.grounds:
        yield from _silences(subject)
    if subject.issue != "not_received" or subject.reason is not None:
        return
    if "C6.3" in policy.grounds and units_not_shipped(subject) == subject.units_claimed:
        yield subject.ship_by
    if "C6.4" in policy.grounds and units_undelivered(subject) == subject.units_claimed:
        yield subject.deliver_by


def _silences(subject: Subject) -> Iterator[datetime]:
    for contact in contacts_of(subject.dossier, subject.issue):
        stopped = [moment.at for moment in (contact.responded, contact.resolved) if moment]
        if not any(in_time(at, contact.respond_by) for at in stopped):
            yield contact.respond_by
