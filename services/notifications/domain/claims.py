"""What follows from facts about claims (C2, C4, C5, C6, C8, C9, C11, C12, C16)."""

from __future__ import annotations

from collections.abc import Sequence

from services.notifications.domain import mails
from services.notifications.domain.case import (
    Case,
    begin_refund,
    cancel,
    clocks_of,
    start,
    started,
    stop,
    stop_claim,
)
from services.notifications.domain.facts import (
    AppealDecided,
    ClaimAccepted,
    ClaimClosed,
    ClaimDenied,
    ClaimGoesOn,
    ClaimGranted,
    ClaimNotAccepted,
    ClaimRefunded,
    ClaimSuspended,
    FilingAllowed,
    GrantVoided,
    InformationRequested,
    ReturnRequired,
)
from services.notifications.domain.model import (
    ClaimForgotten,
    ClaimNoted,
    Clock,
    ClockStarted,
    ClockStopped,
    Event,
    MailWanted,
    OpenClaim,
)
from shared.values import replace


def filing_allowed(case: Case, fact: FilingAllowed) -> MailWanted:
    """Tell the buyer that a claim can be filed: of which issue, its contact says (C2, C3)."""
    is_return = fact.contact_id in case.dossier.returns
    issue: mails.ClaimIssue = "not_as_expected" if is_return else "not_received"
    return case.to_buyer(mails.FilingOpened(fact.eligible_from, fact.until, issue))


def claim_accepted(case: Case, fact: ClaimAccepted) -> Sequence[Event]:
    """Tell both (C5); where the policy asks for the seller's answer, its time begins."""
    items = case.items(fact.lines)
    about = (fact.claim_id, items, fact.issue, fact.reason, fact.wanted, fact.amount)
    told = [
        case.to_buyer(mails.ClaimReceived(*about)),
        case.to_seller(mails.ClaimFiled(*about, fact.respond_by)),
    ]
    if case.claim(fact.claim_id):
        return told
    noted = ClaimNoted(OpenClaim(fact.claim_id, fact.lines, fact.refund_within))
    if fact.respond_by is None:
        return [*told, noted]
    clock = Clock("answer", fact.claim_id, fact.respond_by, None, fact.claim_id)
    return [*told, noted, *start(case, clock, since=case.heard.at)]


def claim_not_accepted(case: Case, fact: ClaimNotAccepted) -> Sequence[Event]:
    """Tell the buyer; the seller too of a filed claim that is refused by judgement, having been told of it."""
    to_buyer = mails.ClaimRefused(
        claim_id=fact.claim_id,
        why=fact.why,
        eligible_from=fact.eligible_from,
        until=fact.until,
        max_amount=fact.max_amount,
        is_judgement=fact.is_judgement,
        reasons=fact.reasons,
        appeal_until=fact.appeal_until,
    )
    if not fact.is_judgement:
        return [case.to_buyer(to_buyer)]
    to_seller = mails.DecisionToSeller(
        claim_id=fact.claim_id,
        outcome="refused",
        amount=None,
        debited=None,
        is_automatic=False,
        rules=(),
        reasons=fact.reasons,
        appeal_until=None,
    )
    return [case.to_buyer(to_buyer), case.to_seller(to_seller), *stop_claim(case, fact.claim_id)]


def information_requested(case: Case, fact: InformationRequested) -> Sequence[Event]:
    """Tell who is asked (C9); the seller's time to answer begins."""
    if fact.side == "buyer":
        return [
            case.to_buyer(mails.InformationWantedFromBuyer(fact.claim_id, fact.questions, fact.respond_by))
        ]
    mail = mails.InformationWantedFromSeller(fact.claim_id, fact.questions, fact.respond_by, fact.on_silence)
    clock = Clock("information", fact.request_id, fact.respond_by, None, fact.claim_id, fact.on_silence)
    return [case.to_seller(mail), *start(case, clock, since=case.heard.at)]


def return_required(case: Case, fact: ReturnRequired) -> Sequence[Event]:
    """Tell the buyer to send it back (C8); what is back already is to be refunded from now on."""
    told = case.to_buyer(mails.ReturnRequiredToBuyer(fact.claim_id, fact.send_by))
    answered = stop(case, "answer", fact.claim_id) if fact.is_answered else ()
    claim = case.claim(fact.claim_id)
    if claim is None or claim.asked_back_at:
        return [told, *answered]
    asked = replace(claim, asked_back_at=case.heard.at)
    return [told, *answered, ClaimNoted(asked), *begin_refund(case, asked, case.dossier.back)]


