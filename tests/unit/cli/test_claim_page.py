"""A claim's story as a page: every state has its words, every decision its reasons, every sum its line."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.resources import files
from typing import Any, get_args

import pytest

from services.claims.domain import state as domain
from services.cli.claim_page import STATES, page
from services.cli.claim_story import NOT_ACCEPTED, ClaimStory, Moved, _claim_id, _moved, decisions_of
from services.cli.history import Said
from services.cli.telling import LANGUAGES
from shared.contracts.messages import BY_TYPE

ZONE = "America/Los_Angeles"


def said(type_: str, **changes: Any) -> Said:
    event = json.loads(files("shared.contracts").joinpath(f"examples/{type_}.json").read_text("utf-8"))
    data = event["data"] | changes
    at = datetime.fromisoformat(data["at"])
    topic = BY_TYPE[type_].TOPIC
    return Said("claims", 1, event["id"], topic, "order", type_, at, None, None, data, is_sent=True)


def story(*facts: Said, state: str = "granted") -> ClaimStory:
    return ClaimStory("claim-1", "order-1", ZONE, state, facts, decisions_of(facts, ZONE), _moved(facts))


def shapes() -> set[str]:
    return {
        shape
        for each in vars(domain).values()
        if isinstance(each, type) and "shape" in getattr(each, "__dataclass_fields__", {})
        for shape in [each.__dataclass_fields__["shape"].default]  # type: ignore[attr-defined]
    }


def test_every_state_of_a_claim_has_words_in_both_languages() -> None:
    assert shapes() | {NOT_ACCEPTED} == set(STATES)
    assert all(words.en and words.zh for words in STATES.values())
    assert "shape" in {field for each in get_args(domain.Open) for field in each.__dataclass_fields__}


def test_a_claim_is_found_inside_of_whatever_it_became() -> None:
    case = {"case": {"filing": {"claim_id": "claim-1"}}}
    assert _claim_id(case) == _claim_id({"was": case}) == _claim_id({"was": {"was": case}}) == "claim-1"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_an_appeal_that_was_won(language: Any) -> None:
    facts = [
        said("claims.claim_granted.v1"),
        said("claims.claim_appealed.v1"),
        said("claims.appeal_reversed.v1"),
    ]
    lines = list(page(story(*facts, state="reversed"), language))
    words = {"en": ("reversed on appeal", "appeals", "REVERSED"), "zh": ("申诉后已撤销", "申诉", "撤销")}
    assert words[language][0] in lines[0]
    for word in words[language]:
        assert any(word in line for line in lines)


def test_money_is_that_of_the_claim_alone() -> None:
    amount = {"amount_minor": 700, "currency": "USD"}
    refund = said("orders.refund_recorded.v1", amount=amount, claim_id="claim-1")
    other = said("orders.refund_recorded.v1", amount=amount, claim_id=None)
    paid = {"amount_minor": 4999, "currency": "USD"}
    moved = story(said("finance.buyer_compensated.v1", amount=paid, claim_id="claim-1"), refund, other).moved
    assert moved == Moved("USD", compensated=4999, refunded=700)
    assert moved.borne_by_marketplace == 4999
