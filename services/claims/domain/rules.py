"""The rules that decide claims, each from its facts and the policy alone (C1, C4, C6, C9–C12).

`gather.py` reads the facts from what was heard; here nothing else is looked at, so that the decision can be
made again from what was written down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from services.claims.domain.explanation import Facts
from services.claims.domain.policy import Policy
from services.claims.domain.windows import in_time, is_missed

Rule: TypeAlias = Callable[[Facts, Policy], bool]

GROUNDS = ("C6.1", "C6.2", "C6.3", "C6.4", "C6.5")
"""What grants a claim by itself. All are always looked at, in this order."""
STANDING_GROUNDS = frozenset({"C6.1", "C6.3", "C6.4"})
"""Grounds that no answer takes back: a scan or a confirmation read late voids nothing."""


def _nobody_can_track_it(facts: Facts, _policy: Policy) -> bool:
    return _is_not_received(facts) and _is_all("units_untracked", facts)


def _a_contact_stayed_unanswered(facts: Facts, _policy: Policy) -> bool:
    judged_at = facts.instant("judged_at")
    return any(_is_unanswered(contact, judged_at) for contact in facts.groups("contact_opened_at"))


def _is_unanswered(contact: Facts, judged_at: datetime | None) -> bool:
    respond_by = contact.instant("respond_by")
    if judged_at is None or respond_by is None:
        return False
    is_settled = in_time(contact.instant("resolved_at"), respond_by)
    return not is_settled and is_missed(contact.instant("responded_at"), respond_by, judged_at)


def _not_shipped_in_time(facts: Facts, _policy: Policy) -> bool:
    return (
        _is_plainly_not_received(facts)
        and _has_come("ship_by", facts)
        and _is_all("units_not_shipped", facts)
    )


def _not_delivered_in_time(facts: Facts, _policy: Policy) -> bool:
    return (
        _is_plainly_not_received(facts)
        and _has_come("deliver_by", facts)
        and _is_all("units_undelivered", facts)
    )


def _the_seller_stayed_silent(facts: Facts, _policy: Policy) -> bool:
    judged_at = facts.instant("judged_at")
    return judged_at is not None and (
        any(_is_unanswered_claim(asked, judged_at) for asked in facts.groups("claim_answer_due_at", *_CLOCKS))
        or any(is_not_refunded(back, judged_at) for back in facts.groups("return_received_at", *_CLOCKS))
        or any(_is_silence(asked, judged_at) for asked in facts.groups("information_requested_at", *_CLOCKS))
    )


_CLOCKS = ("claim_answer_due_at", "return_received_at", "information_requested_at")
"""The first fact of each clock of C6.5."""


def _is_unanswered_claim(asked: Facts, judged_at: datetime) -> bool:
    due_at = asked.instant("claim_answer_due_at")
    return due_at is not None and is_missed(asked.instant("claim_answered_at"), due_at, judged_at)


def is_not_refunded(back: Facts, judged_at: datetime) -> bool:
    """Say whether a seller who asked for the item back let the time to refund it pass (C8)."""
    due_at = back.instant("return_refund_due_at")
    return due_at is not None and is_missed(back.instant("refunded_at"), due_at, judged_at)


def _is_silence(asked: Facts, judged_at: datetime) -> bool:
    due_at = asked.instant("information_due_at")
    if due_at is None or asked.value("on_silence") != "grant":
        return False
    return is_missed(asked.instant("information_provided_at"), due_at, judged_at)


def _the_marketplace_pays(facts: Facts, _policy: Policy) -> bool:
    return facts.value("fulfilment") == "marketplace" or (
        _is_not_received(facts) and _is_all("units_protected", facts)
    )


def _something_is_payable(facts: Facts, _policy: Policy) -> bool:
    return payable_minor(facts) > 0


def _only_silence_granted(facts: Facts, _policy: Policy) -> bool:
    """Say whether an answer can take the grant back: no ground held that no answer changes."""
    return STANDING_GROUNDS.isdisjoint((facts.text("held_at_grant") or "").split(","))


def _the_investigator_grants(facts: Facts, _policy: Policy) -> bool:
    return facts.value("decided_outcome") == "granted"


def _the_investigator_refuses(facts: Facts, _policy: Policy) -> bool:
    return facts.value("judgement") in {"return_policy_not_followed", "no_clear_justification"}


def _the_appeal_is_in_order(facts: Facts, _policy: Policy) -> bool:
    appealed_at, until = facts.instant("appealed_at"), facts.instant("appeal_until")
    is_another = facts.value("decided_by") != facts.value("first_decided_by")
    return until is not None and in_time(appealed_at, until) and is_another


def _the_first_decision_falls(facts: Facts, _policy: Policy) -> bool:
    return facts.value("reverse_money") is True or facts.value("reverse_defect") is True


def _is_not_received(facts: Facts) -> bool:
    return facts.value("issue") == "not_received"


def _is_plainly_not_received(facts: Facts) -> bool:
    return _is_not_received(facts) and facts.value("reason") is None


def _has_come(name: str, facts: Facts) -> bool:
    due_at, judged_at = facts.instant(name), facts.instant("judged_at")
    return due_at is not None and judged_at is not None and judged_at >= due_at


def _is_all(name: str, facts: Facts) -> bool:
    """Say whether it is true of every unit that is claimed: a ground for a part is an investigator's."""
    return facts.number(name) >= facts.number("units_claimed") > 0


def payable_minor(facts: Facts) -> int:
    """Say what a grant by rule pays (C6): what was claimed and not refunded since, at most what is left.

    A replacement is an investigator's.
    """
    if facts.value("wanted") != "refund":
        return 0
    return max(
        0, min(facts.minor("claimed_amount") - facts.minor("refunded_amount"), facts.minor("left_amount"))
    )


def most_minor(facts: Facts) -> int:
    """Say what can be granted or claimed at most (C1, C9): what is left, and documented extra charges."""
    return facts.minor("left_amount") + facts.minor("extra_charges")


RULES: Mapping[str, Rule] = {
    "C6.1": _nobody_can_track_it,
    "C6.2": _a_contact_stayed_unanswered,
    "C6.3": _not_shipped_in_time,
    "C6.4": _not_delivered_in_time,
    "C6.5": _the_seller_stayed_silent,
    "C6": _only_silence_granted,
    "C9": _the_investigator_grants,
    "C4": _the_investigator_refuses,
    "C11": _the_appeal_is_in_order,
    "C12": _the_first_decision_falls,
    "C10": _the_marketplace_pays,
    "C1": _something_is_payable,
}
"""The rules of a decision on a claim."""


def holds(rule: str, facts: Facts, policy: Policy) -> bool:
    """Decide a rule of a decision on a claim. A ground that the policy has switched off never holds."""
    if rule in GROUNDS and rule not in policy.grounds:
        return False
    return RULES[rule](facts, policy)
