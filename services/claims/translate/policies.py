"""The numbers of the domain, filled from the policies and marketplaces (P1)."""

from __future__ import annotations

from services.claims.domain.policy import Policies, Policy
from shared.policies.catalogue import Catalogue
from shared.policies.model import Policy as Shipped


def policies_of(catalogue: Catalogue) -> Policies:
    """Fill in every policy once."""
    return Policies(
        numbers={policy_id: _policy(found) for policy_id, found in catalogue.policies.items()},
        zones={id_: found.time_zone for id_, found in catalogue.marketplaces.items()},
        in_force_id=lambda marketplace_id, at: catalogue.policy_in_force(marketplace_id, at).id,
    )


def _policy(found: Shipped) -> Policy:
    return Policy(
        policy_id=found.id,
        ahead=found.commands.ahead,
        filing_wait_days=found.claims.filing_wait_days,
        filing_window_days=found.claims.filing_window_days,
        grounds=frozenset(ground for ground, grants in found.claims.grounds.items() if grants),
        information_window=found.claims.information,
        on_silence=found.claims.information_silence,
        appeal_window=found.claims.appeal,
        answer_window=found.claims.answer,
        return_window_days=found.claims.return_window_days,
        return_send=found.claims.return_send,
        return_refund=found.claims.return_refund,
    )
