"""Explanations (C14): each rule looked at, whether it holds, and the facts that it read, with their sources.

A rule is decided from its facts alone (`rules.py`), the very ones that are written down; so the same decision
comes out of an explanation and its policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from services.claims.domain.inputs import Source
from services.claims.domain.money import Money

Value: TypeAlias = str | int | bool | Money | None


class Fact(NamedTuple):
    """One thing that a rule read, and who said it. Instants are RFC 3339 in UTC, dates ISO."""

    name: str
    value: Value
    source_id: str | None = None
    at: datetime | None = None


class Finding(NamedTuple):
    """One rule that was looked at."""

    rule: str
    holds: bool
    policy_id: str
    facts: tuple[Fact, ...]


Explanation: TypeAlias = tuple[Finding, ...]


def fact(name: str, value: Value | datetime | date, source: Source | None = None) -> Fact:
    """Write down one fact and where it came from."""
    told = _written(value) if isinstance(value, date) else value
    return Fact(name, told, source.id, source.at) if source is not None else Fact(name, told)


def _written(value: datetime | date) -> str:
    return written(value) if isinstance(value, datetime) else value.isoformat()


@lru_cache(maxsize=4096)
def written(at: datetime) -> str:
    """Write an instant as RFC 3339 in UTC. A decision writes the same few instants many times."""
    return at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


class Facts:
    """Reads facts by their names; of several of one name the first."""

    __slots__ = ("_by_name", "_facts")

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts = tuple(facts)
        self._by_name = {each[0]: each for each in reversed(self._facts)}

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts)

    def find(self, name: str) -> Fact | None:
        """Return the first fact of this name."""
        return self._by_name.get(name)

    def value(self, name: str) -> Value:
        """Return the value of the first fact of this name; None when there is none."""
        found = self._by_name.get(name)
        return found[1] if found else None

    def text(self, name: str) -> str | None:
        """Return a text; None when there is none."""
        value = self.value(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int:
        """Return a whole number; 0 when there is none."""
        value = self.value(name)
        return value if isinstance(value, int) else 0

    def minor(self, name: str) -> int:
        """Return an amount in the smallest unit; 0 when there is none."""
        value = self.value(name)
        return value.amount_minor if isinstance(value, Money) else 0

    def instant(self, name: str) -> datetime | None:
        """Return an instant; None when there is none."""
        value = self.text(name)
        return datetime.fromisoformat(value) if value else None

    def groups(self, name: str, *others: str) -> Sequence[Facts]:
        """Cut the list before each fact of this name, or of one of the others: one group for each contact, say.

        Only the groups that begin with `name` are returned.
        """
        heads = {name, *others}
        starts = [place for place, each in enumerate(self._facts) if each.name in heads]
        return [
            Facts(self._facts[start:end])
            for start, end in pairwise([*starts, len(self._facts)])
            if self._facts[start].name == name
        ]
