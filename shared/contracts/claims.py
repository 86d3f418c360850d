"""Claims: its commands and its facts."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.data import (
    LIST_ITEMS_MAX,
    Actor,
    Id,
    Listed,
    OrderCommand,
    Part,
    PersonsText,
    Text,
    When,
)
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
    Refusal,
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
    description: PersonsText
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
    text: PersonsText
    evidence: Listed[Id] = ()


class DecideClaim(OrderCommand):
    """An investigator decides. `amount` only when granted."""

    TYPE: ClassVar[str] = "claims.decide_claim.v1"
    TOPIC: ClassVar[str] = CLAIMS_COMMANDS

    claim_id: Id
    outcome: DecidedOutcome
    amount: Money | None = None
    reasons: Listed[Text] = ()


class ClaimCommand(OrderCommand):
    """A command on one claim."""

    claim_id: Id


class Statement(Part):
    """What somebody says on a claim, with evidence."""

    text: PersonsText = ""
    evidence: Listed[Id] = ()


class Appeal(Part):
    """Why a decision should not stand. New information is needed: an empty explanation is refused."""

    explanation: PersonsText
    evidence: Listed[Id] = ()


class WithdrawClaim(ClaimCommand):
    """The buyer takes the claim back (C7)."""

    TYPE: ClassVar[str] = "claims.withdraw_claim.v1"
    TOPIC: ClassVar[str] = CLAIMS_COMMANDS


class AnswerClaim(ClaimCommand, Statement):
    """The seller answers the claim itself (C9, C6.5)."""

    TYPE: ClassVar[str] = "claims.answer_claim.v1"
    TOPIC: ClassVar[str] = CLAIMS_COMMANDS


class RefundClaim(ClaimCommand):
    """The seller refunds in full, at once or when the item is back (C8)."""

    TYPE: ClassVar[str] = "claims.refund_claim.v1"
    TOPIC: ClassVar[str] = CLAIMS_COMMANDS

    return_first: bool = False


class AddEvidence(ClaimCommand, Statement):
    """Either side adds to the case."""

    TYPE: ClassVar[str] = "claims.add_evidence.v1"
    TOPIC: ClassVar[str] = CLAIMS_COMMANDS


class AppealClaim(ClaimCommand, Appeal):
    """Whom the decision went against asks that someone else looks at it (C11)."""

    TYPE: ClassVar[str] = "claims.appeal_claim.v1"
    TOPIC: ClassVar[str] = CLAIMS_COMMANDS


class DecideAppeal(ClaimCommand):
    """Another investigator decides. `amount` only when a denial or a refusal is reversed (C12)."""

    TYPE: ClassVar[str] = "claims.decide_appeal.v1"
    TOPIC: ClassVar[str] = CLAIMS_COMMANDS

    reverse_money: bool = False
    reverse_defect: bool = False
    amount: Money | None = None
    reasons: Listed[Text] = ()


class CheckEligibility(OrderCommand):
    """Asks whether a claim for these lines could be filed now, and if not, from when, or what is missing."""

    TYPE: ClassVar[str] = "claims.check_eligibility.v1"
    TOPIC: ClassVar[str] = CLAIMS_COMMANDS

    lines: Listed[Line]
    issue: ClaimIssue
    reason: ClaimReason | None = None


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
    """A filing that was not accepted, or a filed claim that an investigator refuses by judgement (C4).

    The explanation says which rules were looked at. Only a judgement has `actor`, `reasons` and `appeal_until`.
    """

    TYPE: ClassVar[str] = "claims.claim_refused.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id
    policy_id: Id | None = None
    explanation: Explanation = ()
    automatic: bool | None = None
    actor: Actor | None = None
    reasons: Listed[Text] | None = None
    appeal_until: When | None = None


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
    text: PersonsText
    evidence: Listed[Id] = ()
    provided_at: When


class ClaimAnswered(StateFact, Statement):
    """The seller answered the claim; `answered_at` is the command's time, by which it is judged."""

    TYPE: ClassVar[str] = "claims.claim_answered.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id
    command_id: Id
    actor: Actor
    answered_at: When


