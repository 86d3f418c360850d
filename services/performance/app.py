"""Composition root: the only file that knows every other."""

from __future__ import annotations

from services.performance.handlers import service
from services.performance.settings import Settings
from shared import policies
from shared.kit import runtime, settings


def main() -> None:
    """Run the service until it is stopped."""
    found = settings.load(Settings)
    described = service(policies.installed(found.recourse_policies))
    runtime.run(described, __package__ or "", found)
