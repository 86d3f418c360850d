"""Explanations as they cross Kafka, and back: nothing is lost, so the same decision comes out (C14)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter

from services.claims.domain.explanation import Explanation, Fact, Finding, Value
from services.claims.domain.money import Money
from shared.contracts import explanation as said
from shared.contracts.money import Money as SaidMoney

_EXPLANATION: TypeAdapter[said.Explanation] = TypeAdapter(said.Explanation)


def said_of(explanation: Explanation) -> said.Explanation:
    """Say an explanation: checked in one go, as it has some forty facts."""
    return _EXPLANATION.validate_python(
        tuple(
            {
                "rule": finding.rule,
                "holds": finding.holds,
                "policy_id": finding.policy_id,
                "facts": tuple(_said(fact) for fact in finding.facts),
            }
            for finding in explanation
        )
    )


def _said(fact: Fact) -> dict[str, Any]:
    name, value, source_id, at = fact
    if isinstance(value, Money):
        return {"name": name, "value": {"amount_minor": value.amount_minor, "currency": value.currency}} | (
            {"source_id": source_id, "at": at} if source_id else {}
        )
    return {"name": name, "value": value, "source_id": source_id, "at": at}


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
