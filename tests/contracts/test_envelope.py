"""How a record is read: its type first, then its envelope and its body, in either content mode."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from shared.contracts.checkout import OrderPlaced
from shared.contracts.data import Data
from shared.contracts.envelope import Known, PassedOver, Unreadable, read, source, write_headers
from shared.contracts.examples import event, example
from shared.contracts.messages import BY_TYPE, MESSAGES
from shared.contracts.topics import CHECKOUT_EVENTS, ORDERS_EVENTS, RECORD_BYTES_MAX, TOPICS
from tests.contracts.records import (
    EVENT_TYPE,
    OUTSIDE_TYPES,
    TYPES,
    as_bytes,
    binary,
    is_known,
    known,
    put,
    read_binary,
    read_structured,
    structured,
    topic_of,
    unreadable,
)

PLACED = "checkout.order_placed.v1"
SHIPPED = "orders.order_shipped.v1"
CONFIRM = "orders.confirm_shipment.v1"


# ----------------------------------------------------------------------------------------------- both modes


@pytest.mark.parametrize("type_", OUTSIDE_TYPES)
def test_both_content_modes_say_the_same(type_: str) -> None:
    assert known(read_binary(type_)) == known(read_structured(type_))


@pytest.mark.parametrize("type_", TYPES)
def test_what_is_written_is_read_back(type_: str) -> None:
    shown = example(BY_TYPE[type_])
    back = known(read(topic_of(type_), write_headers(shown.attributes), shown.data.to_json()))
    assert back.data == shown.data
    assert back.attributes.time == shown.attributes.time
    expected = {name: value for name, value in write_headers(shown.attributes) if name != "ce_correlationid"}
    assert {
        name: value for name, value in write_headers(back.attributes) if name != "ce_correlationid"
    } == expected


def test_headers_are_those_of_the_kafka_binding() -> None:
    assert dict(write_headers(example(BY_TYPE[SHIPPED]).attributes)) == {
        "ce_specversion": b"1.0",
        "ce_id": b"order-shipped-1",
        "ce_source": b"/recourse/orders",
        "ce_type": b"orders.order_shipped.v1",
        "ce_subject": b"order-1",
        "ce_time": b"2021-03-02T18:00:00Z",
        "ce_correlationid": b"order-1",
        "ce_causationid": b"confirm-1",
        "ce_sequence": b"8",
        "content-type": b"application/json",
    }


def test_our_sources_are_named_by_service() -> None:
    assert source("orders") == "/recourse/orders"


@pytest.mark.parametrize(
    "content_type", [b"application/json", b"application/json; charset=utf-8", b"Application/JSON ;x=y", None]
)
def test_binary_mode_takes_any_parameter_and_no_content_type_at_all(content_type: bytes | None) -> None:
    headers, value = binary(event(PLACED))
    assert is_known(read(CHECKOUT_EVENTS, [*headers[:-1], ("Content-Type", content_type)], value))
    assert is_known(read(CHECKOUT_EVENTS, headers[:-1], value))


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/cloudevents+json; charset=UTF-8",
        b"APPLICATION/CLOUDEVENTS+JSON",
        b" application/cloudevents+json",
    ],
)
def test_structured_mode_takes_any_parameter(content_type: bytes) -> None:
    _, value = structured(event(PLACED))
    assert is_known(read(CHECKOUT_EVENTS, [("content-type", content_type)], value))


def test_structured_mode_is_read_only_where_outsiders_write() -> None:
    found = unreadable(read_structured(SHIPPED))
    assert found.rule == "bad_envelope"
    assert ORDERS_EVENTS in found.message


def test_names_of_headers_are_compared_without_case() -> None:
    headers, value = binary(event(PLACED))
    assert is_known(read(CHECKOUT_EVENTS, [(name.upper(), value) for name, value in headers], value))


def test_a_header_said_twice_is_no_harm_unless_it_contradicts_itself() -> None:
    headers, value = binary(event(PLACED))
    assert is_known(read(CHECKOUT_EVENTS, [*headers, *headers, ("ce_id", None)], value))
    found = unreadable(read(CHECKOUT_EVENTS, [*headers, ("CE_ID", b"another")], value))
    assert (found.rule, found.message) == (
        "bad_envelope",
        "header ce_id is given twice, with different values",
    )


def test_headers_of_others_may_be_anything() -> None:
    headers, value = binary(event(PLACED))
    others = [("traceparent", b"\xff\x00"), ("", None), ("ce_dataschema", b"\xff")]
    assert is_known(read(CHECKOUT_EVENTS, [*others, *headers], value))


# ------------------------------------------------------------------------------------------ the type is first


@pytest.mark.parametrize("type_", [None, b"", b"\xff", b"x" * 201, b"a\x00b"])
def test_a_type_that_is_absent_or_cannot_be_read_is_a_dead_letter(type_: bytes | None) -> None:
    headers, value = binary(event(PLACED))
    changed = [(name, type_ if name == "ce_type" else found) for name, found in headers]
    assert unreadable(read(CHECKOUT_EVENTS, changed, value)).rule == "no_type"


@pytest.mark.parametrize("type_", [None, "", 7, ["a"], {"a": 1}, "x" * 201, "a\x00b"])
def test_so_it_is_in_structured_mode(type_: object) -> None:
    assert unreadable(read_structured(PLACED, lambda e: e.update(type=type_))).rule == "no_type"


@pytest.mark.parametrize("value", [b"[]", b"7", b'"text"', b"null"])
def test_structured_mode_wants_an_object(value: bytes) -> None:
    assert unreadable(read(CHECKOUT_EVENTS, [EVENT_TYPE], value)).rule == "no_type"


def test_no_headers_and_no_value_is_a_dead_letter() -> None:
    assert unreadable(read(CHECKOUT_EVENTS, [], None)).rule == "no_type"
    assert unreadable(read(CHECKOUT_EVENTS, [EVENT_TYPE], None)).rule == "no_type"


@pytest.mark.parametrize("type_", ["checkout.order_archived.v1", "checkout.order_placed.v2", SHIPPED, "夜"])
def test_another_type_is_passed_over_whatever_the_rest_is(type_: str) -> None:
    headers = [("ce_type", type_.encode()), ("content-type", b"text/plain")]
    assert read(CHECKOUT_EVENTS, headers, b"\xff") == PassedOver(type_)
    assert read(CHECKOUT_EVENTS, [EVENT_TYPE], as_bytes({"type": type_})) == PassedOver(type_)


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_a_message_of_one_topic_is_passed_over_on_every_other(topic: str) -> None:
    for message in MESSAGES:
        if topic != message.TOPIC:
            headers, value = binary(event(message.TYPE))
            assert read(topic, headers, value) == PassedOver(message.TYPE)


# --------------------------------------------------------------------------------------------- the attributes


@pytest.mark.parametrize("name", ["specversion", "id", "source"])
def test_what_is_required_of_outsiders_is_missed(name: str) -> None:
    for found in (read_binary(PLACED, lambda e: e.pop(name)), read_structured(PLACED, lambda e: e.pop(name))):
        assert unreadable(found).rule == "bad_envelope"
        assert name in unreadable(found).message


def test_an_outsider_need_not_say_more() -> None:
    for name in ("subject", "time"):
        assert is_known(read_binary(PLACED, lambda e, name=name: e.pop(name)))  # type: ignore[misc]
        assert is_known(read_structured(PLACED, lambda e, name=name: e.update({name: None})))  # type: ignore[misc]


def test_data_are_required() -> None:
    headers, _ = binary(event(PLACED))
    assert unreadable(read(CHECKOUT_EVENTS, headers, None)).rule == "bad_body"
    assert unreadable(read_structured(PLACED, lambda e: e.pop("data"))).rule == "bad_body"
    assert unreadable(read_structured(PLACED, lambda e: e.update(data=None))).rule == "bad_body"


def test_data_as_base64_are_not_read() -> None:
    found = read_structured(PLACED, lambda e: e.update(data_base64=e.pop("data") and "e30="))
    assert unreadable(found).rule == "bad_body"


@pytest.mark.parametrize("version", ["0.3", "1.1", "", "1.0 "])
def test_only_version_1_0_is_read(version: str) -> None:
    for found in (
        read_binary(PLACED, lambda e: e.update(specversion=version)),
        read_structured(PLACED, lambda e: e.update(specversion=version)),
    ):
        assert unreadable(found).rule == "bad_envelope"


@pytest.mark.parametrize("name", ["id", "source"])
@pytest.mark.parametrize(("length", "ok"), [(0, False), (1, True), (200, True), (201, False)])
def test_ids_have_1_to_200_characters(name: str, length: int, ok: bool) -> None:  # noqa: FBT001
    for found in (
        read_binary(PLACED, lambda e: e.update({name: "é" * length})),
        read_structured(PLACED, lambda e: e.update({name: "é" * length})),
    ):
        assert isinstance(found, Known if ok else Unreadable)


@pytest.mark.parametrize("value", [7, True, [], {}])
@pytest.mark.parametrize("name", ["id", "source", "subject", "time", "causationid"])
def test_an_attribute_is_a_text(name: str, value: object) -> None:
    found = unreadable(read_structured(PLACED, lambda e: e.update({name: value})))
    assert (found.rule, name in found.message) == ("bad_envelope", True)


@pytest.mark.parametrize("name", ["ce_id", "ce_source", "ce_subject", "ce_time", "ce_causationid"])
@pytest.mark.parametrize("value", [b"\xff", b"a\x00b", b"x" * 201])
def test_a_header_that_is_no_such_text_is_a_dead_letter(name: str, value: bytes) -> None:
    headers, body = binary(event(PLACED))
    changed = [(found, kept) for found, kept in headers if found != name]
    assert unreadable(read(CHECKOUT_EVENTS, [*changed, (name, value)], body)).rule == "bad_envelope"


@pytest.mark.parametrize(
    "written",
    [
        "2021-03-01T17:00:00Z",
        "2021-03-01T17:00:00.000000000Z",
        "2021-03-01T17:00:00+00:00",
        "2021-03-01T09:00:00-08:00",
    ],
)
def test_the_time_of_an_event_may_have_any_offset(written: str) -> None:
    for found in (
        read_binary(PLACED, lambda e: e.update(time=written)),
        read_structured(PLACED, lambda e: e.update(time=written)),
    ):
        assert known(found).attributes.time == datetime(2021, 3, 1, 17, tzinfo=UTC)
        assert str(known(found).attributes.time).endswith("+00:00")


@pytest.mark.parametrize(
    "written",
    [
        "",
        "now",
        "2021-03-01",
        "2021-03-01T17:00:00",
        "2021-02-30T17:00:00Z",
        "20210301T170000Z",
        "1614618000",
    ],
)
def test_a_time_that_is_none_is_a_dead_letter(written: str) -> None:
    assert unreadable(read_binary(PLACED, lambda e: e.update(time=written))).rule == "bad_envelope"


def test_the_correlation_id_is_the_order_id_whatever_an_outsider_says() -> None:
    found = read_binary(PLACED, lambda e: e.update(correlationid="x" * 300))
    assert known(found).attributes.correlation_id == "order-1"
    assert known(read_binary("catalog.listing_stocked.v1")).attributes.correlation_id is None


@pytest.mark.parametrize(("written", "number"), [("1", 1), ("42", 42), (str(10**15), 10**15)])
def test_a_sequence_is_a_whole_number_from_1(written: str, number: int) -> None:
    found = known(read_binary(SHIPPED, lambda e: e.update(sequence=written)))
    assert found.attributes.sequence == number


@pytest.mark.parametrize("written", ["0", "-1", "1.0", "", "x", "٤", str(10**15 + 1), "9" * 5000])
def test_any_other_sequence_is_a_dead_letter(written: str) -> None:
    assert unreadable(read_binary(SHIPPED, lambda e: e.update(sequence=written))).rule == "bad_envelope"


def test_a_sequence_counts_only_where_facts_are_numbered() -> None:
    assert known(read_binary(PLACED, lambda e: e.update(sequence="0001"))).attributes.sequence is None
    assert known(read_binary(SHIPPED, lambda e: e.pop("sequence"))).attributes.sequence is None


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/cloudevents-batch+json", "\xff"]
)
def test_other_content_types_are_not_read(content_type: str) -> None:
    headers, value = binary(event(PLACED))
    changed = [*headers[:-1], ("content-type", content_type.encode("latin-1"))]
    assert unreadable(read(CHECKOUT_EVENTS, changed, value)).rule == "bad_envelope"
    found = read_structured(PLACED, lambda e: e.update(datacontenttype=content_type))
    assert unreadable(found).rule == "bad_envelope"


def test_data_of_structured_mode_may_say_that_they_are_json() -> None:
    json_type = "application/json; charset=utf-8"
    assert is_known(read_structured(PLACED, lambda e: e.update(datacontenttype=json_type)))


@pytest.mark.parametrize("type_", [type_ for type_ in TYPES if "command_id" in BY_TYPE[type_].model_fields])
def test_the_id_of_a_command_is_that_of_its_event(type_: str) -> None:
    is_command = TOPICS[topic_of(type_)].outsiders_write
    found = read_binary(type_, put("command_id", value="another"))
    assert isinstance(found, Unreadable if is_command else Known)
    if is_command:
        assert unreadable(found).rule == "wrong_command_id"
        assert (
            unreadable(read_structured(type_, put("command_id", value="another"))).rule == "wrong_command_id"
        )


# --------------------------------------------------------------------------------------------------- the body


@pytest.mark.parametrize(
    "value",
    [b"", b"{", b"\xff", b"\xef\xbb\xbf{}", b'{"a": "\xed\xa0\x80"}', b'{"a": "\\ud800"}', b"[" * 10_000],
)
def test_what_is_not_json_is_a_dead_letter(value: bytes) -> None:
    headers, _ = binary(event(PLACED))
    assert unreadable(read(CHECKOUT_EVENTS, headers, value)).rule == "bad_json"
    assert unreadable(read(CHECKOUT_EVENTS, [EVENT_TYPE], value)).rule == "bad_json"


@pytest.mark.parametrize("value", [b"[]", b"7", b"null", b'"text"', b"{}"])
def test_a_body_is_an_object_with_what_it_needs(value: bytes) -> None:
    headers, _ = binary(event(PLACED))
    assert unreadable(read(CHECKOUT_EVENTS, headers, value)).rule == "bad_body"


@pytest.mark.parametrize("type_", TYPES)
def test_every_field_that_is_needed_is_missed_by_name(type_: str) -> None:
    for field in BY_TYPE[type_].model_fields.values():
        name = field.alias or next(n for n, f in BY_TYPE[type_].model_fields.items() if f is field)
        if field.is_required():
            found = unreadable(read_binary(type_, lambda e, name=name: e["data"].pop(name)))  # type: ignore[misc]
            assert found.rule == "bad_body"
            assert name in found.message


@pytest.mark.parametrize("type_", TYPES)
def test_fields_that_are_not_known_are_ignored(type_: str) -> None:
    plain = known(read_binary(type_))
    assert known(read_binary(type_, put("x_new", value={"a": [1, "\x00", 10**30]}))) == plain


def test_a_message_says_where_and_why_and_nothing_of_what_was_found() -> None:
    secret = "SECRET-7f"
    for change, message in (
        (
            put("items", 0, "quantity", value=0),
            "items[0].quantity: Input should be greater than or equal to 1",
        ),
        (put("ship_to", "city", value=f"{secret}\x00"), "ship_to.city: must not contain NUL"),
        (
            put("ship_to", "country", value=secret),
            "ship_to.country: must be an ISO 3166 code of two capital letters",
        ),
        (
            put("placed_at", value=secret),
            "placed_at: must be an instant in UTC by RFC 3339, such as 2021-03-10T14:05:00Z",
        ),
        (put("delivery_to", value=secret), "delivery_to: must be an ISO date, such as 2021-03-10"),
        (put("ship_to", "name", value=[secret]), "ship_to.name: Input should be a valid string"),
        (
            put("items", 0, "tax", "currency", value=secret),
            "items[0].tax.currency: is not one of the listed values",
        ),
    ):
        assert unreadable(read_binary(PLACED, change)).message == message


def test_of_many_problems_the_first_three_are_told() -> None:
    found = unreadable(read(CHECKOUT_EVENTS, binary(event(PLACED))[0], b"{}"))
    assert found.message.count("Field required") == 3
    assert found.message.endswith("; and 10 more")


# ------------------------------------------------------------------------------------------- size, and a check


def test_a_record_of_the_largest_size_is_read_and_a_larger_one_is_not() -> None:
    headers, value = binary(event(PLACED))
    largest = value.ljust(RECORD_BYTES_MAX)
    assert is_known(read(CHECKOUT_EVENTS, headers, largest))
    assert unreadable(read(CHECKOUT_EVENTS, headers, largest + b" ")).rule == "too_large"


def test_a_service_may_know_more_reasons_not_to_read() -> None:
    headers, value = binary(event(PLACED))

    def check(data: Data) -> Unreadable | None:
        assert isinstance(data, OrderPlaced)
        known_ids = {"mars"}
        if data.marketplace_id in known_ids:
            return None
        return Unreadable("unknown_marketplace", "marketplace_id: is not a marketplace of the policies")

    assert unreadable(read(CHECKOUT_EVENTS, headers, value, check)).rule == "unknown_marketplace"
    on_mars = json.loads(value) | {"marketplace_id": "mars"}
    assert is_known(read(CHECKOUT_EVENTS, headers, as_bytes(on_mars), check))
    assert unreadable(read(CHECKOUT_EVENTS, headers, b"{}", check)).rule == "bad_body"
