"""All checks in one snapshot of the system, once it is quiet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from services.cli import reader
from services.cli.addresses import System
from services.cli.advance import now_of
from services.cli.checks import facts, money, rates, replay, timers
from services.cli.checks.model import Check, Finding, Look, Snapshot
from services.cli.policies import catalogue
from services.cli.quiet import Quiet

CHECKS: tuple[Check, ...] = (
    Check(
        "money_adds_up",
        "R2 C15",
        "What buyers got is what sellers were debited, less what they got back, and what the marketplace bears.",
        money.money_adds_up,
        needs=("claims",),
    ),
    Check(
        "one_standing_debit",
        "R2 C10 C15",
        "Each grant that a seller funds has one debit of its amount; no debit is without a decision.",
        money.one_standing_debit,
        needs=("claims",),
    ),
    Check(
        "buyers_within_paid",
        "C15",
        "No buyer gets more back, all ways together, than was paid for the order and documented extra charges.",
        money.buyers_within_paid,
        needs=("orders", "claims"),
        needs_quiet=True,
    ),
    Check(
        "no_grant_against_an_answer",
        "R4 C6.2",
        "No claim stands granted for silence where the seller had answered in time.",
        money.no_grant_against_an_answer,
        needs=("messaging", "claims"),
        needs_quiet=True,
    ),
    Check(
        "decisions_come_out_again",
        "C14",
        "From its explanation and its policy alone, each decision comes out again.",
        replay.decisions_come_out_again,
        needs=("claims",),
    ),
    Check(
        "no_early_timer",
        "R3 T1",
        "No deadline fired before its time.",
        timers.no_early_timer,
        needs=("timer",),
    ),
    Check(
        "clocks_run",
        "R3 C17",
        "Every deadline that was asked for waits or has come; none that was called off still waits.",
        timers.clocks_run,
        needs=("timer",),
        needs_quiet=True,
    ),
    Check(
        "no_timer_left_behind",
        "R3 T1",
        "Once all is quiet, no deadline that has come still waits.",
        timers.no_timer_left_behind,
        needs=("timer",),
        needs_quiet=True,
    ),
    Check(
        "every_fact_reached",
        "R1 R2",
        "Every fact that was said reached every reader, or waits there for an operator.",
        facts.every_fact_reached,
        needs_quiet=True,
    ),
    Check(
        "sequences_without_gap",
        "R2 R6",
        "The facts about each order are numbered from 1, without gap, none twice.",
        facts.sequences_without_gap,
    ),
    Check(
        "histories_replay",
        "R2",
        "What was said about each order replays to its row.",
        replay.histories_replay,
    ),
    Check(
        "rates_recounted",
        "H1 H2",
        "Each seller's rates are what all facts about orders, contacts and defects come to.",
        rates.rates_recounted,
        needs=("orders", "messaging", "performance"),
        needs_quiet=True,
    ),
    Check(
        "records_counted",
        "R6",
        "Every record that was read is applied, a copy, passed over, waiting, parked or dead.",
        facts.records_counted,
    ),
)

_LOOK_SECONDS = 0.1
Began = Callable[[Check], None]


async def verify(
    system: System, wait_seconds_max: float, began: Began = lambda _check: None
) -> Sequence[Finding]:
    """Run every check. Waits so long for quiet; what needs it is not judged when it does not come."""
    known = catalogue(system)
    async with reader.database(system) as connection, reader.logs(system) as lookup:
        give_up = time.monotonic() + wait_seconds_max
        services = await reader.built(connection)
        quiet = Quiet(system, connection, lookup, lambda: now_of(system))
        while True:
            # Before the snapshot: what falls due after it can't have been done in it.
            now = now_of(system)
            transaction = connection.transaction(isolation="repeatable_read", readonly=True)
            await transaction.start()
            try:
                # The look is the snapshot's first statement: what it says of quiet is true of all that follows.
                unrest = [str(each) for each in await quiet.look()]
                if not unrest or time.monotonic() >= give_up:
                    snapshot = Snapshot(connection, services, now, unrest, known)
                    return [await _run(check, snapshot, began) for check in CHECKS]
            finally:
                await transaction.rollback()
            await asyncio.sleep(_LOOK_SECONDS)


async def _run(check: Check, snapshot: Snapshot, began: Began) -> Finding:
    began(check)
    if missing := [service for service in check.needs if service not in snapshot.services]:
        return Finding(check, Look(), 0, f"{', '.join(missing)} has not run here")
    if check.needs_quiet and snapshot.unrest:
        return Finding(check, Look(), 0, f"not all is quiet: {snapshot.unrest[0]}")
    start = time.monotonic()
    look = await check.run(snapshot)
    return Finding(check, look, time.monotonic() - start)
