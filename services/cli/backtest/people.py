"""What people did, read back from the facts that came of it: a history keeps facts, and commands are not ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from shared.contracts import claims, messaging
from shared.contracts.data import Actor, Command, Data
from shared.contracts.facts import PartyFact
from shared.contracts.lists import Side

ERASED = "-"
"""Stands where a text was, which may be erased: that something was said is what counts."""

_Read = Callable[[Any, str | None], Command | None]


def command_of(fact: Data, causation_id: str | None) -> Command | None:
    """Return the command that a fact of messaging or claims tells of; None for what followed from a rule or a clock."""
    read = _READ.get(fact.TYPE)
    return read(fact, causation_id) if read else None


def _by(fact: Any, command_id: str, actor: Actor, at: datetime) -> dict[str, Any]:
    return {"order_id": fact.order_id, "command_id": command_id, "at": at, "actor": actor}


def _repeated(fact: Any, at: datetime | None = None) -> dict[str, Any]:
    """Give what every command has, from a fact that repeats it."""
    return _by(fact, fact.command_id, fact.actor, at or fact.at)


# ---------------------------------------------------------------------------------------------- messaging


def _wrote(fact: messaging.MessageSent, _cause: str | None) -> Command:
    letter = {name: getattr(fact, name) for name in messaging.Letter.model_fields}
    return messaging.SendMessage(**_repeated(fact), **letter)


def _resolved(fact: messaging.ContactResolved, cause: str | None) -> Command | None:
    if fact.cause != "buyer" or cause is None:
        return None
    actor = Actor(kind="buyer", id=fact.buyer_id)
    return messaging.ResolveContact(**_by(fact, cause, actor, fact.resolved_at), contact_id=fact.contact_id)


def _return_requested(fact: messaging.ReturnRequested, _cause: str | None) -> Command:
    form = {name: getattr(fact, name) for name in messaging.ReturnForm.model_fields}
    return messaging.RequestReturn(**_repeated(fact), **(form | {"reason": fact.reason or ERASED}))


def _return_answered(fact: messaging.ReturnAnswered, _cause: str | None) -> Command:
    form = {name: getattr(fact, name) for name in messaging.AnswerForm.model_fields}
    return messaging.AnswerReturn(
        **_repeated(fact, fact.answered_at), **(form | {"text": fact.text or ERASED})
    )


def _return_shipped(fact: messaging.ReturnShipped, _cause: str | None) -> Command:
    return messaging.ShipReturn(
        **_repeated(fact, fact.shipped_at),
        contact_id=fact.contact_id,
        carrier=fact.carrier,
        tracking_number=fact.tracking_number,
    )


def _return_received(fact: messaging.ReturnReceived, _cause: str | None) -> Command | None:
    if fact.by != "seller" or fact.command_id is None:
        return None
    actor = Actor(kind="seller", id=fact.seller_id)
    return messaging.ReceiveReturn(
        **_by(fact, fact.command_id, actor, fact.received_at), contact_id=fact.contact_id
    )


# ------------------------------------------------------------------------------------------------- claims


def _filed(fact: claims.ClaimFiled, _cause: str | None) -> Command:
    form = {name: getattr(fact, name) for name in claims.Form.model_fields}
    return claims.FileClaim(**_repeated(fact), **(form | {"description": fact.description or ERASED}))


def _stated(command: type[claims.AnswerClaim | claims.AddEvidence], dated: str) -> _Read:
    def read(fact: claims.ClaimAnswered | claims.EvidenceAdded, _cause: str | None) -> Command:
        said: dict[str, Any] = {"text": fact.text or ERASED, "evidence": fact.evidence}
        return command(**_repeated(fact, getattr(fact, dated)), claim_id=fact.claim_id, **said)

    return read


def _withdrawn(fact: claims.ClaimWithdrawn, _cause: str | None) -> Command:
    return claims.WithdrawClaim(**_repeated(fact), claim_id=fact.claim_id)


def _refunded(fact: claims.ClaimRefundedBySeller, _cause: str | None) -> Command | None:
    if fact.command_id is None or fact.actor is None:
        return None
    return claims.RefundClaim(**_repeated(fact), claim_id=fact.claim_id)


def _return_first(fact: claims.ReturnRequired, _cause: str | None) -> Command:
    return claims.RefundClaim(**_repeated(fact), claim_id=fact.claim_id, return_first=True)


def _asked(fact: claims.InformationRequested, _cause: str | None) -> Command:
    return claims.RequestInformation(
        **_by(fact, fact.request_id, fact.actor, fact.at),
        claim_id=fact.claim_id,
        from_=fact.from_,
        questions=fact.questions,
    )


def _informed(fact: claims.InformationProvided, _cause: str | None) -> Command:
    return claims.ProvideInformation(
        **_repeated(fact, fact.provided_at),
        claim_id=fact.claim_id,
        request_id=fact.request_id,
        text=fact.text or ERASED,
        evidence=fact.evidence,
    )


def _decided(outcome: str) -> _Read:
    def read(fact: Any, cause: str | None) -> Command | None:
        if fact.actor is None or cause is None:
            return None
        return claims.DecideClaim(
            **_by(fact, cause, fact.actor, fact.at),
            claim_id=fact.claim_id,
            outcome=outcome,  # type: ignore[arg-type]  # one of the three below
            amount=fact.amount if outcome == "granted" else None,
            reasons=fact.reasons or (),
        )

    return read


def _appealed(fact: claims.ClaimAppealed, _cause: str | None) -> Command:
    return claims.AppealClaim(
        **_repeated(fact),
        claim_id=fact.claim_id,
        explanation=fact.explanation or ERASED,
        evidence=fact.evidence,
    )


def _appeal_decided(fact: claims.AppealReversed | claims.AppealUpheld, cause: str | None) -> Command | None:
    if fact.actor is None or cause is None:
        return None
    reversed_ = isinstance(fact, claims.AppealReversed)
    return claims.DecideAppeal(
        **_by(fact, cause, fact.actor, fact.at),
        claim_id=fact.claim_id,
        reverse_money=isinstance(fact, claims.AppealReversed) and fact.reverse_money,
        reverse_defect=isinstance(fact, claims.AppealReversed) and fact.reverse_defect,
        amount=fact.amount if reversed_ and fact.first_outcome != "granted" else None,
        reasons=fact.reasons,
    )


_READ: Mapping[str, _Read] = {
    messaging.MessageSent.TYPE: _wrote,
    messaging.ContactResolved.TYPE: _resolved,
    messaging.ReturnRequested.TYPE: _return_requested,
    messaging.ReturnAnswered.TYPE: _return_answered,
    messaging.ReturnShipped.TYPE: _return_shipped,
    messaging.ReturnReceived.TYPE: _return_received,
    claims.ClaimFiled.TYPE: _filed,
    claims.ClaimAnswered.TYPE: _stated(claims.AnswerClaim, "answered_at"),
    claims.EvidenceAdded.TYPE: _stated(claims.AddEvidence, "at"),
    claims.ClaimWithdrawn.TYPE: _withdrawn,
    claims.ClaimRefundedBySeller.TYPE: _refunded,
    claims.ReturnRequired.TYPE: _return_first,
    claims.InformationRequested.TYPE: _asked,
    claims.InformationProvided.TYPE: _informed,
    claims.ClaimGranted.TYPE: _decided("granted"),
    claims.ClaimDenied.TYPE: _decided("denied"),
    claims.ClaimRefused.TYPE: _decided("refused"),
    claims.ClaimAppealed.TYPE: _appealed,
    claims.AppealReversed.TYPE: _appeal_decided,
    claims.AppealUpheld.TYPE: _appeal_decided,
}

_TOO_LATE = frozenset({"already_answered", "claim_decided"})


def late_information(
    refused: claims.CommandRefused, asked: Mapping[str, tuple[Side, PartyFact]]
) -> Command | None:
    """Read back information that came too late: the refusal names the request, and under longer clocks it counts."""
    request_id = refused.request_id
    if request_id is None or refused.claim_id is None or refused.reason not in _TOO_LATE:
        return None
    if request_id not in asked:
        return None
    side, fact = asked[request_id]
    actor = Actor(kind=side, id=fact.buyer_id if side == "buyer" else fact.seller_id)
    return claims.ProvideInformation(
        **_by(refused, refused.command_id, actor, refused.at),
        claim_id=refused.claim_id,
        request_id=request_id,
        text=ERASED,
    )
