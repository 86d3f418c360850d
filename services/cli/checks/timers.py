"""Deadlines: never early, never left behind (R3)."""

from __future__ import annotations

from services.cli.checks.model import Look, Snapshot
from shared.contracts.topics import TIMER_COMMANDS, TOPICS

ASKERS = TOPICS[TIMER_COMMANDS].writers
"""Who asks for deadlines."""


async def no_early_timer(snapshot: Snapshot) -> Look:
    """Compare when each deadline fired with when it was due."""
    return await snapshot.look("no_early_timer")


async def clocks_run(snapshot: Snapshot) -> Look:
    """Compare what every service asked for with what waits, and with what has come."""
    return await snapshot.look_everywhere(
        "clocks_run", [service for service in ASKERS if service in snapshot.services]
    )


async def no_timer_left_behind(snapshot: Snapshot) -> Look:
    """Look for deadlines that have come and still wait."""
    return await snapshot.look("no_timer_left_behind", snapshot.now)