class EvidenceAdded(StateFact, Statement):
    """Somebody added to the case."""

    TYPE: ClassVar[str] = "claims.evidence_added.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id
    command_id: Id
    actor: Actor


class ReturnRequired(StateFact):
    """The seller will refund once the item is back; the buyer sends it by `send_by`, or the claim closes (C8)."""

    TYPE: ClassVar[str] = "claims.return_required.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id
    command_id: Id
    actor: Actor
    send_by: When


class ClaimSuspended(StateFact):
    """A chargeback is open: nothing is decided, and the claim's clocks stand still (C16)."""

    TYPE: ClassVar[str] = "claims.claim_suspended.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id


class ClaimResumed(StateFact):
    """The investigation goes on.

    With `request_id`, because that information was not given in time; without, because a chargeback ended: each
    clock goes on with the time that it had left.
    """

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


class ClaimWithdrawn(StateFact):
    """The buyer took the claim back: no effect on the seller (C7)."""

    TYPE: ClassVar[str] = "claims.claim_withdrawn.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id
    command_id: Id
    actor: Actor


class ClaimRefundedBySeller(StateFact):
    """The seller refunds in full; orders records `amount` for `lines`, and it counts as a defect (C8)."""

    TYPE: ClassVar[str] = "claims.claim_refunded_by_seller.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=LIST_ITEMS_MAX)]
    amount: Money
    command_id: Id | None = None
    actor: Actor | None = None


class ClaimAppealed(StateFact, Appeal):
    """The decision is looked at again, by someone else (C11)."""

    TYPE: ClassVar[str] = "claims.claim_appealed.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    claim_id: Id
    command_id: Id
    actor: Actor
    by: Side


class AppealReversed(Decision):
    """The first decision does not stand (C12).

    A grant: with `reverse_money` the seller is reimbursed `amount`, what was debited, and the marketplace bears
    it; with `reverse_defect` it counts no more. A denial or refusal: `amount` is granted for `lines`, and the
    buyer is paid `compensation`. Final for both: there is no `appeal_until`.
    """

    TYPE: ClassVar[str] = "claims.appeal_reversed.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    reverse_money: bool
    reverse_defect: bool
    first_outcome: DecidedOutcome
    funding: Funding
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=LIST_ITEMS_MAX)]
    compensation: Money
    compensation_id: Id | None = None
    debit_id: Id | None = None
    reimbursement_id: Id | None = None


class AppealUpheld(Decision):
    """The first decision stands, for good; `amount` is what it had granted."""

    TYPE: ClassVar[str] = "claims.appeal_upheld.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    first_outcome: DecidedOutcome
    funding: Funding | None = None


class EligibilityChecked(StateFact):
    """The answer to a question, without a number: nothing has changed.

    Eligible: from when and until when a claim may be filed. Otherwise `missing` are the codes of the refusals
    that a filing would get now, in their order, and `from` and `until` as far as they are known.
    """

    TYPE: ClassVar[str] = "claims.eligibility_checked.v1"
    TOPIC: ClassVar[str] = CLAIMS_EVENTS

    command_id: Id
    lines: Listed[Line]
    issue: ClaimIssue
    reason: ClaimReason | None = None
    eligible: bool
    from_: When | None = Field(default=None, alias="from")
    until: When | None = None
    missing: Listed[Refusal] = ()


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
    WithdrawClaim,
    AnswerClaim,
    RefundClaim,
    AddEvidence,
    RequestInformation,
    ProvideInformation,
    DecideClaim,
    AppealClaim,
    DecideAppeal,
    CheckEligibility,
    FilingOpened,
    ClaimFiled,
    ClaimRefused,
    InformationRequested,
    InformationProvided,
    ClaimAnswered,
    EvidenceAdded,
    ReturnRequired,
    ClaimSuspended,
    ClaimResumed,
    ClaimGranted,
    GrantVoided,
    ClaimDenied,
    ClaimWithdrawn,
    ClaimRefundedBySeller,
    ClaimAppealed,
    AppealReversed,
    AppealUpheld,
    EligibilityChecked,
    ClaimClosed,
    CommandRefused,
)
