"""Could this be claimed now, from when, and what is missing? (C2, C3) Nothing is changed by asking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from services.claims.domain.events import CommandRefused, EligibilityChecked, Event
from services.claims.domain.explanation import Facts, Finding
from services.claims.domain.filing import check
from services.claims.domain.filing_facts import Attempt, attempt, in_the_way
from services.claims.domain.inputs import Actor, CheckEligibility, FileClaim, Issue, Reason
from services.claims.domain.judging import Desk
from services.claims.domain.money import Line, Units
from services.claims.domain.refusal import Refusal
from services.claims.domain.subject import contacts_of

WHOSE = ("in_the_future", "not_the_buyer", "not_a_party")
FORM = ("incomplete_form", "unknown_line")
CLAIM = (
    "order_not_claimable",
    "chargeback_open",
    "already_claimed",
    "amount_exceeds_paid",
    "delivered",
    "not_contacted",
    "too_early",
    "too_late",
    "return_policy_not_followed",
)


def check_eligibility(question: CheckEligibility, desk: Desk) -> Sequence[Event]:
    """Answer as a filing would be answered now: with every reason against it, in their order."""
    asked = _attempt(question.lines, question.issue, question.reason, question.actor, question.at, desk)
    for reason in WHOSE:
        found = check(asked, reason)
        if not found.holds:
            return [CommandRefused(question.command_id, None, None, Refusal(found.rule, reason), desk.now)]
    unmet = [reason for reason in FORM if not check(asked, reason).holds]
    findings = {} if unmet else {reason: check(asked, reason) for reason in CLAIM}
    missing = unmet or list(_unmet(findings))
    times = Facts(findings["too_early"].facts) if findings else Facts(())
    return [
        EligibilityChecked(
            question=question,
            eligible=not missing,
            eligible_from=times.instant("eligible_from"),
            until=times.instant("until"),
            missing=tuple(missing),
            at=desk.now,
        )
    ]


def _unmet(findings: dict[str, Finding]) -> Iterator[str]:
    """Name what is not met; who has not written yet cannot be told from when."""
    for reason, found in findings.items():
        is_unknown = reason == "too_early" and not findings["not_contacted"].holds
        if not found.holds and not is_unknown:
            yield reason


def may_file(desk: Desk) -> bool:
    """Say whether the buyer could file any claim on the order now: on any item, for any reason."""
    order = desk.order
    if order.released is None or not desk.state.dossier.contacts or desk.state.dossier.chargeback:
        return False
    claims = desk.state.decided.claims
    free = [line for line in order.lines if not in_the_way(claims, (line.order_item_id,))]
    ways = [way for way in _WAYS if contacts_of(desk.state.dossier, way[0])]
    return any(_is_fileable(line, issue, reason, desk) for line in free for issue, reason in ways)


def _is_fileable(line: Line, issue: Issue, reason: Reason, desk: Desk) -> bool:
    buyer = Actor("buyer", desk.order.buyer_id)
    asked = _attempt((Units(line.order_item_id, 1),), issue, reason, buyer, desk.now, desk)
    return all(check(asked, each).holds for each in _RATHER_NOT)


_RATHER_NOT = ("amount_exceeds_paid", *(reason for reason in CLAIM if reason != "amount_exceeds_paid"))
"""What most often stands against it is looked at first: this is asked after every fact."""
_WAYS: tuple[tuple[Issue, Reason], ...] = (
    ("not_received", "delivered_not_found"),
    ("not_as_expected", "returned_not_refunded"),
)
"""Of each issue the reason that least stands against: what can be filed for another can be filed for it."""


def _attempt(
    lines: tuple[Units, ...], issue: Issue, reason: Reason | None, actor: Actor, at: datetime, desk: Desk
) -> Attempt:
    """Imagine the form: of a smallest amount, and with everything in it that is not asked about."""
    least = desk.money(1)
    form = FileClaim(
        command_id="",
        at=at,
        actor=actor,
        claim_id="",
        lines=lines,
        issue=issue,
        reason=reason,
        description="?",
        wanted="refund",
        amount=least,
        extra_charges=least if reason == "extra_charges" else None,
        evidence=(),
        channel="self",
    )
    policy = desk.policies.in_force(desk.order.marketplace_id, at)
    return attempt(form, desk.state, desk.order, policy, desk.zone, desk.now)
