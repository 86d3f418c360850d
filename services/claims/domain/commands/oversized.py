"""A command whose facts would not fit into a record is refused instead (E1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.claims.domain.commands.follow import refused
from services.claims.domain.events import ClaimRefused, CommandRefused, Event
from services.claims.domain.inputs import CheckEligibility, Command, FileClaim
from services.claims.domain.refusal import Refusal


def too_large(command: Command, now: datetime) -> Sequence[Event]:
    """Refuse it in the form that answers it."""
    refusal = Refusal("E1", "too_large")
    match command:
        case FileClaim():
            return [ClaimRefused(command.command_id, command.claim_id, refusal, None, (), now)]
        case CheckEligibility():
            return [CommandRefused(command.command_id, None, None, refusal, now)]
        case _:
            return refused(command, refusal, now)
