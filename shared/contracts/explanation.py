"""Why a decision came out as it did: the rules that were looked at, and the facts that each of them read."""

from __future__ import annotations

from shared.contracts.data import Id, Listed, Part, Text, When, Whole
from shared.contracts.lists import FactName, RuleId
from shared.contracts.money import Money

FactValue = bool | Whole | Text | Money
"""Instants and dates are written as everywhere else, in a text."""


class ReadFact(Part):
    """One thing that a rule read: from which event or command, and when that was.

    `value` is absent where there was nothing (no answer); `source_id` and `at` are where nobody said it (the
    instant of judging, a number of the policy).
    """

    name: FactName
    value: FactValue | None = None
    source_id: Id | None = None
    at: When | None = None


class RuleTrace(Part):
    """One rule, whether it holds, by which policy, and what it read."""

    rule: RuleId
    holds: bool
    policy_id: Id
    facts: Listed[ReadFact]


Explanation = Listed[RuleTrace]
