"""The settings of performance: those of every service, one with another default."""

from __future__ import annotations

from shared.kit.settings import KitSettings, Niceness


class Settings(KitSettings):
    """Those of every service."""

    niceness: Niceness = 10
    """As for every service. Nobody waits for a rate: it makes way for those that answer people."""
