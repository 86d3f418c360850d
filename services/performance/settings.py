"""The settings of performance: those of every service."""

from __future__ import annotations

from shared.kit.settings import KitSettings


class Settings(KitSettings):
    """Nothing of its own."""
