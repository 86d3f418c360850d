"""Every refusal has a code, its rules, and words in both languages; the page says what the code says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.refusals import PAGE, ROOT, Refusal, page, refusals, rules
from shared.contracts import lists
from shared.kit import operations

RULE = re.compile(r"E1|T5|[OMCH][1-9][0-9]?")
SERVICES = ("orders", "messaging", "claims", "performance")


def test_the_page_is_made_from_the_code() -> None:
    assert (ROOT / PAGE).read_text("utf-8") == page(), "run python -m services.cli.refusals"


@pytest.mark.parametrize("refusal", refusals(), ids=lambda each: f"{each.service} {each.code}")
def test_a_refusal_has_rules_and_words_in_both_languages(refusal: Refusal) -> None:
    assert refusal.code in lists.REFUSALS
    assert refusal.rules
    assert set(refusal.rules) <= set(lists.RULES)
    assert refusal.words.en.endswith(".")
    assert re.search(r"[\u4e00-\u9fff]", refusal.words.zh)
    assert refusal.words.zh.endswith("。")
    named = [set(re.findall(r"{(\w+)}", text)) for text in (refusal.words.en, refusal.words.zh)]
    assert named[0] == named[1]


def test_every_code_of_the_contract_is_somebodys() -> None:
    assert {refusal.code for refusal in refusals()} == set(lists.REFUSALS)


def test_operators_hear_why_in_both_languages() -> None:
    assert set(operations.CHINESE) == set(lists.OPERATION_REFUSALS)


@pytest.mark.parametrize("service", SERVICES)
def test_the_rules_that_are_listed_are_those_that_the_code_names(service: str) -> None:
    """Wherever a service writes a rule next to a code of a refusal, the pair is listed."""
    found = set(_written(service))
    listed = {(rule, code) for code, named in rules()[service].items() for rule in named}
    listed |= {(each.rules[0], each.code) for each in refusals() if each.service == service}
    assert found - listed == set()
    assert found or service == "orders", "orders has a table of its own"


def _written(service: str) -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "services" / service).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield from _pair(node)


def _pair(call: ast.Call) -> Iterator[tuple[str, str]]:
    """Give a rule with the codes that follow it among the arguments of a call, one of several included."""
    for rule, code in zip(call.args, call.args[1:], strict=False):
        if isinstance(rule, ast.Constant) and RULE.fullmatch(str(rule.value)):
            for each in (code.body, code.orelse) if isinstance(code, ast.IfExp) else (code,):
                if isinstance(each, ast.Constant) and each.value in lists.REFUSALS:
                    yield str(rule.value), str(each.value)


def test_the_page_stands_where_others_look_for_it() -> None:
    assert Path("docs/contracts/words.md").parent == PAGE.parent
