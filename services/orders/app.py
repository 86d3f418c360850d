"""Composition root: the only file that knows every other."""

from __future__ import annotations

from services.orders.handlers import service
from services.orders.settings import Settings
from services.orders.translate.policies import Policies
from shared import policies
from shared.kit import runtime, settings


def main() -> None:
    """Run the service until it is stopped."""
    found = settings.load(Settings)
    described = service(Policies(policies.installed(found.recourse_policies)))
    runtime.run(described, __package__ or "", found)
