"""Policies, marketplaces and carriers, as their files say: frozen, and without unknown keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from itertools import cycle
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.policies.durations import Duration

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Days = Annotated[int, Field(ge=0, le=3650)]
Language = Literal["en", "zh"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


# ------------------------------------------------------------------------------------------------- policies


class Commands(_Frozen):
    """What holds for every command."""

    ahead: Duration


class Orders(_Frozen):
    """Promises to an order, by the policy in force when it was placed."""

    hold: Duration
    verification: Duration
    ship_confirmation: Duration
    ship_confirmation_from: Literal["order_date", "expected_ship_date"]
    ship_confirmation_settle: Duration
    ship_by_warning: Duration
    ship_date_after_scan: Duration


class Messaging(_Frozen):
    """The two clocks of a contact, by the policy in force when it was opened."""

    response: Duration
    resolution: Duration


Ground = Literal["C6.1", "C6.2", "C6.3", "C6.4", "C6.5"]


class Claims(_Frozen):
    """When a claim may be filed and what grants it, by the policy in force when it was."""

    contact_wait: Duration
    filing_wait_days: Days
    filing_window_days: Days
    information: Duration
    information_silence: Literal["grant", "investigate"]
    answer: Duration | None
    return_window_days: Days
    return_send: Duration
    return_refund: Duration
    appeal: Duration
    grounds: Mapping[Ground, bool]

    @model_validator(mode="after")
    def _all_grounds(self) -> Self:
        if missing := [ground for ground in Ground.__args__ if ground not in self.grounds]:  # type: ignore[attr-defined]
            raise ValueError(f"grounds lacks {', '.join(missing)}")
        return self


class Notifications(_Frozen):
    """What mails are sent on time alone."""

    reminder: Duration


Share = Annotated[float, Field(ge=0, le=1)]


class Performance(_Frozen):
    """What a seller's rates count, over how many days, and what they should be."""

    order_defect_days: Days
    order_defect_target: Share
    cancellation_days: Days
    cancellation_target: Share
    answered_within: Duration
    answered_days: Days
    answered_target: Share
    negative_rating_max: Annotated[int, Field(ge=0, le=5)]


class Policy(_Frozen):
    """One policy: all numbers and switches of the rulebook, by the services that read them."""

    id: Name
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
        by_start = sorted(self.policies, key=lambda term: term.from_ or date.min)
        begun = [term for term in by_start if (term.from_ or date.min) <= day]
        return (begun or by_start[:1])[-1].policy

    def policy_at(self, at: datetime) -> str:
        """Return the id of the policy in force at an instant, by its day in the marketplace's time zone."""
        return self.policy_on(at.astimezone(self.zone).date())


# ------------------------------------------------------------------------------------------------ carriers


class CheckDigit(_Frozen):
    """A weighted sum whose last digit is told by the others: see carriers.yaml."""

    modulus: Annotated[int, Field(ge=2, le=100)]
    weights: Annotated[tuple[int, ...], Field(min_length=1)]
    letters: Annotated[str, StringConstraints(pattern=r"^[0-9]+$")] | None = None
    instead: Mapping[int, int] = Field(default_factory=dict)

    def holds(self, checked: str) -> bool:
        """Say whether the last character is the check digit of those before it."""
        total = sum(
            self._value(char) * weight
            for char, weight in zip(checked[:-1], cycle(self.weights), strict=False)
        )
        lacking = -total % self.modulus
        return checked[-1] == str(self.instead.get(lacking, lacking))

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
