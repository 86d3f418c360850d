"""Composition root: the only file that knows every other."""

from __future__ import annotations

from services.timer.handlers import Firing, service
from services.timer.settings import Settings
from shared.kit import runtime, settings


def main() -> None:
    """Run the service until it is stopped."""
    firing = Firing()
    runtime.run(service(firing), __package__ or "", settings.load(Settings), beside=[firing.run])
