"""What findings come to: the decision is read off the explanation, never made beside it (C14)."""

from __future__ import annotations

from typing import Literal, TypeAlias

from services.claims.domain.explanation import Explanation, Facts, Finding
from services.claims.domain.policy import Policy
from services.claims.domain.requirements import is_met
from services.claims.domain.rules import GROUNDS, holds, payable_minor
from services.claims.domain.state import Funding
from shared.values import dataclass

Kind: TypeAlias = Literal["refused", "granted", "denied", "voided", "investigated", "reversed", "upheld"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided. `reason` of a refusal; amount and funding of a grant, or of what an appeal leaves."""

    kind: Kind
    reason: str | None = None
    amount_minor: int = 0
    funding: Funding | None = None
    automatic: bool = True


def outcome(findings: Explanation) -> Outcome:
    """Read the decision off what was found."""
    by_rule = {finding.rule: finding for finding in findings}
    for finding in findings:
        requirement = Facts(finding.facts).text("requirement")
        if requirement is not None and not finding.holds:
            return Outcome("refused", reason=requirement)
    if "C12" in by_rule:
        return _appealed(by_rule)
    if "C9" in by_rule:
        return _decided(by_rule)
    if "C6" in by_rule:
        return Outcome("voided" if by_rule["C6"].holds and not _held(findings) else "granted")
    return _automatic(findings, by_rule)


def _automatic(findings: Explanation, by_rule: dict[str, Finding]) -> Outcome:
    if not _held(findings) or "C1" not in by_rule or not by_rule["C1"].holds:
        return Outcome("investigated")
    amount_minor = payable_minor(Facts(by_rule["C1"].facts))
    return Outcome("granted", amount_minor=amount_minor, funding=_funding(by_rule))


def _decided(by_rule: dict[str, Finding]) -> Outcome:
    facts = Facts(by_rule["C9"].facts)
    if facts.value("decided_outcome") == "refused":
        judgement = Facts(by_rule["C4"].facts).text("judgement")
        return Outcome("refused", judgement, automatic=False)
    if facts.value("decided_outcome") != "granted":
        return Outcome("denied", automatic=False)
    return Outcome(
        "granted", amount_minor=facts.minor("granted_amount"), funding=_funding(by_rule), automatic=False
    )


def _appealed(by_rule: dict[str, Finding]) -> Outcome:
    """A grant that falls gives back what was debited; a denial that falls grants an amount (C12)."""
    facts = Facts(by_rule["C12"].facts)
    was_granted = facts.value("first_outcome") == "granted"
    if not by_rule["C12"].holds:
        return Outcome("upheld", amount_minor=facts.minor("granted_amount"), automatic=False)
    if was_granted:
        amount_minor = facts.minor("debited_amount") if facts.value("reverse_money") is True else 0
        return Outcome("reversed", amount_minor=amount_minor, funding="seller", automatic=False)
    amount_minor = facts.minor("granted_amount")
    return Outcome("reversed", amount_minor=amount_minor, funding=_funding(by_rule), automatic=False)


def _funding(by_rule: dict[str, Finding]) -> Funding:
    return "marketplace" if by_rule["C10"].holds else "seller"


def _held(findings: Explanation) -> bool:
    return any(finding.holds for finding in findings if finding.rule in GROUNDS)


def redecide(explanation: Explanation, policy: Policy) -> Outcome:
    """Decide again, from the explanation's facts and the policy alone; whether a rule held is not believed."""
    return outcome(tuple(_again(finding, policy) for finding in explanation))


def _again(finding: Finding, policy: Policy) -> Finding:
    facts = Facts(finding.facts)
    requirement = facts.text("requirement")
    if requirement is not None:
        return finding._replace(holds=is_met(requirement, facts, policy))
    return finding._replace(holds=holds(finding.rule, facts, policy))
