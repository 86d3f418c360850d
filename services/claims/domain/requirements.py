"""What a filing must meet (C1–C4, C15, C16, T5), each decided from its facts and the policy alone.

`filing_facts.py` reads the facts; the order of `CHECKS` is that of the refusals.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.claims.domain.explanation import Facts
from services.claims.domain.money import Money
from services.claims.domain.policy import Policy
from services.claims.domain.rules import Rule, most_minor
from services.claims.domain.windows import in_time


def _is_not_received(facts: Facts) -> bool:
    return facts.value("issue") == "not_received"


def _is_all(name: str, facts: Facts) -> bool:
    return facts.number(name) >= facts.number("units_claimed") > 0


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


def _is_without_chargeback(facts: Facts, _policy: Policy) -> bool:
    filed_at = facts.instant("filed_at")
    return filed_at is not None and not any(
        _was_open(each, filed_at) for each in facts.groups("chargeback_opened_at")
    )


def _was_open(chargeback: Facts, at: datetime) -> bool:
    opened_at, closed_at = (
        chargeback.instant("chargeback_opened_at"),
        chargeback.instant("chargeback_closed_at"),
    )
    return opened_at is not None and opened_at <= at and (closed_at is None or at < closed_at)


def _is_unclaimed(facts: Facts, _policy: Policy) -> bool:
    return facts.value("claimed_by") is None


def _is_within_paid(facts: Facts, _policy: Policy) -> bool:
    return facts.minor("claimed_amount") <= most_minor(facts) and most_minor(facts) > 0


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


CONTESTING = frozenset(
    {"returned_not_refunded", "refunded_wrong_amount", "international_return", "extra_charges"}
)
"""Reasons that say themselves why nothing is to be sent back, or that it was: an investigator judges them."""


def _is_return_policy_followed(facts: Facts, _policy: Policy) -> bool:
    """An authorised return that was never sent is plain; everything that is contested is an investigator's (C4)."""
    filed_at, return_by = facts.instant("filed_at"), facts.instant("return_by")
    authorised_at = facts.instant("return_authorised_at")
    if _is_not_received(facts) or facts.value("reason") in CONTESTING:
        return True
    if filed_at is None or return_by is None or not in_time(authorised_at, return_by):
        return True
    return facts.instant("return_shipped_at") is not None or filed_at < return_by


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
    "chargeback_open": ("C16", _is_without_chargeback),
    "already_claimed": ("C1", _is_unclaimed),
    "amount_exceeds_paid": ("C1", _is_within_paid),
    "delivered": ("C2", _is_undelivered),
    "not_contacted": ("C2", _was_contacted),
    "too_early": ("C2", _is_late_enough),
    "too_late": ("C4", _is_early_enough),
    "return_policy_not_followed": ("C4", _is_return_policy_followed),
}
"""What a filing must meet, in the order in which a refusal is given (C4): reason, rule and test."""


def is_met(requirement: str, facts: Facts, policy: Policy) -> bool:
    """Decide a requirement of a filing."""
    return CHECKS[requirement][1](facts, policy)
