"""The services as their composition roots describe them to the kit, for a peer that runs them another way."""

from __future__ import annotations

from shared import policies
from shared.kit.service import Service


def described(name: str) -> Service:
    """Describe a service by its name. Raises KeyError for one that no peer stands in for."""
    from services.claims.handlers import service as claims
    from services.messaging.handlers import service as messaging
    from services.notifications.handlers import service as notifications
    from services.orders.handlers import service as orders
    from services.orders.translate.policies import Policies
    from services.performance.handlers import service as performance

    catalogue = policies.load()
    return {
        "orders": lambda: orders(Policies(catalogue)),
        "messaging": lambda: messaging(catalogue),
        "claims": lambda: claims(catalogue),
        "notifications": lambda: notifications(catalogue),
        "performance": lambda: performance(catalogue),
    }[name]()
