"""Money: what was paid, debited, given back, and by what decision (R2, C6, C15)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.claims.domain.explanation import Fact, Facts
from services.claims.domain.rules import GROUNDS
from services.claims.domain.windows import in_time, is_missed
from services.cli.checks.merging import merged
from services.cli.checks.model import Look, Snapshot

SILENCE = "C6.2"


async def money_adds_up(snapshot: Snapshot) -> Look:
    """Compare finance with the decisions, claim by claim."""
    return await snapshot.look("money_adds_up")


async def one_standing_debit(snapshot: Snapshot) -> Look:
    """Pair every debit with its grant."""
    return await snapshot.look("one_standing_debit")


async def buyers_within_paid(snapshot: Snapshot) -> Look:
    """Add up what came back to the buyer of each order."""
    look = Look()
    async for order_id, (paid_rows, got_rows) in merged(snapshot.rows("paid"), snapshot.rows("compensated")):
        paid = sum(row["paid"] for row in paid_rows) + sum(row["extra"] for row in got_rows)
        back = sum(row["not_charged"] for row in paid_rows) + sum(row["compensated"] for row in got_rows)
        wrong = f"paid {paid}, and {back} came back" if back > paid else None
        look.note(order_id, wrong)
    return look


async def no_grant_against_an_answer(snapshot: Snapshot) -> Look:
    """Look for an answer in time to every contact whose silence alone a standing grant rests on."""
    look = Look()
    async for order_id, (grants, answers) in merged(snapshot.rows("silence"), snapshot.rows("answers")):
        answered = {row["opened_id"] for row in answers if _is_answer(row)}
        for grant in grants:
            look.note(
                f"{grant['claim_id']} on {order_id}",
                None if grant["excused"] else _wronged(grant, answered),
            )
    return look


def _is_answer(row: Any) -> bool:
    """Say whether it was written after the question and in time."""
    return row["opened_at"] <= row["at"] and in_time(row["at"], row["respond_by"])


def _wronged(grant: Any, answered: set[str]) -> str | None:
    findings = json.loads(grant["explanation"])
    held = {finding["rule"] for finding in findings if finding["holds"] and finding["rule"] in GROUNDS}
    if held != {SILENCE}:
        return None
    silent = [
        source for finding in findings if finding["rule"] == SILENCE for source in _silent(finding["facts"])
    ]
    if silent and all(source in answered for source in silent):
        return "granted for silence, and the seller had answered in time"
    return None


def _silent(said: Sequence[Mapping[str, Any]]) -> Iterator[str | None]:
    """Name the events that opened the contacts which the rule found unanswered."""
    whole = Facts(Fact(each["name"], each.get("value"), each.get("source_id")) for each in said)
    for contact in whole.groups("contact_opened_at"):
        opened = contact.find("contact_opened_at")
        if opened and _is_silent(contact, whole):
            yield opened.source_id


def _is_silent(contact: Facts, whole: Facts) -> bool:
    judged_at, respond_by = whole.instant("judged_at"), contact.instant("respond_by")
    if judged_at is None or respond_by is None or in_time(contact.instant("resolved_at"), respond_by):
        return False
    return is_missed(contact.instant("responded_at"), respond_by, judged_at)
