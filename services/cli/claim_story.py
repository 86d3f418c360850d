"""One claim from the order to the last cent: what happened, what was decided by which rules, what money moved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from services.claims.templates.explanations import explain
from services.claims.translate.explained import explanation_of
from services.cli.errors import not_found
from services.cli.history import History, Said
from services.cli.telling import LANGUAGES, Language, amount_of, tell
from services.cli.times import written
from shared.contracts.explanation import RuleTrace
from shared.contracts.finance import BuyerCompensated, SellerDebited, SellerReimbursed
from shared.contracts.orders import RefundRecorded
from shared.contracts.topics import (
    CLAIMS_EVENTS,
    FINANCE_DEBITS,
    MESSAGING_EVENTS,
    ORDERS_EVENTS,
    PERFORMANCE_EVENTS,
)
from shared.policies import Catalogue

if TYPE_CHECKING:
    import asyncpg

NOT_ACCEPTED = "not_accepted"
_TOLD = frozenset({ORDERS_EVENTS, MESSAGING_EVENTS, CLAIMS_EVENTS, FINANCE_DEBITS, PERFORMANCE_EVENTS})
_TRACES = TypeAdapter(tuple[RuleTrace, ...])


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision, with the sentence of each rule in every language."""

    fact: Said
    sentences: Mapping[Language, Sequence[str]]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "type": self.fact.type,
            "at": written(self.fact.at),
            **self.fact.data,
            "explained": self.sentences,
        }


@dataclass(frozen=True, slots=True)
class Moved:
    """The money of one claim, in the smallest unit of its currency."""

    currency: str
    compensated: int = 0
    debited: int = 0
    reimbursed: int = 0
    refunded: int = 0

    @property
    def borne_by_marketplace(self) -> int:
        """Whatever the buyer got and no seller pays for."""
        return self.compensated - self.debited + self.reimbursed

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "currency": self.currency,
            "compensated": self.compensated,
            "debited": self.debited,
            "reimbursed": self.reimbursed,
            "refunded": self.refunded,
            "borne_by_marketplace": self.borne_by_marketplace,
        }


@dataclass(frozen=True, slots=True)
class ClaimStory:
    """Everything about one claim. `state` is what claims keeps, or `not_accepted` for a filing that it does not."""

    claim_id: str
    order_id: str
    zone: str
    state: str
    facts: Sequence[Said]
    decisions: Sequence[Decided]
    moved: Moved

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "claim_id": self.claim_id,
            "order_id": self.order_id,
            "state": self.state,
            "facts": [fact.to_json() for fact in self.facts],
            "decisions": [decision.to_json() for decision in self.decisions],
            "money": self.moved.to_json(),
        }


async def stories(
    connection: asyncpg.Connection[Any], any_id: str, catalogue: Catalogue
) -> Sequence[ClaimStory]:
    """Return the story of a claim; those of all its claims for an order's id. Raises CommandError."""
    history = History(connection)
    order_id = await history.order_of(any_id)
    said = await history.of_order(order_id)
    filed = [
        str(each.data["claim_id"]) for each in said if each.topic == CLAIMS_EVENTS and "claim_id" in each.data
    ]
    claim_ids = list(dict.fromkeys(filed))
    wanted = [any_id] if any_id in claim_ids else claim_ids
    if not wanted:
        raise not_found(
            f"There is no claim on {order_id}.",
            "none was filed.",
            f"see what happened with `recourse trace {order_id}`.",
        )
    states = await _states(connection, order_id)
    zone = zone_of(said, catalogue)
    return [_story(claim_id, order_id, zone, states.get(claim_id, NOT_ACCEPTED), said) for claim_id in wanted]


def zone_of(said: Sequence[Said], catalogue: Catalogue) -> str:
    """Return the time zone of the order's marketplace; UTC as long as that is not known."""
    for each in said:
        if catalogue.knows_marketplace(str(each.data.get("marketplace_id"))):
            return catalogue.marketplace(str(each.data["marketplace_id"])).time_zone
    return "UTC"


async def _states(connection: asyncpg.Connection[Any], order_id: str) -> dict[str, str]:
    body = await connection.fetchval(
        "SELECT body FROM claims.state WHERE kind = 'order' AND key = $1", order_id
    )
    claims = json.loads(body)["decided"]["claims"] if body else []
    return {_claim_id(claim): claim["shape"] for claim in claims}


def _claim_id(claim: dict[str, Any]) -> str:
    """Name a claim as it is stored: a shape that others came before holds what it was."""
    while "case" not in claim:
        claim = claim["was"]
    return str(claim["case"]["filing"]["claim_id"])


def _story(claim_id: str, order_id: str, zone: str, state: str, said: Sequence[Said]) -> ClaimStory:
    facts = [each for each in said if each.topic in _TOLD and each.data.get("claim_id", claim_id) == claim_id]
    return ClaimStory(claim_id, order_id, zone, state, facts, decisions_of(facts, zone), _moved(facts))


def decisions_of(facts: Sequence[Said], zone: str) -> Sequence[Decided]:
    """Return the facts that carry an explanation, with their sentences."""
    found = []
    for fact in facts:
        # What somebody writes who appeals or contests is an explanation as well, and no trace of rules.
        if fact.data.get("explanation") and not isinstance(fact.data["explanation"], str):
            traces = _TRACES.validate_json(json.dumps(fact.data["explanation"]))
            explanation = explanation_of(traces)
            sentences = {language: list(explain(explanation, zone, language)) for language in LANGUAGES}
            found.append(Decided(fact, sentences))
    return found


def _moved(facts: Sequence[Said]) -> Moved:
    sums = dict.fromkeys(
        (BuyerCompensated.TYPE, SellerDebited.TYPE, SellerReimbursed.TYPE, RefundRecorded.TYPE), 0
    )
    currency = ""
    for fact in facts:
        if fact.type in sums and fact.data.get("claim_id"):  # other refunds of the order are not of the claim
            sums[fact.type] += fact.data["amount"]["amount_minor"]
            currency = fact.data["amount"]["currency"]
    return Moved(currency, *sums.values())


def told(fact: Said, zone: str, language: Language) -> str:
    """Write a fact as a sentence."""
    return tell(fact.type, fact.data, zone, language)


def amount_told(minor: int, currency: str, language: Language) -> str:
    """Write an amount as people do."""
    return amount_of({"amount_minor": minor, "currency": currency}, language)
