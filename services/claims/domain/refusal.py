"""A "no": which rule, why, and what would help."""

from __future__ import annotations

from datetime import datetime

from services.claims.domain.money import Money
from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was not done. `reason` is a code; its text stands in `wording`."""

    rule: str
    reason: str
    eligible_from: datetime | None = None
    until: datetime | None = None
    max_amount: Money | None = None
    missing: tuple[str, ...] = ()
