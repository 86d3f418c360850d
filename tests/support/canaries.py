"""A marker of its own in every personal field of every message, and where in a running system each of them is found."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any, Literal

from services.cli.addresses import System
from shared.contracts.data import Data, Whose
from shared.contracts.erasure import Sides, owners, rewritten
from shared.contracts.topics import TOPICS
from tests.support.events import Event
from tests.support.running import Desk, read_all

Sort = Literal["account", "address", "text"]
_CANARY = re.compile(r"CANARY\d{5}")


@dataclass(frozen=True, slots=True)
class Canary:
    """One marker: in which type of message it was sent, what it stands for, and whose it is."""

    type: str
    sort: Sort
    owners: frozenset[str]


@dataclass
class Canaries:
    """Every marker that was given out."""

    sides: Sides
    given: dict[str, Canary] = field(default_factory=dict)

    def mark(self, event: Event) -> Event:
        """Put a marker of its own into every personal field of an event."""
        whose = owners(event.data, self.sides)
        assert whose, f"{event.data.TYPE} has no personal field that is filled"

        def change(text: str, of: Whose) -> str:
            name = f"CANARY{len(self.given):05d}"
            is_account = event.data.TYPE.startswith("accounts.")
            sort: Sort = "account" if is_account else "address" if of == "buyer" else "text"
            self.given[name] = Canary(event.data.TYPE, sort, whose)
            return f"{name}@people.example" if "@" in text else name

        data: Data = rewritten(event.data, change)
        return replace(event, data=data)

    def of(self, party_id: str) -> set[str]:
        """Name the markers that must go with somebody."""
        return {name for name, canary in self.given.items() if party_id in canary.owners}

    def types(self) -> set[str]:
        """Name the types of message that were marked."""
        return {canary.type for canary in self.given.values()}


Hits = Mapping[str, frozenset[str]]
"""Where each marker was found, by place: a table, a topic, a mail, a file."""


def _found(places: Iterator[tuple[str, str]]) -> Hits:
    hits: defaultdict[str, set[str]] = defaultdict(set)
    for place, text in places:
        for name in _CANARY.findall(text):
            hits[name].add(place)
    return {name: frozenset(where) for name, where in hits.items()}


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


async def in_tables(desk: Desk) -> Hits:
    """Look through every column of every row of every table of every schema."""
    tables = await desk.fetch(
        "SELECT relnamespace::regnamespace::text AS schema, relname AS name FROM pg_class "
        "WHERE relkind IN ('r', 'p') AND NOT relispartition "
        "AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'"
    )
    assert {row["schema"] for row in tables} >= {"orders", "messaging", "claims", "notifications"}
    places = []
    for table in tables:
        name = f"{table['schema']}.{table['name']}"
        for row in await desk.fetch(f'SELECT * FROM {table["schema"]}."{table["name"]}"'):
            where = f"{name}:{row['kind']}" if table["name"] == "state" else name
            places += [(where, _text(value)) for value in dict(row).values()]
    return _found(iter(places))


async def in_topics(system: System) -> Hits:
    """Look through every record of every topic, with key and headers."""
    places = []
    for topic in TOPICS:
        for record in await read_all(system.kafka, topic):
            parts = (record.key, record.value, *(value for _, value in record.headers))
            places += [(topic, _text(part)) for part in parts if part is not None]
    return _found(iter(places))


def in_mails(system: System) -> Hits:
    """Look through every mail that was delivered: all its headers, and every part as its reader sees it."""
    assert system.maildir is not None
    return _found(_of_mails(Path(system.maildir)))


def _of_mails(maildir: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(maildir.rglob("*")):
        if path.is_file():
            message: Any = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
            to = str(message["To"])
            yield to, json.dumps([str(value) for value in message.values()])
            for part in message.walk():
                if part.get_content_maintype() == "text":
                    yield to, part.get_content()


def in_logs(folder: Path) -> Hits:
    """Look through every log below a folder; Kafka's own data is called so too, by numbers."""
    return _found((path.name, path.read_text("utf-8", "replace")) for path in logs_in(folder))


def logs_in(folder: Path) -> list[Path]:
    """Return the files in which processes say what they do."""
    return [path for path in folder.rglob("*.log") if path.is_file() and not path.stem.isdigit()]
