"""Policies, marketplaces and carriers, as their files say: frozen, and without unknown keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import cycle
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from shared.policies.durations import Duration
from shared.values import dataclass

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Days = Annotated[int, Field(ge=0, le=3650)]
Language = Literal["en", "zh"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", use_attribute_docstrings=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with changes. What was worked out of the old fields is worked out anew."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(copied).model_fields.keys():
            del copied.__dict__[name]
        return copied


@dataclass(frozen=True, slots=True)
class RulesOf:
    """The rules of the rulebook that a number belongs to, among its annotations."""

    ids: tuple[str, ...]

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "x-rules": list(self.ids)}


def Rules(*ids: str) -> RulesOf:  # noqa: N802  it stands among annotations
    """Name the rules that a number belongs to."""
    return RulesOf(ids)


# ------------------------------------------------------------------------------------------------- policies


class Commands(_Frozen):
    """What holds for every command."""

    ahead: Annotated[Duration, Rules("T5")]
    """How far ahead of the clock a command may be dated; one that is dated further is refused."""


class Orders(_Frozen):
    """Promises to an order, by the policy in force when it was placed."""

    hold: Annotated[Duration, Rules("O2", "O7")]
    """How long every order is held after it was placed."""
    verification: Annotated[Duration, Rules("O3")]
    """How long after placement an order that is not verified is canceled."""
    ship_confirmation: Annotated[Duration, Rules("O11")]
    """How long after the date below shipment must be confirmed; what is not is canceled."""
    ship_confirmation_from: Annotated[Literal["order_date", "expected_ship_date"], Rules("O11")]
    """From which date that time counts."""
    ship_confirmation_settle: Annotated[Duration, Rules("O11")]
    """How long that cancellation waits, so that a confirmation dated in time has been read."""
    ship_by_warning: Annotated[Duration, Rules("O12")]
    """How long before that cutoff the seller is warned."""
    ship_date_after_scan: Annotated[Duration, Rules("O15")]
    """How much later than a scan the ship date of a shipment may be for which the scan counts."""


class Messaging(_Frozen):
    """The two clocks of a contact, by the policy in force when it was opened."""

    response: Annotated[Duration, Rules("M2", "C6.2")]
    """How long the seller has to answer the buyer in person."""
    resolution: Annotated[Duration, Rules("M2", "M3")]
    """How long until a contact that is not resolved is overdue."""


Ground = Literal["C6.1", "C6.2", "C6.3", "C6.4", "C6.5"]

GROUNDS: Mapping[Ground, str] = {
    "C6.1": "Whether it grants that nobody can track what was confirmed as shipped.",
    "C6.2": "Whether it grants that the buyer wrote and got no response within the window.",
    "C6.3": "Whether it grants that it was not shipped by the expected ship date.",
    "C6.4": "Whether it grants that it was not delivered by the estimated delivery date.",
    "C6.5": "Whether it grants that the seller let a deadline to answer pass.",
}
"""What the switches mean, each of which stands below the rule's id."""


_GROUNDS_SCHEMA = {
    "type": "object",
    "properties": {ground: {"type": "boolean", "description": says} for ground, says in GROUNDS.items()},
    "required": list(GROUNDS),
    "additionalProperties": False,
}


def _all_grounds(grounds: Mapping[Ground, bool]) -> Mapping[Ground, bool]:
    if missing := [ground for ground in GROUNDS if ground not in grounds]:
        raise ValueError(f"lacks {', '.join(missing)}")
    return grounds


class Claims(_Frozen):
    """When a claim may be filed and what grants it, by the policy in force when it was."""

    contact_wait: Annotated[Duration, Rules("C2", "C3")]
    """How long after the buyer's first message a claim may be filed, if it was not resolved."""
    filing_wait_days: Annotated[Days, Rules("C2")]
    """How many calendar days after the delivery date must pass before a claim may be filed."""
    filing_window_days: Annotated[Days, Rules("C4")]
    """How many calendar days after the maximum estimated delivery date a claim may be filed."""
    information: Annotated[Duration, Rules("C9", "C6.5")]
    """How long who is asked for information has to give it."""
    information_silence: Annotated[Literal["grant", "investigate"], Rules("C9", "C6.5")]
    """What follows from the seller's silence about such a question."""
    answer: Annotated[Duration | None, Rules("C6.5")]
    """How long the seller has to answer a claim that was filed; null sets no deadline."""
    return_window_days: Annotated[Days, Rules("C4")]
    """How many calendar days after delivery a return that was authorised must be sent back."""
    return_send: Annotated[Duration, Rules("C8")]
    """How long the buyer has to send the item back, where the seller wants it before refunding."""
    return_refund: Annotated[Duration, Rules("C8", "C6.5")]
    """How long the seller has to refund once the item is back."""
    appeal: Annotated[Duration, Rules("C11", "C13")]
    """How long a decision can be appealed."""
    grounds: Annotated[
        Mapping[Ground, bool], AfterValidator(_all_grounds), WithJsonSchema(_GROUNDS_SCHEMA), Rules("C6")
    ]
    """Which of the grounds grant by themselves."""


class Notifications(_Frozen):
    """What mails are sent on time alone."""

    reminder: Annotated[Duration, Rules("N1")]
    """How long before a deadline that is still open the seller is reminded."""


Share = Annotated[float, Field(ge=0, le=1)]


