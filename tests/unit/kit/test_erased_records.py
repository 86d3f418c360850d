"""Records without the data of people who are erased; and how a person is found in what nobody can read."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.contracts.envelope import Known, read
from shared.contracts.erasure import ERASED, Sides
from shared.kit.erased_records import Mentions, blank, names_in, without
from shared.kit.records import Record
from tests.support.toy import Say, numbered, written


def record(said: Say) -> Record:
    return said.at(7)


def raw(value: bytes, key: bytes | None = None) -> Record:
    return record(Say("checkout.events", key, (), value))


@pytest.mark.parametrize(
    "value",
    [
        b'{"buyer_id":"buyer-1","x',
        b"order;buyer-1;12.00",
        b"buyer-1",
        "\u4e70\u5bb6 Ann Example".encode(),
        b'{"email":"ann\\u0040x.example"} ann@x.example',
    ],
)
def test_a_person_is_found_by_id_name_and_mail(value: bytes) -> None:
    assert Mentions("buyer-1", ["Ann Example", "ann@x.example"]).within(raw(value))


@pytest.mark.parametrize("value", [b'"buyer-12"', b'"a-buyer-1"', b"Ann Examples", b"", b"Li"])
def test_another_person_is_not_found(value: bytes) -> None:
    assert not Mentions("buyer-1", ["Ann Example", "Li"]).within(raw(value))


def test_an_id_that_is_a_number_too_counts_in_quotes_or_as_the_key() -> None:
    short = Mentions("7", [])
    assert short.within(raw(b'{"buyer_id": "7"'))
    assert short.within(raw(b"anything", key=b"7"))
    assert not short.within(raw(b'{"quantity": 7, "at": "2021-03-07"'))


@given(st.text(min_size=1, max_size=40).filter(lambda text: text.isprintable()))
@example('"¡')
def test_an_id_is_found_however_json_writes_it(party_id: str) -> None:
    for escaped in (True, False):
        value = json.dumps({"buyer_id": party_id}, ensure_ascii=escaped).encode()
        assert Mentions(party_id, []).within(raw(value[:-1]))
        assert party_id in names_in(raw(value[:-1]))


def test_a_readable_record_is_written_anew_in_either_mode() -> None:
    binary = record(written("o", "MARK"))
    event = {
        "specversion": "1.0",
        "id": "o-by-buyer-1",
        "source": "/shop",
        "type": "messaging.send_message.v1",
    }
    body = json.dumps(event | {"data": json.loads(binary.value or b""), "note": "MARK"}).encode()
    structured = record(
        Say("messaging.commands", b"o", (("content-type", b"application/cloudevents+json"),), body)
    )
    for found in (binary, structured):
        after = without(found, {"buyer"}, Sides("buyer", "seller"))
        assert after is not None
        assert b"MARK" not in (after.value or b"")
        again = read(after.place.topic, after.headers, after.value)
        assert isinstance(again, Known)
        assert getattr(again.data, "text", None) == ERASED
        assert again.attributes.id == "o-by-buyer-1"
        assert without(after, {"buyer"}, None) is after


def test_one_that_holds_nothing_of_theirs_stays_as_it_is() -> None:
    found = record(numbered("o", 1))
    assert without(found, {"buyer"}, None) is found


def test_of_what_nobody_can_read_the_place_stays_and_a_key_that_is_known() -> None:
    found = record(Say("checkout.events", b"ann@x.example", (("name", b"Ann"),), b"Ann"))
    assert blank(found, {"o"}) == Record(found.place, found.timestamp_ms, None, b"", ())
    assert blank(raw(b"Ann", key=b"o"), {"o"}).key == b"o"
