"""Every time-out and limit of a service's runtime, in one table; their order is checked."""

from __future__ import annotations

from dataclasses import dataclass

from shared.kit import db


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of real time, records, and counts."""

    batch_records_max: int = 1000
    poll_ms: int = 10
    session_seconds: float = 10
    pause_seconds_max: float = 5
    gate_seconds: float = 0.01
    position_seconds_max: float = 2
    commit_seconds: float = 1
    order_wait_seconds: float = 60
    overdue_seconds: float = 1
    silence_seconds_max: float = 30
    dead_window_records: int = 1000
    dead_share_max: float = 0.5
    parked_records_max: int = 10_000
    relay_rows_max: int = 2000
    relay_poll_seconds: float = 1
    lease_seconds: float = 3
    drain_seconds_max: float = 25
    seen_days: int = 90
    sent_days: int = 400

    def __post_init__(self) -> None:
        if not self.relay_poll_seconds < self.lease_seconds:
            raise ValueError("the relay must poll more often than its lease lasts")
        if not db.LOCK_SECONDS_MAX < db.STATEMENT_SECONDS_MAX < self.drain_seconds_max:
            raise ValueError("a lock wait must end before its statement, and a statement before the drain")
        if not self.gate_seconds < self.session_seconds:
            raise ValueError("the gate must be looked at within a session")
