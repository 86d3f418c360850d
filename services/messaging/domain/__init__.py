"""Contacts with their clocks, and returns: pure, the standard library and values only."""

from __future__ import annotations

from services.messaging.domain.contacts import running
from services.messaging.domain.decide import decide, told
from services.messaging.domain.evolve import conversation, evolve

__all__ = ["conversation", "decide", "evolve", "running", "told"]
