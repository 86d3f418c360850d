"""Which scenarios show which rule: printed, and kept as a page by `python -m tests.support.scenarios.table`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.scenarios.reading import Scenario, every

PAGE = Path(__file__).parents[3] / "docs" / "scenarios.md"

RULES: Mapping[str, str] = {
    "P1": "Policies are dated; what began under one stays under it.",
    "P2": "Three policies ship, and differ where they say.",
    "P4": "A back-test says what another policy would have decided.",
    "T1": "A deadline takes effect once and never early.",
    "T2": "A fired deadline asks; it does not command.",
    "T3": "All services read one clock, which can be moved.",
    "T4": "Hours are exact; what counts from a date ends at midnight there.",
    "T5": "In time is judged by when a thing happened.",
    "O1": "Stock is reserved; what it cannot cover is canceled.",
    "O2": "Thirty minutes in which the buyer may cancel.",
    "O3": "Verification ends well, waits, or cancels; at last after 21 days.",
    "O4": "A pending order cannot be acted on by the seller.",
    "O5": "A seller is not told of what was never theirs; stock is given back.",
    "O6": "What the buyer cancels shows as canceled.",
    "O7": "Released: the buyer's confirmation, and the seller's Sold, Ship Now.",
    "O8": "A late release moves the promised dates.",
    "O9": "The seller fulfils or cancels; the buyer may leave feedback.",
    "O10": "Shipment is confirmed by lines and quantities, in parts.",
    "O11": "What is not confirmed in 30 days is canceled.",
    "O12": "A warning a week before that.",
    "O13": "The address changes only as asked by message.",
    "O14": "The address is shown to nobody else, and nowhere else.",
    "O15": "What makes a number valid, a scan count, an order delivered.",
    "O17": "A seller may refund, in whole or in part.",
    "M1": "Two channels; every message is kept.",
    "M2": "A contact and its two clocks.",
    "M3": "A clock that runs out; an answer in time read late.",
    "M4": "A return, from its request to its refund.",
    "M5": "No messages about a pending order, no clocks on a canceled one.",
    "M6": "A message is never altered; a person can be forgotten.",
    "C1": "What a claim names, and how much it may ask for.",
    "C2": "Item not received: from when.",
    "C3": "Item not as expected: from when.",
    "C4": "Why a filing is not accepted, in order.",
    "C5": "The seller is told of the claim.",
    "C6": "Granted automatically, voided by an answer in time.",
    "C6.1": "Nobody can track it.",
    "C6.2": "No response within the window.",
    "C6.3": "Not shipped by the expected ship date.",
    "C6.4": "Not delivered by the estimated delivery date.",
    "C6.5": "Silence about the claim, or about a question.",
    "C7": "Withdrawn by the buyer.",
    "C8": "Refunded by the seller, at once or when it is back.",
    "C9": "An investigator asks, and decides.",
    "C10": "Who pays for a grant.",
    "C11": "Appeals: once, in time, by whom it went against.",
    "C12": "Someone else decides the appeal, money and defect apart.",
    "C13": "Without an appeal the claim closes.",
    "C14": "Every decision is explained, and comes out again.",
    "C15": "Money adds up, in one currency.",
    "C16": "A chargeback lets the claim stand still.",
    "C17": "No claim is forgotten.",
    "H1": "Order defect rate.",
    "H2": "Cancellation rate, and answers in time.",
    "H3": "A seller may contest what is counted.",
    "N1": "Who is told of what.",
    "N2": "In the recipient's language, with instants and the currency's form.",
    "N3": "The same mail once, and later when the address comes later.",
}
"""Every rule that a scenario can show, each with its sentence."""
ELSEWHERE: Mapping[str, str] = {
    "O16": "Reports are files, made at the edge: no event tells of them.",
    "P3": "A policy is judged before anything starts: `tests/unit/policies/test_policies.py`.",
}
"""Rules that no scenario shows, and why. Of O10 the parsing of files belongs to the edge as well."""


def by_rule(scenarios: Sequence[Scenario]) -> Mapping[str, Sequence[Scenario]]:
    """Return the scenarios of each rule."""
    return {rule: [each for each in scenarios if rule in each.rules] for rule in RULES}


def page(scenarios: Sequence[Scenario]) -> str:
    """Write the page."""
    shown = by_rule(scenarios)
    rows = [f"| {rule} | {RULES[rule]} | {len(found)} | {_links(found)} |" for rule, found in shown.items()]
    stories = [f"| [{each.name}]({_path(each)}) | {each.title} | {_differs(each)} |" for each in scenarios]
    return "\n".join(
        [
            "# Scenarios",
            "",
            "Made from `tests/scenarios` by `python -m tests.support.scenarios.table`; a test compares it.",
            "",
            f"{len(scenarios)} stories of the rulebook, each a file that can be read without knowing the code: who",
            "does what and when, and what is to come of it: facts, money, mails, ends. Each runs under all three",
            "policies, in memory (`tests/unit/scenarios/test_scenarios.py`) and through a real Kafka and PostgreSQL",
            "(`tests/e2e/test_scenarios.py`). What differs under another policy is written down in the file, with its",
            "reason. What a fact offers is tried on every one of them (`tests/unit/scenarios/test_actions.py`).",
            "`python -m tests.support.scenarios NAME` shows what comes of one.",
            "",
            "## Which scenarios show which rule",
            "",
            "| rule | | | scenarios |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            "Not shown by scenarios:",
            "",
            *(f"- **{rule}**: {why}" for rule, why in ELSEWHERE.items()),
            "",
            "## All of them",
            "",
            "| scenario | what it tells | differs under |",
            "| --- | --- | --- |",
            *stories,
            "",
        ]
    )


def _path(scenario: Scenario) -> str:
    return f"../tests/scenarios/{scenario.name}.yaml"


def _links(found: Sequence[Scenario]) -> str:
    return ", ".join(f"[{each.name}]({_path(each)})" for each in found)


def _differs(scenario: Scenario) -> str:
    return ", ".join(scenario.under)


def printed(scenarios: Sequence[Scenario]) -> str:
    """Write the table of rules and scenarios for a terminal: a line a rule."""
    lines = [
        f"{rule:<5} {len(found):>3}  {', '.join(each.name for each in found)}"
        for rule, found in by_rule(scenarios).items()
    ]
    return "\n".join([*lines, *(f"{rule:<5}   –  {why}" for rule, why in ELSEWHERE.items())])


def main() -> None:
    """Print the table, and write the page."""
    scenarios = every()
    sys.stdout.write(printed(scenarios) + "\n")
    PAGE.write_text(page(scenarios), "utf-8")


if __name__ == "__main__":
    main()
