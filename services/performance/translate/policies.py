"""The numbers of the domain, filled from the policies and marketplaces (P1)."""

from __future__ import annotations

from services.performance.domain.policy import Numbers, Policies
from shared.policies.catalogue import Catalogue
from shared.policies.model import Policy


def policies_of(catalogue: Catalogue) -> Policies:
    """Fill in every policy once."""
    return Policies(
        numbers={policy_id: _numbers(found) for policy_id, found in catalogue.policies.items()},
        zones={id_: found.time_zone for id_, found in catalogue.marketplaces.items()},
        in_force_id=lambda marketplace_id, at: catalogue.policy_in_force(marketplace_id, at).id,
    )


def _numbers(found: Policy) -> Numbers:
    return Numbers(
        policy_id=found.id,
        ahead=found.commands.ahead,
        order_defect_days=found.performance.order_defect_days,
        order_defect_target=found.performance.order_defect_target,
        cancellation_days=found.performance.cancellation_days,
        cancellation_target=found.performance.cancellation_target,
        answered_within=found.performance.answered_within,
        answered_days=found.performance.answered_days,
        answered_target=found.performance.answered_target,
        negative_rating_max=found.performance.negative_rating_max,
    )
