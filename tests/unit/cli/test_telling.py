"""Every message of ours is a sentence, in both languages, made of its own fields."""

from __future__ import annotations

import json
import re
import string
from importlib.resources import files
from typing import Any, get_args

import pytest

from services.cli.sentences import SENTENCES, WORDS
from services.cli.telling import _FORMS, LANGUAGES, tell
from shared.contracts import lists
from shared.contracts.data import Data
from shared.contracts.messages import BY_TYPE, MESSAGES
from shared.contracts.topics import TOPICS

OURS = [message for message in MESSAGES if not TOPICS[message.TOPIC].outsiders_write]


def golden(type_: str) -> dict[str, Any]:
    found = json.loads(files("shared.contracts").joinpath(f"examples/{type_}.json").read_text("utf-8"))
    body: dict[str, Any] = found.get("data", found)
    return body


def names_in(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("message", OURS, ids=lambda message: message.TYPE)
def test_every_message_of_ours_has_its_sentence(message: type[Data]) -> None:
    assert message.TYPE in SENTENCES


@pytest.mark.parametrize("type_", SENTENCES)
def test_a_sentence_names_fields_that_its_message_has(type_: str) -> None:
    fields = {field.alias or name for name, field in BY_TYPE[type_].model_fields.items()}
    words = SENTENCES[type_]
    named = names_in(words.en) | names_in(words.zh)
    assert {name.removesuffix("_word") for name in named} <= fields
    assert {name.removesuffix("_word") for name in named if name.endswith("_word")} <= set(WORDS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("type_", SENTENCES)
def test_the_golden_example_is_told_without_a_gap(type_: str, language: Any) -> None:
    told = tell(type_, golden(type_), "America/Los_Angeles", language)
    assert told
    assert not re.search(r"[{}]|None|amount_minor|T\d\d:\d\d:\d\d", told)


def test_the_chinese_are_chinese() -> None:
    assert [type_ for type_, words in SENTENCES.items() if not re.search(r"[\u4e00-\u9fff]", words.zh)] == []


def test_the_words_cover_the_lists_of_the_contracts() -> None:
    assert set(lists.TIMER_KINDS) <= set(WORDS["kind"])
    assert set(lists.DEFECT_KINDS) <= set(WORDS["kind"])
    assert set(lists.CANCELLATION_REASONS) <= set(WORDS["reason"])
    assert set(lists.CANCELED_BY) | set(get_args(lists.ReceivedBy)) <= set(WORDS["by"])
    assert set(get_args(lists.ClosedOutcome)) | set(get_args(lists.ChargebackOutcome)) <= set(
        WORDS["outcome"]
    )
    assert set(get_args(lists.DecidedOutcome)) <= set(WORDS["first_outcome"])
    assert set(get_args(lists.ReturnAnswer)) <= set(WORDS["answer"])
    assert set(get_args(lists.RefundCause)) | set(get_args(lists.ResolutionCause)) <= set(WORDS["cause"])


def test_an_instant_is_told_in_the_marketplaces_time_zone() -> None:
    data = {"respond_by": "2027-01-12T08:00:00Z"}
    assert "12 January 2027, 00:00 (GMT-08:00)" in tell(
        "messaging.response_overdue.v1", data, "America/Los_Angeles", "en"
    )


def test_a_type_that_has_no_sentence_is_told_by_its_name() -> None:
    assert tell("tomorrow.something.v1", {}, "UTC", "en") == "tomorrow.something.v1"
    assert "due_at" in _FORMS
