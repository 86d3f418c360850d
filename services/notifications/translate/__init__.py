"""Between the contracts and the domain."""

from __future__ import annotations

from services.notifications.translate.inward import (
    NAME,
    concerns_us,
    heard,
    known_marketplace,
    order_id,
    party_of,
    policy,
)
from services.notifications.translate.outward import effect, outgoing, told

__all__ = [
    "NAME",
    "concerns_us",
    "effect",
    "heard",
    "known_marketplace",
    "order_id",
    "outgoing",
    "party_of",
    "policy",
    "told",
]
