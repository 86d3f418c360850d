"""The invariants of a running system, and how each is looked at."""

from __future__ import annotations

from services.cli.checks.model import Check, Finding, Look, Snapshot
from services.cli.checks.run import CHECKS, verify

__all__ = ["CHECKS", "Check", "Finding", "Look", "Snapshot", "verify"]
