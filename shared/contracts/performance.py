"""Performance: contests of what a rate counts, and the rates."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.data import Actor, Count, Day, Id, Listed, OrderCommand, Part, PersonsText, Text
from shared.contracts.facts import Fact, Refused
from shared.contracts.lists import DefectKind
from shared.contracts.topics import PERFORMANCE_COMMANDS, PERFORMANCE_EVENTS

Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole, such as 0.01 for one in a hundred."""


class Explanation(Part):
    """Why something should not count, with supporting material."""

    explanation: PersonsText
    evidence: Listed[Id] = ()


class ContestDefect(OrderCommand, Explanation):
    """The seller contests something that a rate counts (H3)."""

    TYPE: ClassVar[str] = "performance.contest_defect.v1"
    TOPIC: ClassVar[str] = PERFORMANCE_COMMANDS

    contest_id: Id
    defect_id: Id


class DecideContest(OrderCommand):
    """An investigator accepts it (it is taken back) or rejects it."""

    TYPE: ClassVar[str] = "performance.decide_contest.v1"
    TOPIC: ClassVar[str] = PERFORMANCE_COMMANDS

    contest_id: Id
    accepted: bool
    reasons: Listed[Text] = ()


class SellerFact(Fact):
    """Something about a seller, because of one order."""

    seller_id: Id
    order_id: Id


class DefectCounted(SellerFact):
    """A rate counts this against the seller. `day` is the day, at the marketplace, that it counts for."""

    TYPE: ClassVar[str] = "performance.defect_counted.v1"
    TOPIC: ClassVar[str] = PERFORMANCE_EVENTS

    defect_id: Id
    kind: DefectKind
    day: Day
    cause_id: Id
    claim_id: Id | None = None
    contact_id: Id | None = None


class DefectTakenBack(SellerFact):
    """It counts no more: an appeal, a void, an answer read late, or an accepted contest."""

    TYPE: ClassVar[str] = "performance.defect_taken_back.v1"
    TOPIC: ClassVar[str] = PERFORMANCE_EVENTS

    defect_id: Id
    kind: DefectKind
    cause_id: Id
    contest_id: Id | None = None


class ContestFact(SellerFact):
    """What became of a contest."""

    contest_id: Id
    defect_id: Id


class ContestSubmitted(ContestFact, Explanation):
    """The seller contests it."""

    TYPE: ClassVar[str] = "performance.contest_submitted.v1"
    TOPIC: ClassVar[str] = PERFORMANCE_EVENTS

    command_id: Id
    actor: Actor


class ContestUnderReview(ContestFact):
    """It is in the investigators' queue."""

    TYPE: ClassVar[str] = "performance.contest_under_review.v1"
    TOPIC: ClassVar[str] = PERFORMANCE_EVENTS


class ContestAccepted(ContestFact):
    """What was contested is taken back."""

    TYPE: ClassVar[str] = "performance.contest_accepted.v1"
    TOPIC: ClassVar[str] = PERFORMANCE_EVENTS

    command_id: Id
    actor: Actor
    reasons: Listed[Text] = ()


class ContestRejected(ContestFact):
    """What was contested stays counted."""

    TYPE: ClassVar[str] = "performance.contest_rejected.v1"
    TOPIC: ClassVar[str] = PERFORMANCE_EVENTS

    command_id: Id
    actor: Actor
    reasons: Listed[Text] = ()


class Rate(Part):
    """A rate over the days `from` to `to`, both included; none of `denominator` is no rate."""

    numerator: Count
    denominator: Count
    target: Share
    from_: Day = Field(alias="from")
    to: Day


class Rates(Part):
    """The rates of a seller. The first two should be below their targets, the last at least at it."""

    order_defect_rate: Rate
    pre_fulfilment_cancel_rate: Rate
    answered_in_time_rate: Rate


class HealthChanged(Fact):
    """A seller's rates, because something was counted or taken back, or because a day passed."""

    TYPE: ClassVar[str] = "performance.health_changed.v1"
    TOPIC: ClassVar[str] = PERFORMANCE_EVENTS

    seller_id: Id
    rates: Rates


class CommandRefused(Refused):
    """The answer to a command that performance did not follow."""

    TYPE: ClassVar[str] = "performance.command_refused.v1"
    TOPIC: ClassVar[str] = PERFORMANCE_EVENTS

    contest_id: Id | None = None
    defect_id: Id | None = None


MESSAGES = (
    ContestDefect,
    DecideContest,
    DefectCounted,
    DefectTakenBack,
    ContestSubmitted,
    ContestUnderReview,
    ContestAccepted,
    ContestRejected,
    HealthChanged,
    CommandRefused,
)