class Performance(_Frozen):
    """What a seller's rates count, over how many days, and what they should be."""

    order_defect_days: Annotated[Days, Rules("H1")]
    """Over how many days the order defect rate is taken."""
    order_defect_target: Annotated[Share, Rules("H1")]
    """Below which share it should be."""
    cancellation_days: Annotated[Days, Rules("H2")]
    """Over how many days the pre-fulfilment cancellation rate is taken."""
    cancellation_target: Annotated[Share, Rules("H2")]
    """Below which share it should be."""
    answered_within: Annotated[Duration, Rules("H2")]
    """How soon a contact must be answered to count as answered in time."""
    answered_days: Annotated[Days, Rules("H2")]
    """Over how many days the rate of contacts answered in time is taken."""
    answered_target: Annotated[Share, Rules("H2")]
    """At which share, or above, it should be."""
    negative_rating_max: Annotated[int, Field(ge=0, le=5), Rules("H1")]
    """Feedback of so many stars, or fewer, is a defect."""


class Policy(_Frozen):
    """One policy: all numbers and switches of the rulebook, by the services that read them."""

    id: Name
    """The policy's name, which is also its file's."""
    commands: Commands
    orders: Orders
    messaging: Messaging
    claims: Claims
    notifications: Notifications
    performance: Performance


# -------------------------------------------------------------------------------------------- marketplaces


class Term(_Frozen):
    """The days, both included, on which a marketplace is under a policy. An end that is None is open."""

    policy: Name
    from_: date | None = Field(default=None, alias="from")
    to: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.to and self.to < self.from_:
            raise ValueError("ends before it begins")
        return self

    def covers(self, day: date) -> bool:
        """Say whether the policy is in force on that day."""
        return (self.from_ or date.min) <= day <= (self.to or date.max)

    def overlaps(self, other: Term) -> bool:
        """Say whether two policies are in force on one day."""
        return max(self.from_ or date.min, other.from_ or date.min) <= min(
            self.to or date.max, other.to or date.max
        )


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not a time zone of the tz database, such as Asia/Tokyo")
    return name


class Methods(_Frozen):
    """A carrier's shipping methods: those that come without tracking."""

    untracked: tuple[Name, ...] = ()


class Marketplace(_Frozen):
    """Where an order is placed. The first language is the one to fall back on."""

    id: Name
    time_zone: Annotated[str, AfterValidator(_known_zone)]
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    carriers: Mapping[Name, Methods]
    policies: Annotated[tuple[Term, ...], Field(min_length=1)]

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone in which its days begin and end."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def untracked(self) -> Mapping[str, frozenset[str]]:
        """The carriers it knows, in capitals, each with its untracked methods in small letters."""
        return {
            code.upper(): frozenset(method.lower() for method in methods.untracked)
            for code, methods in self.carriers.items()
        }

    def policy_on(self, day: date) -> str:
        """Return the id of the policy in force on a day.

        On a day without one it is the last before it, or else the first: orders are never without a policy.
        """
        begun = [policy for first, policy in self._by_start if first <= day]
        return begun[-1] if begun else self._by_start[0][1]

    @cached_property
    def _by_start(self) -> Sequence[tuple[date, str]]:
        by_start = sorted(self.policies, key=lambda term: term.from_ or date.min)
        return [(term.from_ or date.min, term.policy) for term in by_start]

    def policy_at(self, at: datetime) -> str:
        """Return the id of the policy in force at an instant, by its day in the marketplace's time zone."""
        return self.policy_on(at.astimezone(self.zone).date())


# ------------------------------------------------------------------------------------------------ carriers


class CheckDigit(_Frozen):
    """A weighted sum whose last digit is told by the others: see carriers.yaml."""

    modulus: Annotated[int, Field(ge=2, le=100)]
    weights: Annotated[tuple[int, ...], Field(min_length=1)]
    letters: Annotated[str, StringConstraints(pattern=r"^[0-9]+$")] | None = None
    before: Annotated[str, StringConstraints(pattern=r"^[0-9]*$")] = ""
    rest: bool = False
    instead: Mapping[int, int] = Field(default_factory=dict)

    def holds(self, checked: str) -> bool:
        """Say whether the last character is the check digit of those before it."""
        total = sum(
            self._value(char) * weight
            for char, weight in zip(self.before + checked[:-1], cycle(self.weights), strict=False)
        )
        digit = (total if self.rest else -total) % self.modulus
        return checked[-1] == str(self.instead.get(digit, digit))

    def _value(self, char: str) -> int:
        if char.isdigit() or self.letters is None:
            return int(char)
        return int(self.letters[(ord(char) - ord("A")) % len(self.letters)])


def _known_pattern(pattern: str) -> str:
    try:
        re.compile(pattern, re.ASCII)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from error
    return pattern


class Form(_Frozen):
    """What one kind of a carrier's numbers looks like."""

    pattern: Annotated[str, AfterValidator(_known_pattern)]
    check: CheckDigit | None = None

    @model_validator(mode="after")
    def _has_what_is_checked(self) -> Self:
        if self.check and "checked" not in self._compiled.groupindex:
            raise ValueError("pattern has no group named checked")
        return self

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.ASCII)

    def fits(self, number: str) -> bool:
        """Say whether a normal number has this form."""
        found = self._compiled.fullmatch(number)
        return found is not None and (self.check is None or self.check.holds(found["checked"]))


class Carrier(_Frozen):
    """A carrier and the forms of its tracking numbers."""

    code: Name
    forms: Annotated[tuple[Form, ...], Field(min_length=1)]

    def has_form(self, number: str) -> bool:
        """Say whether a number, blanks and dashes aside, has one of this carrier's forms."""
        normal = re.sub(r"[\s-]", "", number).upper()
        return any(form.fits(normal) for form in self.forms)
