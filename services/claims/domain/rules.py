"""The rules that decide claims, each from its facts and the policy alone (C1–C4, C6, C10).

`gather.py` reads the facts from what was heard; here nothing else is looked at, so that the decision can be
made again from what was written down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from services.claims.domain.explanation import Facts
from services.claims.domain.money import Money
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
    return judged_at is not None and any(
        _is_silence(asked, judged_at) for asked in facts.groups("information_requested_at")
    )


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
    """Say what a grant by rule pays (C6): what was claimed, at most what is left; no replacement."""
    if facts.value("wanted") != "refund":
        return 0
    return min(facts.minor("claimed_amount"), facts.minor("left_amount"))


def most_minor(facts: Facts) -> int:
    """Say what can be granted or claimed at most (C1, C9): what is left, and documented extra charges."""
    return facts.minor("left_amount") + facts.minor("extra_charges")


# ------------------------------------------------------------------------------------ what a filing must meet


def _is_of_now(facts: Facts, policy: Policy) -> bool:
    filed_at, judged_at = facts.instant("filed_at"), facts.instant("judged_at")
    return filed_at is not None and judged_at is not None and filed_at - judged_at <= policy.ahead


def _is_the_buyer(facts: Facts, _policy: Policy) -> bool:
    return facts.value("filed_by") in {"buyer", "support"}


def _is_a_party(facts: Facts, _policy: Policy) -> bool:
    return facts.value("is_party") is True


def _is_an_amount(facts: Facts, _policy: Policy) -> bool:
    least = 1 if facts.value("wanted") == "refund" else 0
    return facts.minor("claimed_amount") >= least and facts.minor("extra_charges") >= 0


def _is_the_currency(facts: Facts, _policy: Policy) -> bool:
    named = {each.value.currency for each in facts if isinstance(each.value, Money)}
    return named <= {facts.value("currency")}


def _is_complete(facts: Facts, _policy: Policy) -> bool:
    return not facts.value("missing")


def _is_known(facts: Facts, _policy: Policy) -> bool:
    return facts.value("unknown_line") is None


def _is_a_new_id(facts: Facts, _policy: Policy) -> bool:
    return facts.value("claimed_by") is None


def _is_claimable(facts: Facts, _policy: Policy) -> bool:
    released_at, filed_at = facts.instant("released_at"), facts.instant("filed_at")
    return filed_at is not None and in_time(released_at, filed_at) and _is_all("units_not_canceled", facts)


def _is_unclaimed(facts: Facts, _policy: Policy) -> bool:
    return facts.value("claimed_by") is None


def _is_within_paid(facts: Facts, _policy: Policy) -> bool:
    return facts.minor("claimed_amount") <= most_minor(facts)


def _is_undelivered(facts: Facts, _policy: Policy) -> bool:
    is_about_delivery = _is_not_received(facts) and facts.value("reason") != "delivered_not_found"
    return not is_about_delivery or _is_all("units_undelivered", facts)


def _was_contacted(facts: Facts, _policy: Policy) -> bool:
    return any(
        not in_time(contact.instant("resolved_at"), resolve_by)
        for contact in facts.groups("contact_opened_at")
        if (resolve_by := contact.instant("resolve_by")) is not None
    )


def _is_late_enough(facts: Facts, _policy: Policy) -> bool:
    filed_at, eligible_from = facts.instant("filed_at"), facts.instant("eligible_from")
    return filed_at is not None and eligible_from is not None and filed_at >= eligible_from


def _is_early_enough(facts: Facts, _policy: Policy) -> bool:
    filed_at, until = facts.instant("filed_at"), facts.instant("until")
    return filed_at is not None and until is not None and filed_at < until


RULES: Mapping[str, Rule] = {
    "C6.1": _nobody_can_track_it,
    "C6.2": _a_contact_stayed_unanswered,
    "C6.3": _not_shipped_in_time,
    "C6.4": _not_delivered_in_time,
    "C6.5": _the_seller_stayed_silent,
    "C6": _only_silence_granted,
    "C9": _the_investigator_grants,
    "C10": _the_marketplace_pays,
    "C1": _something_is_payable,
}
"""The rules of a decision on a claim."""

CHECKS: Mapping[str, tuple[str, Rule]] = {
    "in_the_future": ("T5", _is_of_now),
    "not_the_buyer": ("C1", _is_the_buyer),
    "not_a_party": ("C1", _is_a_party),
    "wrong_currency": ("C15", _is_the_currency),
    "invalid_amount": ("C15", _is_an_amount),
    "incomplete_form": ("C1", _is_complete),
    "unknown_line": ("C1", _is_known),
    "claim_id_reused": ("C1", _is_a_new_id),
    "order_not_claimable": ("C4", _is_claimable),
    "already_claimed": ("C1", _is_unclaimed),
    "amount_exceeds_paid": ("C1", _is_within_paid),
    "delivered": ("C2", _is_undelivered),
    "not_contacted": ("C2", _was_contacted),
    "too_early": ("C2", _is_late_enough),
    "too_late": ("C4", _is_early_enough),
}
"""What a filing must meet, in the order in which a refusal is given (C4): reason, rule and test."""


def holds(rule: str, facts: Facts, policy: Policy) -> bool:
    """Decide a rule of a decision on a claim. A ground that the policy has switched off never holds."""
    if rule in GROUNDS and rule not in policy.grounds:
        return False
    return RULES[rule](facts, policy)


def is_met(requirement: str, facts: Facts, policy: Policy) -> bool:
    """Decide a requirement of a filing."""
    return CHECKS[requirement][1](facts, policy)
