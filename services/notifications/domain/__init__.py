"""Who is told what, and when: pure, the standard library only."""

from __future__ import annotations

from services.notifications.domain.decide import decide
from services.notifications.domain.evolve import evolve

__all__ = ["decide", "evolve"]
