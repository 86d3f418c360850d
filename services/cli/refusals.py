"""Every refusal there is: its code, the rules that give it, who says it, and what people read, in both languages.

`python -m services.cli.refusals` writes the page; a test compares it. The words are the services' own; the rules are
listed here where a service has no table of them, and compared with its code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.claims.domain.requirements import CHECKS
from services.claims.templates import refusals as claims
from services.messaging import templates as messaging
from services.orders import templates as orders
from services.orders.domain.refusals import REFUSALS as ORDERS_RULES
from services.performance.templates import refusals as performance
from shared.contracts import lists
from shared.contracts.data import Words
from shared.kit import operations

ROOT = Path(__file__).parents[2]
PAGE = Path("docs/contracts/refusals.md")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What one service says when it does not follow a command. Braces stand for what is filled in."""

    code: str
    rules: tuple[str, ...]
    service: str
    words: Words


_CLAIMS_RULES: Mapping[str, tuple[str, ...]] = {
    "unknown_order": ("E1",),
    "unknown_claim": ("C9",),
    "unknown_request": ("C9",),
    "in_the_future": ("T5",),
    "too_large": ("E1",),
    "not_permitted": ("C1", "C7", "C8", "C9", "C11", "C12"),
    "wrong_currency": ("C15",),
    "invalid_amount": ("C9", "C12", "C15"),
    "incomplete_form": ("C1", "C9", "C11", "C12"),
    "already_claimed": ("C1",),
    "claim_decided": ("C1", "C7", "C8", "C9"),
    "chargeback_open": ("C16",),
    "already_answered": ("C9",),
    "amount_exceeds_left": ("C9", "C12"),
    "nothing_to_return": ("C8",),
    "return_already_required": ("C8",),
    "already_received": ("C8",),
    "no_clear_justification": ("C4",),
    "return_policy_not_followed": ("C4",),
    "already_appealed": ("C11",),
    "not_appealable": ("C11",),
    "no_appeal": ("C12",),
    "same_investigator": ("C12",),
}
"""Those of commands and of judgements; a filing's stand in its requirements."""

_MESSAGING_RULES: Mapping[str, tuple[str, ...]] = {
    "unknown_order": ("E1",),
    "in_the_future": ("T5",),
    "too_large": ("E1",),
    "not_a_party": ("M1",),
    "not_the_buyer": ("M2", "M4"),
    "not_the_seller": ("M4",),
    "too_many_messages": ("M1",),
    "message_id_reused": ("M6",),
    "order_pending": ("M5",),
    "order_canceled": ("M4",),
    "unknown_contact": ("M2", "M4"),
    "unknown_line": ("M4",),
    "already_resolved": ("M2", "M4"),
    "no_return": ("M4",),
    "incomplete_form": ("M4",),
    "too_many_units": ("M4",),
    "already_answered": ("M4",),
    "no_way_to_return": ("M4",),
    "not_authorised": ("M4",),
    "already_shipped_back": ("M4",),
    "not_shipped_back": ("M4",),
    "already_received": ("M4",),
}

_PERFORMANCE_RULES: Mapping[str, tuple[str, ...]] = {
    "unknown_order": ("E1",),
    "in_the_future": ("T5",),
    "too_large": ("E1",),
    "not_the_seller": ("H3",),
    "not_the_investigator": ("H3",),
    "unknown_defect": ("H3",),
    "unknown_contest": ("H3",),
    "taken_back": ("H3",),
    "already_contested": ("H3",),
    "contest_id_reused": ("H3",),
    "contest_decided": ("H3",),
}


def rules() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return by service and code the rules that a refusal may name."""
    return {
        "orders": _orders_rules(),
        "messaging": _MESSAGING_RULES,
        "claims": _claims_rules(),
        "performance": _PERFORMANCE_RULES,
    }


def _orders_rules() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {"unknown_order": {"E1"}}
    for reasons in ORDERS_RULES.values():
        for reason, rule in reasons.items():
            found.setdefault(reason, set()).add(rule)
    return {reason: _sorted(named) for reason, named in found.items()}


def _claims_rules() -> Mapping[str, tuple[str, ...]]:
    """Put what a filing must meet with the rest; C3 is to *not as expected* what C2 is to *not received*."""
    found = {reason: set(named) for reason, named in _CLAIMS_RULES.items()}
    for rule, reason in claims.BY_RULE:
        found.setdefault(reason, set()).discard(rule)
    for reason, (rule, _) in CHECKS.items():
        found.setdefault(reason, set()).update({rule, "C3"} if rule == "C2" else {rule})
    found["delivered"].discard("C3")
    return {reason: _sorted(named) for reason, named in found.items()}


def refusals() -> Sequence[Refusal]:
    """Return all of them, by code and service."""
    words: Mapping[str, Mapping[str, Words]] = {
        "orders": {str(code): said for code, said in orders.REFUSALS.items()},
        "messaging": {str(code): said for code, said in messaging.REFUSALS.items()},
        "claims": claims.REFUSALS,
        "performance": {str(code): said for code, said in performance.REFUSALS.items()},
    }
    found = [
        Refusal(code, rules()[service][code], service, said)
        for service, by_code in words.items()
        for code, said in by_code.items()
    ]
    found += [Refusal(code, (rule,), "claims", said) for (rule, code), said in claims.BY_RULE.items()]
    return sorted(found, key=lambda each: (each.code, each.service, _key(each.rules[0])))


def _sorted(named: set[str]) -> tuple[str, ...]:
    return tuple(sorted(named, key=_key))


def _key(rule: str) -> tuple[str, float]:
    return rule[0], float(re.sub(r"[^0-9.]", "", rule))


# ------------------------------------------------------------------------------------------------- the page


def page() -> str:
    """Return the page."""
    return "\n".join(_lines()) + "\n"


_HEAD = """\
<!-- Generated by `python -m services.cli.refusals`: change the service's own words. -->

# Refusals

What is said when a command is not followed: `reason` of `<owner>.command_refused` and `claims.claim_refused`, with
`rule` and `message`. Braces stand for what is filled in: an amount, an instant in the marketplace's time zone, what is
missing. The codes' meanings are in [words.md](words.md#refusals).
"""


def _lines() -> Iterator[str]:
    yield _HEAD
    yield _row("code", "rules", "service", "English", "中文")
    yield _row(*("---" for _ in range(5)))
    for each in refusals():
        yield _row(f"`{each.code}`", ", ".join(each.rules), each.service, each.words.en, each.words.zh)
    yield ""
    yield "## Of operators' commands"
    yield ""
    yield "`reason` of `operations.refused`, by every service."
    yield ""
    yield _row("code", "English", "中文")
    yield _row(*("---" for _ in range(3)))
    for code, sentence in lists.OPERATION_REFUSALS.items():
        yield _row(f"`{code}`", sentence, operations.CHINESE[code])


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


if __name__ == "__main__":
    (ROOT / PAGE).write_text(page(), encoding="utf-8")
