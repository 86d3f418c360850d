"""Each rule of the rulebook has a scenario, and the page says which."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.claims.domain.rules import GROUNDS
from shared.contracts import lists
from tests.support.scenarios import table
from tests.support.scenarios.reading import ScenarioError, every, read
from tests.support.scenarios.speaking import VERBS

SCENARIOS = every()
SCENARIOS_MIN = 100


def test_each_rule_has_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{table.printed(SCENARIOS)}")  # noqa: T201  the table is what this test is read for
    assert [rule for rule, found in table.by_rule(SCENARIOS).items() if not found] == []
    assert len(SCENARIOS) >= SCENARIOS_MIN


def test_every_rule_that_anything_is_refused_or_decided_by_is_in_the_table() -> None:
    said = set(lists.RULES) - {"E1"}
    assert said - set(table.RULES) == set()


def test_a_scenario_names_only_rules_that_there_are() -> None:
    known = set(table.RULES)
    assert {each.name: sorted(set(each.rules) - known) for each in SCENARIOS if set(each.rules) - known} == {}
    assert [each.name for each in SCENARIOS if not each.rules] == []


def test_all_five_grounds_and_all_refusals_of_a_filing_are_among_what_is_expected() -> None:
    expected = "\n".join(str(each.expect.sections.get("claims")) for each in SCENARIOS)
    refusals = (
        "incomplete_form", "order_not_claimable", "chargeback_open", "already_claimed", "amount_exceeds_paid",
        "delivered", "not_contacted", "too_early", "too_late", "return_policy_not_followed",
        "no_clear_justification",
    )  # fmt: skip
    assert [ground for ground in GROUNDS if ground not in expected] == []
    assert [refusal for refusal in refusals if f"'reason': '{refusal}'" not in expected] == []


def test_every_verb_that_a_step_may_have_is_used() -> None:
    used = {step.verb for scenario in SCENARIOS for step in scenario.steps}
    assert set(VERBS) - used == set()


def test_the_page_is_made_from_the_scenarios() -> None:
    assert table.PAGE.read_text("utf-8") == table.page(SCENARIOS), (
        "run python -m tests.support.scenarios.table"
    )


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("title: t\nrules: [O1]\nstory: []", "story is not known"),
        ("title: t\nrules: [O1]\nsteps: [{buyer: writes}]", "says not when"),
        ("title: t\nrules: [O1]\nsteps: [{at: day 1 09:00, nobody-known: writes}]", "names nobody of"),
        ("title: t\nrules: [O1]\nunder: {classic: {money: []}}", "says not why it differs"),
        ("title: t\nrules: [O1]\nexpect: {mony: []}", "mony is not known"),
    ],
)
def test_a_scenario_with_a_word_that_is_not_known_says_so(tmp_path: Path, written: str, why: str) -> None:
    file = tmp_path / "a-story.yaml"
    file.write_text(written)
    with pytest.raises(ScenarioError, match=f"a-story.yaml: .*{why}"):
        read(file)
