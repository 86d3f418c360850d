"""May this claim be filed? (C1–C4). Of several reasons against it, the first in the order of C4 is given."""

from __future__ import annotations

from collections.abc import Sequence

from services.claims.domain.events import ClaimFiled, ClaimRefused, Event
from services.claims.domain.evolve import apply
from services.claims.domain.explanation import Explanation, Facts, Finding, fact
from services.claims.domain.filing_facts import GATHER, Attempt, attempt
from services.claims.domain.inputs import FileClaim
from services.claims.domain.judging import Desk, grant_by_rule
from services.claims.domain.refusal import Refusal
from services.claims.domain.requirements import CHECKS
from services.claims.domain.rules import most_minor
from services.claims.domain.state import claim_of
from shared.values import replace

CLAIMS_MAX = 200
"""Claims of one order; its state must stay small."""


def file_claim(command: FileClaim, desk: Desk) -> Sequence[Event]:
    """Accept a filing and judge it at once, or refuse it with the reason, the rule, and what would help."""
    known = claim_of(desk.state, command.claim_id)
    if known is not None and known.case.filing.source.id == command.command_id:
        return ()
    if len(desk.state.decided.claims) >= CLAIMS_MAX:
        too_large = Refusal("E1", "too_large")
        return [ClaimRefused(command.command_id, command.claim_id, too_large, None, (), desk.now)]
    policy = desk.policies.in_force(desk.order.marketplace_id, command.at)
    explanation, refusal = judge(attempt(command, desk.state, desk.order, policy, desk.zone, desk.now))
    if refusal is not None:
        return [
            ClaimRefused(
                command.command_id, command.claim_id, refusal, policy.policy_id, explanation, desk.now
            )
        ]
    respond_by = command.at + policy.answer_window if policy.answer_window else None
    filed = ClaimFiled(command, policy.policy_id, respond_by)
    after = replace(desk, state=apply(desk.state, [filed]))
    claim = after.state.decided.claims[-1]
    return [filed, *grant_by_rule(after, claim.case, desk.now)]


def judge(filing: Attempt) -> tuple[Explanation, Refusal | None]:
    """Look at one requirement after the other, until one is not met."""
    findings: list[Finding] = []
    for reason in CHECKS:
        finding = check(filing, reason)
        findings.append(finding)
        if not finding.holds:
            return tuple(findings), _refusal(filing, finding, reason)
    return tuple(findings), None


def check(filing: Attempt, reason: str) -> Finding:
    """Look at one requirement; `holds` says that it is met."""
    rule, holds = CHECKS[reason]
    if rule == "C2" and filing.command.issue == "not_as_expected":
        rule = "C3"
    facts = (fact("requirement", reason), *GATHER[reason](filing))
    return Finding(rule, holds(Facts(facts), filing.policy), filing.policy.policy_id, facts)


def _refusal(filing: Attempt, finding: Finding, reason: str) -> Refusal:
    facts = Facts(finding.facts)
    missing = facts.text("missing")
    return Refusal(
        rule=finding.rule,
        reason=reason,
        eligible_from=facts.instant("eligible_from"),
        until=facts.instant("until") or facts.instant("return_by"),
        max_amount=(
            filing.subject.money(max(0, most_minor(facts))) if reason == "amount_exceeds_paid" else None
        ),
        missing=tuple(missing.split(",")) if missing else (),
    )
