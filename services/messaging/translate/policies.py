"""The numbers of the domain, filled from the policies and marketplaces."""

from __future__ import annotations

from datetime import datetime

from services.messaging.domain.model import Policy
from shared.contracts import orders
from shared.contracts.data import Data
from shared.contracts.envelope import Unreadable
from shared.policies import Catalogue


class Policies:
    """The domain's policies, each made once. A contact keeps the one in force when it was opened (P1)."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._made: dict[tuple[str, str], Policy] = {}

    def check(self, data: Data) -> Unreadable | None:
        """Refuse to read an order of a marketplace that the policies do not know."""
        if not isinstance(data, orders.OrderReceived) or self._catalogue.knows_marketplace(
            data.marketplace_id
        ):
            return None
        return Unreadable("unknown_marketplace", "marketplace_id is none that the policies know")

    def in_force(self, marketplace_id: str, at: datetime) -> Policy:
        """Return the policy in force at an instant."""
        key = self._catalogue.policy_in_force(marketplace_id, at).id, marketplace_id
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(*key)
        return made

    def _make(self, policy_id: str, marketplace_id: str) -> Policy:
        policy = self._catalogue.policy(policy_id)
        known = self._catalogue.marketplace(marketplace_id).untracked
        return Policy(
            policy_id=policy.id,
            ahead=policy.commands.ahead,
            response_window=policy.messaging.response,
            resolution_window=policy.messaging.resolution,
            forms={code: self._catalogue.carriers[code].has_form for code in known},
        )
