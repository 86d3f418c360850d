"""Nobody commits but the unit, nobody sends but the relay, and the kit knows no business word."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from shared.kit import logs
from shared.kit.fold import Verdict
from shared.kit.sql import queries

ROOT = Path(__file__).parents[2]
KIT = ROOT / "shared" / "kit"
PROCESSES = [
    path
    for folder in (KIT, ROOT / "services")
    for path in sorted(folder.rglob("*.py"))
    if "cli" not in path.relative_to(ROOT).parts  # not a service
]


@cache
def calls(path: Path) -> frozenset[str]:
    """Name every function and method that a file calls."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    methods = {each.attr for each in called if isinstance(each, ast.Attribute)}
    return frozenset(methods | {each.id for each in called if isinstance(each, ast.Name)})


def callers(name: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in PROCESSES if name in calls(path)}


def test_nobody_sends_but_the_relay() -> None:
    assert callers("AIOKafkaProducer") == {"shared/kit/relay.py"}
    assert callers("send_and_wait") <= {"shared/kit/relay.py"}
    assert callers("publish") == callers("publisher") == set()


def test_nobody_commits_but_the_unit_and_the_loops_beside_it() -> None:
    """Before there is a service there are migrations and roles; the mailer sends and then notes what it sent."""
    assert callers("transaction") <= {
        "shared/kit/unit.py",
        "shared/kit/erasure.py",
        "shared/kit/transactions.py",
        "shared/kit/housekeeping.py",
        "shared/kit/migrate.py",
        "shared/kit/provision.py",
        "services/timer/handlers.py",
        "services/notifications/mailer/loop.py",
    }


def test_nobody_opens_a_connection_but_the_kit() -> None:
    assert callers("create_pool") == {"shared/kit/db.py"}
    assert not {path for path in callers("AIOKafkaConsumer") if not path.startswith("shared/kit/")}


BUSINESS = {
    "buyer", "seller", "claim", "refund", "debit", "shipment", "marketplace", "checkout", "contact",
    "carrier", "appeal", "feedback", "chargeback", "sku",
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(KIT.rglob("*.py")), ids=lambda path: path.name)
def test_the_kit_knows_no_business_word(path: Path) -> None:
    """What it calls things; its prose may take any example."""
    words = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Name):
            words |= _words(node.id)
        elif isinstance(node, ast.Attribute):
            words |= _words(node.attr)
        elif isinstance(node, ast.arg):
            words |= _words(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            words |= _words(node.name)
        elif isinstance(node, ast.ImportFrom):
            words |= _words(node.module or "")
    assert not words & BUSINESS


def _words(name: str) -> set[str]:
    parts = re.findall(r"[A-Z]?[a-z]+", name)
    return {part.lower().rstrip("s") for part in parts}


def test_everything_that_can_be_logged_is_logged_somewhere() -> None:
    """The list of events is closed, and none of it is a promise that nobody keeps."""
    text = "".join(path.read_text("utf-8") for path in PROCESSES if path.name != "logs.py")
    assert [event.name for event in logs.Event if f"Event.{event.name}" not in text] == []


@pytest.mark.parametrize("file", ["kit.sql", "erasure.sql"])
def test_every_named_query_of_the_kit_is_used(file: str) -> None:
    text = "".join(path.read_text("utf-8") for path in KIT.rglob("*.py"))
    assert [name for name in queries("shared.kit", file) if f'"{name}"' not in text] == []


def test_what_can_become_of_a_record_is_a_column_beside_its_offset() -> None:
    migration = (KIT / "migrations" / "0001_kit.sql").read_text("utf-8")
    offsets = migration[migration.index("CREATE TABLE offsets") : migration.index("CREATE TABLE seen")]
    for verdict in Verdict:
        assert re.search(rf"^    {verdict.value} bigint NOT NULL DEFAULT 0,", offsets, re.MULTILINE)
