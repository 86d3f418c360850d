"""Explanations as they cross Kafka, and back: nothing is lost, so the same decision comes out (C14)."""

from __future__ import annotations

from collections.abc import Iterable

from services.claims.domain.explanation import Explanation, Fact, Finding, Value
from services.claims.domain.money import Money
from shared.contracts import explanation as said
from shared.contracts.money import Money as SaidMoney


def said_of(explanation: Explanation) -> said.Explanation:
    """Say an explanation."""
    return tuple(
        said.RuleTrace(
            rule=finding.rule,
            holds=finding.holds,
            policy_id=finding.policy_id,
            facts=tuple(_said(fact) for fact in finding.facts),
        )
        for finding in explanation
    )


def _said(fact: Fact) -> said.ReadFact:
    value: said.FactValue | None
    if isinstance(fact.value, Money):
        value = SaidMoney(amount_minor=fact.value.amount_minor, currency=fact.value.currency)
    else:
        value = fact.value
    return said.ReadFact(name=fact.name, value=value, source_id=fact.source_id, at=fact.at)


def explanation_of(traces: Iterable[said.RuleTrace]) -> Explanation:
    """Read an explanation."""
    return tuple(
        Finding(trace.rule, trace.holds, trace.policy_id, tuple(_read(fact) for fact in trace.facts))
        for trace in traces
    )


def _read(fact: said.ReadFact) -> Fact:
    found = fact.value
    value: Value = Money(found.amount_minor, found.currency) if isinstance(found, SaidMoney) else found
    return Fact(fact.name, value, fact.source_id, fact.at)
