"""What was said, counted and heard (R2, R6)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from services.cli.checks.merging import merged
from services.cli.checks.model import Look, Snapshot
from shared.contracts.topics import TOPICS

SPEAKERS = ("orders", "messaging", "claims")
"""Whose facts are numbered by order."""


async def sequences_without_gap(snapshot: Snapshot) -> Look:
    """Look at the numbers of every order's facts."""
    return await snapshot.look_everywhere(
        "sequences", [each for each in SPEAKERS if each in snapshot.services]
    )


async def records_counted(snapshot: Snapshot) -> Look:
    """Add up the fates beside every offset."""
    return await snapshot.look_everywhere("records_counted", snapshot.services)


async def every_fact_reached(snapshot: Snapshot) -> Look:
    """Compare how many facts were said of an order with how many each reader has heard."""
    look = Look()
    for speaker in SPEAKERS:
        topic = f"{speaker}.events"
        readers = [service for service in TOPICS[topic].readers if service in snapshot.services]
        if speaker in snapshot.services:
            await _compare(snapshot, speaker, topic, readers, look)
    return look


async def _compare(snapshot: Snapshot, speaker: str, topic: str, readers: Sequence[str], look: Look) -> None:
    refused = {row["key"] async for row in snapshot.rows("refused_for_good", service=speaker)}
    for reader in readers:
        said, heard = snapshot.rows("numbered", service=speaker), snapshot.rows("heard", service=reader)
        async for order_id, (numbers, known) in merged(said, heard):
            number = numbers[0]["number"] if numbers else 0
            last = _last_heard(known, topic)
            wrong = f"{speaker} said {number}, {reader} heard {last}" if last != number else None
            is_held = order_id in refused or any(row["held"] for row in known)
            look.note(order_id, None if is_held and last < number else wrong)


def _last_heard(known: Sequence[Any], topic: str) -> int:
    for row in known:
        topics = json.loads(row["topics"]) if row["topics"] else {}
        if topic in topics:
            return int(topics[topic][0])
    return 0
