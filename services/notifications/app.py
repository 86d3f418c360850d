"""Composition root: the only file that knows every other."""

from __future__ import annotations

from services.notifications.handlers import service
from services.notifications.mailer import Mailer
from services.notifications.settings import Settings
from shared import policies
from shared.kit import runtime, settings


def main() -> None:
    """Run the service until it is stopped."""
    found = settings.load(Settings)
    mailer = Mailer(found.database_url, found.terms())
    described = service(policies.installed(found.recourse_policies), changed=mailer.wake)
    runtime.run(described, __package__ or "", found, beside=[mailer.run])
