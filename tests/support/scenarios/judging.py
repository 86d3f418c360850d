"""Is it what was expected? Every difference in words, all of them at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from tests.support.scenarios.playing import Play
from tests.support.scenarios.reading import Expectation
from tests.support.scenarios.telling import ORDINARY, Fact, Told

_AT = re.compile(r" at (day -?\d+ [\d:.]+)")


def differences(play: Play, told: Told, *, ordered: bool = True) -> Sequence[str]:
    """Say what is not as expected. `ordered=False`: several services speak at one instant, in either order."""
    expected = play.scenario.expected(play.policy)
    return [
        *_sections(expected, told, ordered=ordered),
        *_lists("money", expected.money or (), told.money, ordered=ordered),
        *_mails(expected, told, ordered=ordered),
        *_values("ends", expected.ends, told.ends),
        *_values("rates", expected.rates, told.rates),
    ]


def _sections(expected: Expectation, told: Told, *, ordered: bool) -> Iterator[str]:
    for section, lines in expected.sections.items():
        wanted = [Wanted.of(line) for line in lines or ()]
        listed = {each.words for each in wanted}
        facts = [
            fact for fact in told.sections[section] if fact.words not in ORDINARY or fact.words in listed
        ]
        said = [_as_wanted(fact, wanted) for fact in facts]
        yield from _lists(section, [str(each) for each in wanted], said, ordered=ordered)


class Wanted:
    """One line of an expectation: the fact's words, when, and some of its fields."""

    def __init__(self, words: str, at: str | None, fields: Mapping[str, str]) -> None:
        self.words, self.at, self.fields = words, at, fields

    @classmethod
    def of(cls, line: Any) -> Wanted:
        """Read it: `claim filed`, `claim filed at day 9 10:00`, or either with fields."""
        (text, fields) = next(iter(line.items())) if isinstance(line, Mapping) else (line, {})
        words, _, at = text.partition(" at ")
        return cls(words, at or None, fields or {})

    def __str__(self) -> str:
        return _line(self.words, self.at, self.fields)


def _as_wanted(fact: Fact, wanted: Sequence[Wanted]) -> str:
    """Write a fact with just the fields that the best fitting line names, so that equal lines mean equal facts."""
    lines = [each for each in wanted if each.words == fact.words]
    written = [(_like(fact, each), each) for each in lines]
    for text, each in written:
        if text == str(each):
            return text
    if written:
        return written[0][0]
    return _line(fact.words, fact.order.calendar.shown(fact.at) if fact.at else None, {})


def _like(fact: Fact, wanted: Wanted) -> str:
    at = fact.order.calendar.shown(fact.at) if wanted.at and fact.at else None
    return _line(fact.words, at, {name: fact.shown(name) for name in wanted.fields})


def _line(words: str, at: str | None, fields: Mapping[str, str]) -> str:
    told = ", ".join(f"{name} {value}" for name, value in fields.items())
    return words + (f" at {at}" if at else "") + (f" ({told})" if told else "")


def _lists(what: str, wanted: Sequence[str], said: Sequence[str], *, ordered: bool) -> Iterator[str]:
    is_same = settled(wanted) == settled(said) if ordered else Counter(wanted) == Counter(said)
    if not is_same:
        yield f"{what}: expected\n" + _bullets(wanted) + "\n  but there was\n" + _bullets(said)


def settled(lines: Sequence[str]) -> Sequence[str]:
    """Order what is of one instant by its words: who speaks first then means nothing."""
    found: list[str] = []
    for _, together in groupby(enumerate(lines), key=lambda line: _AT.findall(line[1])[:1] or [str(line[0])]):
        found += sorted(line for _, line in together)
    return found


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"    - {line}" for line in lines) or "    nothing"


def _mails(expected: Expectation, told: Told, *, ordered: bool) -> Iterator[str]:
    for who, templates in expected.mails.items():
        yield from _lists(f"mails to the {who}", templates or (), told.mails.get(who, ()), ordered=ordered)


def _values(what: str, wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterator[str]:
    for name, value in wanted.items():
        if found.get(name) != value:
            yield f"{what}: {name} is {found.get(name)}, not {value}"
