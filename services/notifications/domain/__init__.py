"""Who is told what, and when: pure, the standard library only."""

from __future__ import annotations

from services.notifications.domain.decide import decide
from services.notifications.domain.erasing import gone, without_words_of
from services.notifications.domain.evolve import evolve

__all__ = ["decide", "evolve", "gone", "without_words_of"]
