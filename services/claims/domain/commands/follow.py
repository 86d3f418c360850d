"""A command on a claim is followed, or refused with the rule, the reason, and what would help."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias, assert_never

from services.claims.domain.commands import (
    answer,
    appeal,
    decide,
    decide_appeal,
    evidence,
    information,
    refund,
    withdraw,
)
from services.claims.domain.commands.who import claim_decided
from services.claims.domain.events import ClaimAnswered, CommandRefused, Event
from services.claims.domain.evolve import apply
from services.claims.domain.inputs import (
    Actor,
    ActorKind,
    AddEvidence,
    AnswerClaim,
    AppealClaim,
    ClaimCommand,
    DecideAppeal,
    DecideClaim,
    ProvideInformation,
    RefundClaim,
    RequestInformation,
    WithdrawClaim,
)
from services.claims.domain.judging import Desk, grant_by_rule
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import OPEN, Claim, claim_of
from shared.values import replace

OfASide: TypeAlias = (
    WithdrawClaim | AnswerClaim | RefundClaim | AddEvidence | ProvideInformation | AppealClaim
)
Barred: TypeAlias = Callable[[Actor, Claim, Desk, datetime], Refusal | None]

BARRED: Mapping[str, Barred] = {
    "withdraw_claim": withdraw.barred,
    "answer_claim": answer.barred,
    "refund_claim": refund.barred,
    "add_evidence": evidence.barred,
    "request_information": information.asking_barred,
    "provide_information": information.providing_barred,
    "decide_claim": decide.barred,
    "appeal_claim": appeal.barred,
    "decide_appeal": decide_appeal.barred,
}
"""Why an action cannot be taken now: what is offered to people (`view.py`) is what is not barred."""

_OF_A_BUYER = ("withdraw_claim", "add_evidence", "provide_information", "appeal_claim")
OF_ROLE: Mapping[ActorKind, Sequence[str]] = {
    "buyer": _OF_A_BUYER,
    "seller": ("answer_claim", "refund_claim", "add_evidence", "provide_information", "appeal_claim"),
    "support": _OF_A_BUYER,
    "investigator": ("request_information", "decide_claim", "decide_appeal"),
    "operator": (),
}
"""What is never barred because of who asks: the other actions of a claim need not be looked at for a role."""


def on_claim(command: ClaimCommand, desk: Desk) -> Sequence[Event]:
    """Follow a command on a claim that was filed, or refuse it."""
    claim = claim_of(desk.state, command.claim_id)
    if command.at - desk.now > desk.ahead(command.at):
        return refused(command, Refusal("T5", "in_the_future"), desk.now)
    if claim is None:
        return refused(command, Refusal("C9", "unknown_claim"), desk.now)
    if isinstance(command, RequestInformation) and information.is_asked_already(command, claim):
        return ()
    return _follow_unless_late(command, claim, desk)


def _follow_unless_late(command: ClaimCommand, claim: Claim, desk: Desk) -> Sequence[Event]:
    barred = _barred(command, claim, desk)
    granted = () if barred else _granted_before(command, claim, desk)
    if granted:
        after = replace(desk, state=apply(desk.state, granted))
        decided = claim_of(after.state, command.claim_id) or claim
        return [*granted, *_although_late(command, decided, after, claim_decided(_RULES[type(command)]))]
    followed = barred or _follow(command, claim, desk)
    return _although_late(command, claim, desk, followed) if isinstance(followed, Refusal) else followed


def refused(command: ClaimCommand, refusal: Refusal, now: datetime) -> Sequence[Event]:
    """Answer a command that is not followed."""
    request_id = command.request_id if isinstance(command, ProvideInformation) else None
    return [CommandRefused(command.command_id, command.claim_id, request_id, refusal, now)]


_RULES: Mapping[type[ClaimCommand], str] = {
    WithdrawClaim: "C7",
    RefundClaim: "C8",
    RequestInformation: "C9",
    DecideClaim: "C9",
}
"""What ends a claim, or goes on with it, comes too late if a deadline before its date has granted it."""


def _barred(command: ClaimCommand, claim: Claim, desk: Desk) -> Refusal | None:
    """Say why not; information is looked at for the one request that is named."""
    if isinstance(command, ProvideInformation):
        return None
    return BARRED[_ACTIONS[type(command)]](command.actor, claim, desk, command.at)


_ACTIONS: Mapping[type[ClaimCommand], str] = {
    WithdrawClaim: "withdraw_claim",
    AnswerClaim: "answer_claim",
    RefundClaim: "refund_claim",
    AddEvidence: "add_evidence",
    RequestInformation: "request_information",
    DecideClaim: "decide_claim",
    AppealClaim: "appeal_claim",
    DecideAppeal: "decide_appeal",
}


def _follow(command: ClaimCommand, claim: Claim, desk: Desk) -> Sequence[Event] | Refusal:
    match command:
        case RequestInformation():
            return information.ask(command, claim, desk)
        case DecideClaim():
            return decide.decide(command, claim, desk)
        case DecideAppeal():
            return decide_appeal.decide_appeal(command, claim, desk)
        case _:
            return _follow_side(command, claim, desk)


def _follow_side(command: OfASide, claim: Claim, desk: Desk) -> Sequence[Event] | Refusal:
    match command:
        case WithdrawClaim():
            return withdraw.withdraw(command, claim, desk)
        case AnswerClaim():
            return answer.answer(command, claim, desk)
        case RefundClaim():
            return refund.refund(command, claim, desk)
        case AddEvidence():
            return evidence.add(command, claim, desk)
        case ProvideInformation():
            return information.provide(command, claim, desk)
        case AppealClaim():
            return appeal.appeal(command, claim, desk)
        case _:
            assert_never(command)


def _granted_before(command: ClaimCommand, claim: Claim, desk: Desk) -> Sequence[Event]:
    """Grant first what a deadline before the date of the command has granted, though it is read later."""
    if type(command) not in _RULES or not isinstance(claim, OPEN):
        return ()
    return grant_by_rule(desk, claim.case, min(command.at, desk.now))


def _although_late(command: ClaimCommand, claim: Claim, desk: Desk, refusal: Refusal) -> Sequence[Event]:
    """Refuse a command; but one that shows that the seller was not silent is heard as that (C6, T5)."""
    if refusal.reason != "claim_decided":
        return refused(command, refusal, desk.now)
    match command:
        case AnswerClaim():
            seen = answer.seen_too_late(command, claim, desk)
        case ProvideInformation():
            seen = information.seen_too_late(command, claim, desk)
        case RefundClaim():
            seen = refund.as_answer(command, claim, desk)
            if any(isinstance(event, ClaimAnswered) for event in seen):
                return seen
        case _:
            seen = ()
    return [*seen, *refused(command, refusal, desk.now)]
