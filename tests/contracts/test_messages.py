"""What all messages have in common, the golden examples, and the closed lists."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

import shared.contracts
from shared.contracts import lists
from shared.contracts.asyncapi.__main__ import ROOT, generated
from shared.contracts.data import Command, Data, field_of
from shared.contracts.envelope import RULES
from shared.contracts.examples import FOLDER, event, example
from shared.contracts.facts import Fact, Refused, StateFact
from shared.contracts.messages import BY_TYPE, MESSAGES
from shared.contracts.topics import CLAIMS_EVENTS, ORDERS_EVENTS, TOPICS

WORD_TABLES: Mapping[str, Mapping[str, str]] = {
    name: table for name, table in vars(lists).items() if name.isupper() and isinstance(table, dict)
} | {"RULES of reading": dict(RULES)}


def concrete(of: type[Data]) -> set[type[Data]]:
    found = {of} if "TYPE" in vars(of) else set()
    return found.union(*(concrete(child) for child in of.__subclasses__()))


def test_every_message_that_is_defined_is_among_the_messages() -> None:
    for module in pkgutil.iter_modules(shared.contracts.__path__):
        importlib.import_module(f"shared.contracts.{module.name}")
    ours = {message for message in concrete(Data) if message.__module__.startswith("shared.contracts.")}
    assert ours == set(MESSAGES)


@pytest.mark.parametrize("message", MESSAGES)
def test_a_type_is_owner_name_and_version_and_its_class_has_its_name(message: type[Data]) -> None:
    owner, name, version = message.TYPE.split(".")
    assert re.fullmatch(r"v[1-9][0-9]*", version)
    assert message.__name__ == "".join(part.capitalize() for part in name.split("_"))
    assert message.__module__ == f"shared.contracts.{owner}"
    assert message.__doc__


@pytest.mark.parametrize(
    "message", [each for each in MESSAGES if each.TOPIC in {ORDERS_EVENTS, CLAIMS_EVENTS}]
)
def test_order_and_claim_facts_say_what_can_be_done_and_what_is_due(message: type[Data]) -> None:
    assert issubclass(message, StateFact | Refused)
    assert {"order_id", "seller_id", "buyer_id", "actions", "deadlines", "at"} <= message.model_fields.keys()


def test_facts_are_dated_and_say_nothing_of_a_person() -> None:
    for message in MESSAGES:
        if not TOPICS[message.TOPIC].outsiders_write:
            assert issubclass(message, Fact) or message.TOPIC.startswith("timer.")
            said = message.to_json(example(message).data).decode()
            assert not {"ship_to", "name", "email", "phone"} & set(re.findall(r'"(\w+)":', said)) - {"name"}
            for personal in ("Sample Buyer", "Sample Street", "example.com", "555"):
                assert personal not in said


@pytest.mark.parametrize("message", MESSAGES)
def test_a_field_is_asked_for_by_its_name_and_one_that_a_message_has_not_is_none(message: type[Data]) -> None:
    data = example(message).data
    assert {name: field_of(data, name) for name in message.model_fields} == {
        name: getattr(data, name) for name in message.model_fields
    }
    assert field_of(data, "TYPE") is None
    assert field_of(data, "something_else") is None


def test_whatever_has_a_command_id_and_is_written_by_outsiders_is_a_command() -> None:
    for message in MESSAGES:
        is_command = TOPICS[message.TOPIC].outsiders_write and message.TOPIC.endswith(".commands")
        assert issubclass(message, Command) is is_command


# ------------------------------------------------------------------------------------------ golden examples


def test_there_is_one_example_a_message() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(BY_TYPE)


@pytest.mark.parametrize("type_", BY_TYPE)
def test_an_example_is_read_and_written_as_it_stands(type_: str) -> None:
    golden = event(type_)
    shown = example(BY_TYPE[type_])
    assert json.loads(shown.data.to_json()) == golden["data"]
    assert shown.attributes.type == golden["type"] == type_
    assert shown.attributes.sequence is None or TOPICS[BY_TYPE[type_].TOPIC].sequenced


def test_the_words_of_the_examples_are_those_of_their_rules() -> None:
    for type_ in BY_TYPE:
        for deadline in event(type_)["data"].get("deadlines", ()):
            assert deadline["then"] in BY_TYPE


# ---------------------------------------------------------------------------------------------- closed lists


@pytest.mark.parametrize("name", WORD_TABLES)
def test_every_word_has_its_sentence(name: str) -> None:
    for word, sentence in WORD_TABLES[name].items():
        assert re.fullmatch(r"[A-Za-z0-9_.]+", word)
        assert sentence.endswith(".")
        assert len(sentence) > len("So.")


def test_actions_are_the_names_of_commands() -> None:
    commands = {message.TYPE.split(".")[1] for message in MESSAGES if issubclass(message, Command)}
    assert set(lists.ACTIONS) == commands - {"retry", "skip"}


def test_timer_kinds_and_facts_are_owned() -> None:
    assert all(
        sentence.split(":")[0] in {"orders", "messaging", "claims", "notifications", "performance"}
        for sentence in lists.TIMER_KINDS.values()
    )


# -------------------------------------------------------------------------------------------------- generated


@pytest.mark.parametrize("path", generated(), ids=str)
def test_what_is_generated_is_checked_in(path: Path) -> None:
    found = (ROOT / path).read_text(encoding="utf-8")
    assert found == generated()[path], "run python -m shared.contracts.asyncapi"


@pytest.mark.parametrize("path", [path for path in generated() if path.suffix == ".yaml"], ids=str)
def test_every_reference_of_an_asyncapi_document_leads_somewhere(path: Path) -> None:
    quick = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(generated()[path], Loader=quick)  # noqa: S506  both make plain values only
    assert document["asyncapi"] == "3.0.0"
    for reference in re.findall(r"\$ref: '#/([^']+)'", generated()[path]):
        place: Any = document
        for step in reference.split("/"):
            place = place[step]
        assert place
