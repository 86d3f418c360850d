"""Deadlines: never early, never left behind (R3)."""

from __future__ import annotations

from services.cli.checks.model import Look, Snapshot


async def no_early_timer(snapshot: Snapshot) -> Look:
    """Compare when each deadline fired with when it was due."""
    return await snapshot.look("no_early_timer")


async def no_timer_left_behind(snapshot: Snapshot) -> Look:
    """Look for deadlines that have come and still wait."""
    return await snapshot.look("no_timer_left_behind", snapshot.now)
