"""Claims: its commands and its facts."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.data import LIST_ITEMS_MAX, Actor, Id, Listed, OrderCommand, Part, Text, When
from shared.contracts.explanation import Explanation
from shared.contracts.facts import Line, Refused, StateFact
from shared.contracts.lists import (
    ClaimIssue,
    ClaimReason,
    ClosedOutcome,
    DecidedOutcome,
    FilingChannel,
    Funding,
    OnSilence,
    Side,
    Wanted,
)
from shared.contracts.money import Money
from shared.contracts.topics import CLAIMS_COMMANDS, CLAIMS_EVENTS


class Form(Part):
    """What a claim says. It may be incomplete, which is refused, not unreadable."""

    claim_id: Id
    lines: Listed[Line]
    issue: ClaimIssue
    reason: ClaimReason | None = None
    description: Text
    wanted: Wanted
    amount: Money
    extra_charges: Money | None = None
    evidence: Listed[Id] = ()
    channel: FilingChannel = "self"


class FileClaim(OrderCommand, Form):
    """The buyer, or support for the buyer, claims."""

    TYPE: ClassVar[str] = "claims.file_claim.v1"
    TOPIC: ClassVar[str] = CLAIMS_COMMANDS


class RequestInformation(OrderCommand):
    """An investigator asks one side; the request's id is the command's."""

    TYPE: ClassVar[str] = "claims.request_information.v1"
    TOPIC: ClassVar[str] = CLAIMS_COMMANDS

    claim_id: Id
    from_: Side = Field(alias="from")
    questions: Listed[Text]


class ProvideInformation(OrderCommand):
    """Who was asked answers."""

    TYPE: ClassVar[str] = "claims.provide_information.v1"
    TOPIC: ClassVar[str] = CLAIMS_COMMANDS

    claim_id: Id
    request_id: Id
    text: Text
    evidence: Listed[Id] = ()


class DecideClaim(OrderCommand):
    """An investigator decides. `amount` only when granted."""

    TYPE: ClassVar[str] = "claims.decide_claim.v1"
    TOPIC: ClassVar[str] = CLAIMS_COMMANDS

    claim_id: Id
    outcome: DecidedOutcome
    amount: Money | None = None
    reasons: Listed[Text] = ()


class FilingOpened(StateFact):
    """The buyer may file on this contact, from `eligible_from` until `until`."""

    TYPE: ClassVar[str] = "claims.filing_opened.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    contact_id: Id
    eligible_from: When
    until: When


class ClaimFiled(StateFact, Form):
    """A claim is open. `command_id` and `actor` are the command's; `respond_by` if an answer is asked."""

    TYPE: ClassVar[str] = "claims.claim_filed.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    command_id: Id
    actor: Actor
    policy_id: Id
    respond_by: When | None = None


class ClaimRefused(Refused):
    """A filing that was not accepted; the explanation says which rules were looked at."""

    TYPE: ClassVar[str] = "claims.claim_refused.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id
    policy_id: Id | None = None
    explanation: Explanation = ()


class InformationRequested(StateFact):
    """One side is asked, until `respond_by`; `on_silence` is what the seller's silence would mean."""

    TYPE: ClassVar[str] = "claims.information_requested.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id
    request_id: Id
    actor: Actor
    from_: Side = Field(alias="from")
    questions: Listed[Text]
    respond_by: When
    on_silence: OnSilence


class InformationProvided(StateFact):
    """Who was asked answered; `provided_at` is the command's time, by which it is judged."""

    TYPE: ClassVar[str] = "claims.information_provided.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id
    request_id: Id
    command_id: Id
    actor: Actor
    text: Text
    evidence: Listed[Id] = ()
    provided_at: When


class ClaimResumed(StateFact):
    """The investigation goes on: with `request_id`, because that information was not given in time."""

    TYPE: ClassVar[str] = "claims.claim_resumed.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id
    request_id: Id | None = None


class Decision(StateFact):
    """A decision, its policy and why. `appeal_until` is absent where nobody may appeal."""

    claim_id: Id
    amount: Money
    automatic: bool
    policy_id: Id
    appeal_until: When | None = None
    explanation: Explanation
    actor: Actor | None = None
    reasons: Listed[Text] = ()


class ClaimGranted(Decision):
    """Granted. `lines` let orders cancel what is not yet shipped without having kept the claim.

    `compensation` is what the buyer is paid now: less than `amount`, or 0, when a voided grant had paid some
    before. The two ids are those of the records on `finance.debits`, absent where none was sent.
    """

    TYPE: ClassVar[str] = "claims.claim_granted.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    funding: Funding
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=LIST_ITEMS_MAX)]
    compensation: Money
    compensation_id: Id | None = None
    debit_id: Id | None = None


class GrantVoided(Decision):
    """An answer dated in time (`answered_at`) was read after the grant; the seller gets `amount` back."""

    TYPE: ClassVar[str] = "claims.grant_voided.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    funding: Funding
    answered_at: When
    debit_id: Id | None = None
    reimbursement_id: Id | None = None


class ClaimDenied(Decision):
    """Denied: `amount` is 0, and nobody funds it."""

    TYPE: ClassVar[str] = "claims.claim_denied.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    funding: Funding | None = None


class ClaimClosed(StateFact):
    """The claim is at its end; `outcome` is what stands."""

    TYPE: ClassVar[str] = "claims.claim_closed.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id
    outcome: ClosedOutcome


class CommandRefused(Refused):
    """The answer to a command, other than a filing, that claims did not follow."""

    TYPE: ClassVar[str] = "claims.command_refused.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id | None = None
    request_id: Id | None = None


MESSAGES = (
    FileClaim,
    RequestInformation,
    ProvideInformation,
    DecideClaim,
    FilingOpened,
    ClaimFiled,
    ClaimRefused,
    InformationRequested,
    InformationProvided,
    ClaimResumed,
    ClaimGranted,
    GrantVoided,
    ClaimDenied,
    ClaimClosed,
    CommandRefused,
)
