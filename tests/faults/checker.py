"""What must be true at the end, whatever died on the way. The load's own log is the reference, not the system's."""

from __future__ import annotations

import json
import mailbox
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import asyncpg

from tests.faults.load import Case

SERVICES = ("orders", "timer", "messaging", "claims", "notifications", "performance")
_DEBITED = "finance.seller_debited.v1"
_REIMBURSED = "finance.seller_reimbursed.v1"
_COMPENSATED = "finance.buyer_compensated.v1"


@dataclass(slots=True)
class Report:
    """Every way in which the end differs from what is owed; empty when all is well."""

    broken: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)

    def expect(self, what: str, found: object, owed: object) -> None:
        """Note a difference."""
        if found != owed:
            self.broken.append(f"{what}: {found!r}, owed {owed!r}")


def once(records: Iterable[Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Drop repeats as finance would: by the ids that the contract gives it."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for record in records:
        kind = dict(record.headers)["ce_type"].decode()
        body = json.loads(record.value)
        own = {_DEBITED: "debit_id", _REIMBURSED: "reimbursement_id", _COMPENSATED: "compensation_id"}[kind]
        found[body[own]] = (kind, body)
    return found


def check_money(report: Report, cases: Sequence[Case], records: Iterable[Any]) -> None:
    """Exactly one debit where one is owed, of the whole amount; none elsewhere; each void pays it back."""
    moved: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for kind, body in once(records).values():
        moved[body["order_id"], kind].append(body)
    for case in cases:
        order = case.order
        amount = {"amount_minor": order.amount_minor, "currency": order.currency}
        for kind, count in (
            (_DEBITED, case.debits),
            (_REIMBURSED, case.reimbursements),
            (_COMPENSATED, case.debits),
        ):
            found = [body["amount"] for body in moved.pop((order.order_id, kind), [])]
            report.expect(f"{order.order_id} ({case.story.name}) {kind}", found, [amount] * count)
    report.expect("money moved on orders that nobody placed", dict(moved), {})


async def check_services(report: Report, reader_url: str, poison: Counter[tuple[str, int, int]]) -> None:
    """Every record accounted for, the poison and nothing else dead, nothing parked, waiting or unsent."""
    connection = await asyncpg.connect(reader_url)
    try:
        dead: Counter[tuple[str, int, int]] = Counter()
        for service in SERVICES:
            for row in await connection.fetch(f"TABLE {service}.offsets"):
                fates = ("applied", "copies", "passed_over", "waiting", "parked", "dead")
                place = f"{service} {row['topic']}[{row['partition']}]"
                report.expect(f"{place}: records and their fates", sum(row[f] for f in fates), row["records"])
                span = row["next_offset"] - row["first_offset"] - row["holes"]
                report.expect(f"{place}: records and offsets", row["records"], span)
                for fate in ("records", "applied", "copies"):
                    report.figures[fate] = report.figures.get(fate, 0) + row[fate]
            for table in ("held", "parked_keys", "outbox", "outbox_parked"):
                left = await connection.fetchval(f"SELECT count(*) FROM {service}.{table}")
                report.expect(f"{service}.{table}", left, 0)
            found = await connection.fetch(f'SELECT topic, partition, "offset" FROM {service}.dead_letters')
            dead.update((row["topic"], row["partition"], row["offset"]) for row in found)
        report.expect("poison that is not dead", dict(poison - dead), {})
        report.expect("dead letters that were no poison", dict(dead - poison), {})
    finally:
        await connection.close()


async def check_answers(report: Report, reader_url: str, commands: Mapping[str, str]) -> None:
    """Every acknowledged command has an answer of its own service, and no fact of a kind twice."""
    connection = await asyncpg.connect(reader_url)
    try:
        answered: Counter[tuple[str, str]] = Counter()
        for service in ("orders", "messaging", "claims"):
            rows = await connection.fetch(
                "SELECT cause, type, count(DISTINCT id) AS count FROM ("
                "  SELECT id, type, (SELECT pair ->> 1 FROM json_array_elements(headers) AS pair"
                "                    WHERE pair ->> 0 = 'ce_causationid') AS cause"
                f"  FROM {service}.outbox_sent WHERE aggregatetype = $1) AS said GROUP BY cause, type",
                f"{service}.events",
            )
            answered.update({(row["cause"], row["type"]): row["count"] for row in rows})
        causes = {cause for cause, _ in answered}
        lost = [command for command in commands if command not in causes]
        report.expect("acknowledged commands without an answer", lost, [])
        twice = {k: n for k, n in answered.items() if n > 1 and k[0] in commands}
        report.expect("commands answered twice", twice, {})
    finally:
        await connection.close()


def check_mails(report: Report, cases: Sequence[Case], maildir: Path) -> None:
    """Each decision's mail reached its seller; a repeat carries the same Message-ID."""
    found: dict[str, set[str]] = defaultdict(set)
    mails = 0
    box: Any = mailbox.Maildir(maildir, factory=_parsed)
    for message in box:
        mails += 1
        if message["X-Recourse-Template"] == "decision_to_seller":
            text = message.get_body(("plain",))
            order_id = _ORDER.search(text.get_content() if text else "")
            found[order_id.group() if order_id else "no order"].add(message["Message-ID"])
    report.figures["mails"] = mails
    for case in cases:
        report.expect(
            f"{case.order.order_id}: mails of decisions", len(found[case.order.order_id]), case.decision_mails
        )


_ORDER = re.compile(r"order-\d+-\d+")


def _parsed(file: Any) -> Any:
    return BytesParser(policy=policy.default).parse(file)
