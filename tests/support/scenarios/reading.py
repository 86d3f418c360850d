"""Reading a scenario's file: every word that is not known is an error that names file and place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.support.scenarios.marketplaces import POLICIES

FOLDER = Path(__file__).parents[2] / "scenarios"
ACTORS = (
    "checkout",
    "payment",
    "catalogue",
    "accounts",
    "carrier",
    "buyer",
    "another buyer",
    "seller",
    "another seller",
    "support",
    "investigator",
    "second investigator",
    "operator",
    "nobody",
)
SECTIONS = ("orders", "messaging", "claims", "performance", "inventory")
"""Each is an exact list of what that service says about the order; one that is left out is not looked at."""
_TOP = {"title", "why", "rules", "order", "orders", "people", "steps", "expect", "under"}
_EXPECT = {*SECTIONS, "money", "mails", "ends", "rates", "late answers"}
_STEP = {"at", "dated", "order", "twice"}

Options = Mapping[str, Any]


class ScenarioError(Exception):
    """A scenario's file that can't be read: which, where, and why."""


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody does something. `options` are the verb's own."""

    at: str
    actor: str
    verb: str
    options: Options
    number: int
    dated: str | None = None
    order: str | None = None
    twice: bool = False

    def __str__(self) -> str:
        return f"step {self.number}, {self.at}: {self.actor} {self.verb}"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is to come of it under a policy. Money is always looked at: what is not listed may not move."""

    sections: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    money: Sequence[str] = ()
    mails: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ends: Mapping[str, str] = field(default_factory=dict)
    rates: Mapping[str, str] = field(default_factory=dict)
    late_answers: str = "0"

    def but(self, changes: Options) -> Expectation:
        """Return it with what differs under another policy."""
        return Expectation(
            {**self.sections, **{name: changes[name] for name in SECTIONS if name in changes}},
            changes.get("money", self.money),
            {**self.mails, **changes.get("mails", {})},
            {**self.ends, **changes.get("ends", {})},
            {**self.rates, **changes.get("rates", {})},
            changes.get("late answers", self.late_answers),
        )


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story, with what is to come of it. `orders` are by name; the first is what steps are about by default."""

    name: str
    title: str
    rules: Sequence[str]
    orders: Mapping[str, Options]
    people: Mapping[str, Any]
    steps: Sequence[Step]
    expect: Expectation
    under: Mapping[str, Options]

    def expected(self, policy: str) -> Expectation:
        """Return what is to come of it under a policy."""
        return self.expect.but(self.under[policy]) if policy in self.under else self.expect


@cache
def every() -> Sequence[Scenario]:
    """Read them all, by name: once."""
    return [read(path) for path in sorted(FOLDER.glob("*.yaml"))]


def read(path: Path) -> Scenario:
    """Read one file. Raises ScenarioError."""
    try:
        # Every scalar stays the text that it is: 09:00 and 20.00 mean what they say.
        content = yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # noqa: S506  it makes texts only
        return _scenario(path.stem, content)
    except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ScenarioError(f"{path.name}: {error}") from error


def _scenario(name: str, content: Any) -> Scenario:
    _only(content, _TOP, "the file")
    orders = content.get("orders") or {"order": content.get("order") or {}}
    under = content.get("under") or {}
    _only(under, set(POLICIES[1:]), "under")
    for policy, changes in under.items():
        _only(changes, _EXPECT | {"because"}, f"under {policy}")
        if not changes.get("because"):
            raise ValueError(f"under {policy}: says not why it differs (because)")
    return Scenario(
        name=name,
        title=content["title"],
        rules=tuple(content["rules"]),
        orders=orders,
        people=content.get("people") or {},
        steps=[_step(number, step) for number, step in enumerate(content.get("steps") or (), 1)],
        expect=_expectation(content.get("expect") or {}),
        under=under,
    )


def _expectation(content: Any) -> Expectation:
    _only(content, _EXPECT, "expect")
    return Expectation().but(content)


def _step(number: int, content: Any) -> Step:
    actors = [key for key in content if key in ACTORS]
    if not actors:
        raise ValueError(f"step {number} names nobody of {', '.join(ACTORS)}")
    actor = actors[0]  # a later one is an option: what the seller ships with a carrier
    if "at" not in content:
        raise ValueError(f"step {number} says not when (at)")
    return Step(
        at=content["at"],
        actor=actor,
        verb=content[actor],
        options={key: value for key, value in content.items() if key not in {actor, *_STEP}},
        number=number,
        dated=content.get("dated"),
        order=content.get("order"),
        twice=content.get("twice") == "yes",
    )


def _only(content: Any, known: set[str], where: str) -> None:
    if unknown := set(content) - known:
        raise ValueError(
            f"{where}: {', '.join(sorted(unknown))} is not known, only {', '.join(sorted(known))}"
        )
