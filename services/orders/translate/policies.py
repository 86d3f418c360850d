"""The numbers of the domain, filled from the policies and marketplaces."""

from __future__ import annotations

from datetime import datetime

from services.orders.domain.model import Carrier, Placed, Policy
from shared.policies.catalogue import Catalogue


class Policies:
    """The domain's policies, each made once. An order keeps the one in force when it was placed (P1)."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._made: dict[tuple[str, str], Policy] = {}

    def knows_marketplace(self, marketplace_id: str) -> bool:
        """Say whether orders can be placed there."""
        return self._catalogue.knows_marketplace(marketplace_id)

    def id_in_force(self, marketplace_id: str, at: datetime) -> str:
        """Name the policy in force at an instant."""
        return self._catalogue.policy_in_force(marketplace_id, at).id

    def of(self, placed: Placed | None) -> Policy:
        """Return the policy of an order. Before there is one, nothing is judged, and any policy will do."""
        if placed is not None:
            return self._policy(placed.policy_id, placed.marketplace_id)
        return self._policy(next(iter(self._catalogue.policies)), next(iter(self._catalogue.marketplaces)))

    def _policy(self, policy_id: str, marketplace_id: str) -> Policy:
        made = self._made.get((policy_id, marketplace_id))
        if made is None:
            made = self._made[policy_id, marketplace_id] = self._make(policy_id, marketplace_id)
        return made

    def _make(self, policy_id: str, marketplace_id: str) -> Policy:
        policy = self._catalogue.policy(policy_id)
        marketplace = self._catalogue.marketplace(marketplace_id)
        return Policy(
            policy_id=policy.id,
            time_zone=marketplace.time_zone,
            hold=policy.orders.hold,
            verification=policy.orders.verification,
            ship_confirmation=policy.orders.ship_confirmation,
            ship_confirmation_from=policy.orders.ship_confirmation_from,
            ship_confirmation_settle=policy.orders.ship_confirmation_settle,
            ship_by_warning=policy.orders.ship_by_warning,
            ahead_max=policy.commands.ahead,
            ship_date_after_scan_max=policy.orders.ship_date_after_scan,
            carriers={
                code: Carrier(untracked, self._catalogue.carriers[code].has_form)
                for code, untracked in marketplace.untracked.items()
            },
        )
