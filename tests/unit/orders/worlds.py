"""Every policy at work: marketplaces for the three that ship, and one that counts from the expected ship date."""

from __future__ import annotations

from dataclasses import replace

from services.orders.handlers import service
from services.orders.translate.policies import Policies
from shared import policies
from shared.policies.catalogue import Catalogue
from shared.policies.model import Marketplace, Policy, Term

MARKETPLACES = ("us", "cn", "jp", "classic-us", "dated-us", "dated-cn")
"""`us` and `jp` are under 2021-en, `cn` under 2021-zh. The dated ones end their cutoff at a local midnight."""


def _moved(marketplace: Marketplace, name: str, policy_id: str) -> Marketplace:
    return marketplace.model_copy(update={"id": name, "policies": (Term(policy=policy_id),)})


def _catalogue() -> Catalogue:
    known = policies.load()
    us, cn = known.marketplaces["us"], known.marketplaces["cn"]
    by_date = known.policies["classic"].orders.model_copy(
        update={"ship_confirmation_from": "expected_ship_date"}
    )
    dated: Policy = known.policies["classic"].model_copy(update={"id": "dated", "orders": by_date})
    more = {
        "classic-us": _moved(us, "classic-us", "classic"),
        "dated-us": _moved(us, "dated-us", "dated"),
        "dated-cn": _moved(cn, "dated-cn", "dated"),
    }
    return replace(
        known,
        policies={**known.policies, "dated": dated},
        marketplaces={**known.marketplaces, **more},
    )


CATALOGUE = _catalogue()
POLICIES = Policies(CATALOGUE)
SERVICE = service(POLICIES)
