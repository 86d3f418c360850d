"""A check, what it looks at, and what it finds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.cli.reader import everywhere
from shared.kit.sql import queries
from shared.policies import Catalogue, load

if TYPE_CHECKING:
    import asyncpg

SQL = queries("services.cli", "verify.sql")
OFFENDERS_KEPT_MAX = 1000
_PREFETCH = 2000


@dataclass(slots=True)
class Look:
    """What a check has seen: how many subjects, and those with something wrong."""

    looked_at: int = 0
    wrong: int = 0
    offenders: list[str] = field(default_factory=list)

    def note(self, subject: str, wrong: str | None) -> None:
        """Count a subject, and keep what is wrong with it."""
        self.looked_at += 1
        if wrong is None:
            return
        self.wrong += 1
        if len(self.offenders) < OFFENDERS_KEPT_MAX:
            self.offenders.append(f"{subject}: {wrong}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of the whole database.

    `now`: what the clock showed; `unrest`: what was under way, if anything; `catalogue`: what the system goes by.
    """

    connection: asyncpg.Connection[Any]
    services: Sequence[str]
    now: datetime
    unrest: Sequence[str]
    catalogue: Catalogue = field(default_factory=load)

    async def rows(
        self, query: str, *arguments: Any, service: str | None = None
    ) -> AsyncIterator[asyncpg.Record]:
        """Give the rows of a query, a few thousand at a time."""
        text = SQL[query].format(service=service) if service else SQL[query]
        async for row in self.connection.cursor(text, *arguments, prefetch=_PREFETCH):
            yield row

    async def look(self, query: str, *arguments: Any) -> Look:
        """Run a query whose rows are subjects and what is wrong with them."""
        look = Look()
        async for row in self.rows(query, *arguments):
            look.note(row["subject"], row["wrong"])
        return look

    async def look_everywhere(self, query: str, services: Sequence[str]) -> Look:
        """Run such a query for several services."""
        look = Look()
        async for row in self.connection.cursor(everywhere(SQL[query], services), prefetch=_PREFETCH):
            look.note(row["subject"], row["wrong"])
        return look


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: its name, the promises and rules that it stands for, and a sentence.

    `needs`: services without which there is nothing to look at. `needs_quiet`: it holds only once all is quiet.
    """

    name: str
    promises: str
    sentence: str
    run: Callable[[Snapshot], Awaitable[Look]]
    needs: tuple[str, ...] = ()
    needs_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a check; `not_judged` says why nothing did."""

    check: Check
    look: Look
    seconds: float
    not_judged: str | None = None

    @property
    def status(self) -> str:
        """`ok`, `broken` or `not judged`."""
        if self.not_judged is not None:
            return "not judged"
        return "broken" if self.look.wrong else "ok"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "check": self.check.name,
            "promises": self.check.promises,
            "sentence": self.check.sentence,
            "status": self.status,
            "looked_at": self.look.looked_at,
            "broken": self.look.wrong,
            "offenders": self.look.offenders,
            "seconds": round(self.seconds, 3),
        } | ({"why": self.not_judged} if self.not_judged is not None else {})
