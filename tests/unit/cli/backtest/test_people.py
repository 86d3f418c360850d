"""What people did is read back from facts: the same command, as far as decisions depend on it."""

from __future__ import annotations

from typing import Any

import pytest

from services.cli.backtest.people import ERASED, command_of
from shared.contracts import claims, messaging
from shared.contracts.data import Actor, Data
from shared.contracts.examples import example
from shared.contracts.messages import BY_TYPE, MESSAGES

CAUSE = "the-command"


def fact(type_: str, **changes: Any) -> Any:
    return example(BY_TYPE[type_]).data.model_copy(update=changes)


@pytest.mark.parametrize(
    ("type_", "command"),
    [
        ("messaging.message_sent.v1", messaging.SendMessage),
        ("messaging.return_requested.v1", messaging.RequestReturn),
        ("messaging.return_answered.v1", messaging.AnswerReturn),
        ("messaging.return_shipped.v1", messaging.ShipReturn),
        ("claims.claim_filed.v1", claims.FileClaim),
        ("claims.claim_answered.v1", claims.AnswerClaim),
        ("claims.evidence_added.v1", claims.AddEvidence),
        ("claims.claim_withdrawn.v1", claims.WithdrawClaim),
        ("claims.return_required.v1", claims.RefundClaim),
        ("claims.information_requested.v1", claims.RequestInformation),
        ("claims.information_provided.v1", claims.ProvideInformation),
        ("claims.claim_denied.v1", claims.DecideClaim),
        ("claims.claim_appealed.v1", claims.AppealClaim),
        ("claims.appeal_reversed.v1", claims.DecideAppeal),
        ("claims.appeal_upheld.v1", claims.DecideAppeal),
    ],
)
def test_a_fact_tells_of_its_command(type_: str, command: type[Data]) -> None:
    said = fact(type_)
    found = command_of(said, CAUSE)
    assert isinstance(found, command)
    assert found.actor == said.actor
    for name in set(command.model_fields) & set(type(said).model_fields) - {"at", "command_id", "amount"}:
        assert getattr(found, name) == getattr(said, name), name


def test_an_investigators_grant_is_a_decision_and_a_rules_is_none() -> None:
    actor = Actor(kind="investigator", id="investigator-1")
    by_person = command_of(fact("claims.claim_granted.v1", actor=actor, automatic=False), CAUSE)
    assert isinstance(by_person, claims.DecideClaim)
    assert (by_person.outcome, by_person.command_id, by_person.actor) == ("granted", CAUSE, actor)
    assert command_of(fact("claims.claim_granted.v1", actor=None, automatic=True), CAUSE) is None


def test_a_judgement_is_a_decision_and_a_filing_that_was_not_accepted_is_none() -> None:
    actor = Actor(kind="investigator", id="investigator-1")
    judged = command_of(fact("claims.claim_refused.v1", actor=actor, reasons=("No.",)), CAUSE)
    assert isinstance(judged, claims.DecideClaim)
    assert (judged.outcome, judged.amount, judged.reasons) == ("refused", None, ("No.",))
    assert command_of(fact("claims.claim_refused.v1", actor=None, reasons=None), CAUSE) is None


def test_only_the_buyer_resolves_by_command() -> None:
    assert isinstance(
        command_of(fact("messaging.contact_resolved.v1", cause="buyer"), CAUSE), messaging.ResolveContact
    )
    assert command_of(fact("messaging.contact_resolved.v1", cause="refunded"), CAUSE) is None


def test_an_amount_is_only_said_where_it_was_decided() -> None:
    granted = fact("claims.appeal_reversed.v1", first_outcome="denied")
    found = command_of(granted, CAUSE)
    assert isinstance(found, claims.DecideAppeal)
    assert found.amount == granted.amount
    reversed_ = command_of(fact("claims.appeal_reversed.v1", first_outcome="granted"), CAUSE)
    assert isinstance(reversed_, claims.DecideAppeal)
    assert reversed_.amount is None


def test_erased_words_are_words_still() -> None:
    filed = command_of(fact("claims.claim_filed.v1", description=""), CAUSE)
    assert isinstance(filed, claims.FileClaim)
    assert filed.description == ERASED
    appealed = command_of(fact("claims.claim_appealed.v1", explanation=""), CAUSE)
    assert isinstance(appealed, claims.AppealClaim)
    assert appealed.explanation == ERASED


@pytest.mark.parametrize("type_", sorted(message.TYPE for message in MESSAGES if "refused" in message.TYPE))
def test_a_refusal_tells_of_no_command(type_: str) -> None:
    assert command_of(fact(type_), CAUSE) is None
