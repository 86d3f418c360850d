"""Every time-out and limit of a service's runtime, in one table; their order is checked."""

from __future__ import annotations

from dataclasses import dataclass

from shared.kit import db

_POLLS_IN_A_LEASE = 5
"""A batch of a thousand records can hold a busy machine for seconds; a relay that loses its lease to that, again and
again, sends the same messages for as long as the load lasts."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of real time, records, and counts."""

    batch_records_max: int = 1000
    """Records in one transaction."""
    poll_ms: int = 1000
    """How long the consumer waits for records before it asks again. What comes meanwhile ends the wait."""
    session_seconds: float = 10
    """After how long Kafka gives a silent process's partitions to another."""
    pause_seconds_max: float = 5
    """The longest pause before what failed is tried again."""
    gate_seconds: float = 0.01
    """How often held commands and deadlines are looked at, beside whenever facts are delivered."""
    position_seconds_max: float = 2
    """How long the gate waits to learn the position on a partition."""
    commit_seconds: float = 1
    """How often Kafka is told the offsets, for lag displays."""
    order_wait_seconds: float = 60
    """How long a command waits for its order."""
    overdue_seconds: float = 1
    """How often commands that waited too long are looked for."""
    silence_seconds_max: float = 30
    """After how long without an answer from Kafka a process is not ready."""
    dead_window_records: int = 1000
    """Over how many records the share of dead ones is taken."""
    dead_share_max: float = 0.5
    """A larger share is an outage: the consumer stops."""
    parked_records_max: int = 10_000
    """More parked records are an outage: the consumer stops."""
    relay_rows_max: int = 6000
    """Messages that the relay sends before it awaits them: what a few batches say, or it falls behind them."""
    relay_bytes_max: int = 16_000_000
    """Their bodies' bytes, above which it takes no further one: dead letters may be large."""
    relay_poll_seconds: float = 1
    """How often the relay looks when nothing wakes it; it also keeps its lease alive."""
    lease_seconds: float = 10
    """After how long the server ends a silent relay's session, and with it the lease."""
    erasure_seconds: float = 1
    """How often a process looks for erasures that another one left."""
    erasure_rows_max: int = 100
    """Rows that one piece of an erasure locks."""
    erasure_records_max: int = 20
    """Records, each of which may be large, that one piece of an erasure reads."""
    drain_seconds_max: float = 25
    """How long a process that is to stop may finish what it has begun."""
    seen_days: int = 90
    """How long ids without a number are remembered."""
    sent_days: int = 400
    """How long what was sent is kept."""

    def __post_init__(self) -> None:
        if not self.relay_poll_seconds * _POLLS_IN_A_LEASE <= self.lease_seconds:
            raise ValueError(f"the relay must poll at least {_POLLS_IN_A_LEASE} times while its lease lasts")
        if not db.LOCK_SECONDS_MAX < db.STATEMENT_SECONDS_MAX < self.drain_seconds_max:
            raise ValueError("a lock wait must end before its statement, and a statement before the drain")
        if not self.gate_seconds < self.session_seconds:
            raise ValueError("the gate must be looked at within a session")
