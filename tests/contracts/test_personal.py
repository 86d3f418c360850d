"""Which texts are a person's: every text of every message is decided on here, once, with the reason (M6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic.types import StringConstraints

from shared.contracts.data import KEY_CHARACTERS_MAX, Actor, Data, Part, Personal, Whose
from shared.contracts.erasure import ERASED, PERSONAL_TYPES, Sides, erased, owners
from shared.contracts.examples import example
from shared.contracts.messages import BY_TYPE, MESSAGES
from shared.contracts.messaging import SendMessage
from shared.contracts.orders import ChangeAddress, RefundRecorded
from shared.contracts.topics import ACCOUNTS_EVENTS, SERVICES, TOPICS

PERSONAL: Mapping[str, tuple[Whose, str]] = {
    "name": ("author", "what somebody is called"),
    "email": ("author", "where their mails go"),
    "ship_to.name": ("buyer", "the address, whoever changes it"),
    "ship_to.line1": ("buyer", "the address"),
    "ship_to.line2": ("buyer", "the address"),
    "ship_to.city": ("buyer", "the address"),
    "ship_to.region": ("buyer", "the address"),
    "ship_to.postal_code": ("buyer", "the address"),
    "ship_to.phone": ("buyer", "the address"),
    "text": ("author", "messages, answers, statements, feedback"),
    "reason": ("author", "why somebody cancels, refunds, or returns, in their own words"),
    "note": ("author", "that reason, as the fact repeats it"),
    "description": ("author", "what the claim is about"),
    "explanation": ("author", "appeals and contests"),
}
NOBODYS: Mapping[str, str] = {
    "items.title": "what was sold, as listed",
    "ship_method": "a service level",
    "location": "the place of a carrier's scan, which no service keeps",
    "questions": "an investigator's, in office",
    "reasons": "an investigator's, in office: a decision stays explained",
    "message.en": "ours, from a table",
    "message.zh": "ours, from a table",
    "explanation.facts.value": "codes, dates and numbers that a rule read",
}
AN_OPERATORS = {"operations.retry.v1", "operations.skip.v1", "operations.skipped.v1"}
"""Whose `reason` is an operator's note on the running of the system."""


def texts(kind: Any, path: str = "", marks: Sequence[Any] = ()) -> Iterator[tuple[str, Personal | None]]:
    """Give every field, however deep, that can hold a text longer than a name or a key, and its mark."""
    if get_origin(kind) is Annotated:
        inner, *more = get_args(kind)
        yield from texts(inner, path, (*marks, *more))
    elif get_origin(kind) in {Union, UnionType, tuple, dict}:
        for each in get_args(kind):
            yield from texts(each, path, marks)
    elif isinstance(kind, type) and issubclass(kind, Part):
        for name, field in kind.model_fields.items():
            below = f"{path}.{name}" if path else name
            yield from texts(
                Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation, below
            )
    elif kind is str:
        limits = [mark.max_length for mark in marks if isinstance(mark, StringConstraints)]
        if any(limit and limit > KEY_CHARACTERS_MAX for limit in limits):
            yield path, next((mark for mark in marks if isinstance(mark, Personal)), None)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.TYPE)
def test_every_text_is_decided_on(message: type[Data]) -> None:
    for path, mark in texts(message):
        if path in NOBODYS or message.TYPE in AN_OPERATORS:
            assert mark is None, path
        else:
            assert mark is not None, f"{path} is in no table: whose is it, and does it go?"
            assert mark.whose == PERSONAL[path][0], path


def test_nothing_is_decided_on_that_is_not_there() -> None:
    found = {path for message in MESSAGES for path, _ in texts(message)}
    assert found == {*PERSONAL, *NOBODYS}


def test_whatever_people_write_to_us_has_an_actor_or_names_whose_it_is() -> None:
    for type_ in PERSONAL_TYPES:
        message = BY_TYPE[type_]
        if TOPICS[message.TOPIC].outsiders_write:
            assert {"actor", "buyer_id", "seller_id"} & message.model_fields.keys(), type_


def test_every_service_that_hears_something_personal_is_told_of_erasures() -> None:
    told = set(TOPICS[ACCOUNTS_EVENTS].readers)
    for type_ in PERSONAL_TYPES:
        assert set(TOPICS[BY_TYPE[type_].TOPIC].readers) & set(SERVICES) <= told, type_


# ------------------------------------------------------------------------------------------- what goes

SIDES = Sides("buyer-1", "seller-1")


def filled(type_: str) -> Data:
    """Return an example in which every personal field says something."""
    found = example(BY_TYPE[type_]).data
    marked = {path.partition(".")[0] for path, mark in texts(type(found)) if mark}
    changes = {name: "Something that was written." for name in marked if getattr(found, name) in {None, ""}}
    if "actor" in type(found).model_fields and getattr(found, "actor") is None:  # noqa: B009
        changes["actor"] = Actor(kind="seller", id="seller-1")  # type: ignore[assignment]
    return found.model_copy(update=changes)


@pytest.mark.parametrize("type_", sorted(PERSONAL_TYPES))
def test_an_erased_message_has_nothing_left_and_can_be_read(type_: str) -> None:
    data = filled(type_)
    whose = owners(data, SIDES)
    assert whose <= SIDES.ids
    assert whose
    gone = erased(data, whose, SIDES)
    assert owners(gone, SIDES) == frozenset()
    assert type(gone).model_validate_json(gone.to_json()) == gone
    assert erased(gone, whose, SIDES) is gone
    kept = {name: value for name, value in gone.model_dump().items() if value != data.model_dump()[name]}
    assert set(kept) <= {path.partition(".")[0] for path, mark in texts(type(data)) if mark}


@pytest.mark.parametrize("type_", sorted(PERSONAL_TYPES))
def test_what_is_another_persons_stays(type_: str) -> None:
    data = filled(type_)
    assert erased(data, {"somebody-else"}, SIDES) is data


def test_what_holds_nothing_of_a_person_is_the_same() -> None:
    for message in MESSAGES:
        if message.TYPE not in PERSONAL_TYPES:
            data = example(message).data
            assert owners(data, SIDES) == frozenset()
            assert erased(data, SIDES.ids, SIDES) is data


def test_what_support_writes_for_the_buyer_goes_with_the_buyer() -> None:
    said = example(SendMessage).data.model_copy(update={"actor": Actor(kind="support", id="support-7")})
    assert owners(said, SIDES) == {"support-7", "buyer-1"}
    assert erased(said, {"buyer-1"}, SIDES).text == ERASED  # type: ignore[attr-defined]
    assert erased(said, {"seller-1"}, SIDES) is said


def test_an_address_goes_with_the_buyer_and_not_with_the_seller_who_changed_it() -> None:
    change = example(ChangeAddress).data
    assert owners(change, SIDES) == {"buyer-1"}
    assert erased(change, {"seller-1"}, SIDES) is change
    gone = erased(change, {"buyer-1"}, SIDES).ship_to  # type: ignore[attr-defined]
    before = change.ship_to  # type: ignore[attr-defined]
    assert (gone.name, gone.country, gone.line2) == (ERASED, before.country, before.line2 and ERASED)


def test_where_nothing_was_written_nothing_stands_afterwards() -> None:
    refund = example(RefundRecorded).data.model_copy(update={"note": None})
    assert erased(refund, SIDES.ids) is refund
    said = example(SendMessage).data.model_copy(update={"text": ""})
    assert erased(said, SIDES.ids, SIDES) is said
