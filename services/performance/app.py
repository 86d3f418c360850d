"""Composition root: the only file that knows every other."""

from __future__ import annotations

from services.performance.handlers import service
from services.performance.settings import Settings
from shared import policies
from shared.kit import runtime, settings


def main() -> None:
    """Run the service until it is stopped."""
    runtime.run(service(policies.load()), __package__ or "", settings.load(Settings))