def claim_suspended(case: Case, fact: ClaimSuspended) -> Sequence[Event]:
    """Halt the clocks of the claim (C16)."""
    claim = case.claim(fact.claim_id)
    noted = [ClaimNoted(replace(claim, is_suspended=True))] if claim and not claim.is_suspended else []
    running = [clock for clock in clocks_of(case, fact.claim_id) if not clock.stands_still]
    return [*noted, *(event for clock in running for event in _halt(clock))]


def _halt(clock: Clock) -> Sequence[Event]:
    halted = ClockStarted(replace(clock, remind_at=None, stands_still=True))
    return [halted, *cancel(clock)]


def claim_goes_on(case: Case, fact: ClaimGoesOn) -> Sequence[Event]:
    """Let the deadlines that the fact names run again, and forget what ended while all stood still."""
    claim = case.claim(fact.claim_id)
    noted = [ClaimNoted(replace(claim, is_suspended=False))] if claim and claim.is_suspended else []
    due = dict(fact.deadlines)
    events: list[Event] = [*noted]
    for clock in clocks_of(case, fact.claim_id):
        if not clock.stands_still:
            due.pop(clock.kind, None)
        elif clock.kind in due:
            again = replace(clock, due_at=due.pop(clock.kind), stands_still=False)
            events.extend(started(case, again, since=case.heard.at))
        else:
            events.append(ClockStopped(clock.kind, clock.subject_id))
    for kind, due_at in due.items():
        if kind in {"answer", "return_refund"}:  # begun while all stood still
            clock = Clock(kind, fact.claim_id, due_at, None, fact.claim_id)
            events.extend(started(case, clock, since=case.heard.at))
    return events


def claim_granted(case: Case, fact: ClaimGranted) -> Sequence[Event]:
    """Tell both, the seller with the debit and the last day to appeal (C10, C11)."""
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
    return [case.to_buyer(to_buyer), case.to_seller(to_seller), *stop_claim(case, fact.claim_id)]


def claim_denied(case: Case, fact: ClaimDenied) -> Sequence[Event]:
    """Tell both, the buyer with the last day to appeal (C9, C11)."""
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
    return [case.to_buyer(to_buyer), case.to_seller(to_seller), *stop_claim(case, fact.claim_id)]


def grant_voided(case: Case, fact: GrantVoided) -> Sequence[Event]:
    """Tell both (C6)."""
    return [
        case.to_buyer(mails.GrantVoidedToBuyer(fact.claim_id, fact.answered_at)),
        case.to_seller(mails.GrantVoidedToSeller(fact.claim_id, fact.answered_at, fact.reimbursed)),
    ]


def claim_refunded(case: Case, fact: ClaimRefunded) -> Sequence[Event]:
    """Tell the buyer (C8)."""
    told = mails.ClaimRefundedToBuyer(fact.claim_id, case.items(fact.lines), fact.amount)
    return [case.to_buyer(told), *stop_claim(case, fact.claim_id)]


def appeal_decided(case: Case, fact: AppealDecided) -> Sequence[Event]:
    """Tell both (C12)."""
    to_buyer = mails.AppealDecisionToBuyer(
        claim_id=fact.claim_id,
        outcome=fact.outcome,
        first_outcome=fact.first_outcome,
        reverses_money=fact.reverses_money,
        amount=fact.amount,
        paid_now=fact.paid_now,
        reasons=fact.reasons,
    )
    to_seller = mails.AppealDecisionToSeller(
        claim_id=fact.claim_id,
        outcome=fact.outcome,
        first_outcome=fact.first_outcome,
        reverses_money=fact.reverses_money,
        reverses_defect=fact.reverses_defect,
        reimbursed=fact.reimbursed,
        debited=fact.debited,
        reasons=fact.reasons,
    )
    return [case.to_buyer(to_buyer), case.to_seller(to_seller)]


def claim_closed(case: Case, fact: ClaimClosed) -> Sequence[Event]:
    """Forget the claim."""
    forgotten = [ClaimForgotten(fact.claim_id)] if case.claim(fact.claim_id) else []
    return [*stop_claim(case, fact.claim_id), *forgotten]
