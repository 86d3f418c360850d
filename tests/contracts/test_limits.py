"""Every limit at its edge, and what a value must not be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import numbers
from babel.core import get_global
from pydantic import ValidationError

from shared.contracts.checkout import CancellationRequested, OrderPlaced
from shared.contracts.claims import FileClaim
from shared.contracts.data import INTEGER_MAX
from shared.contracts.messaging import SendMessage
from shared.contracts.money import CURRENCIES, Money, Price
from shared.contracts.orders import ConfirmShipment
from tests.contracts.records import is_known, known, put, read_binary, read_structured, unreadable, without

PLACED = "checkout.order_placed.v1"
STOCKED = "catalog.listing_stocked.v1"
SEND = "messaging.send_message.v1"
FILE = "claims.file_claim.v1"
CONFIRM = "orders.confirm_shipment.v1"
MILESTONE = "carriers.milestone.v1"


def reads(type_: str, *path: str | int, value: object) -> bool:
    """Say whether the example is still readable, in both modes, with this value at that place."""
    change = put(*path, value=value)
    answers = {is_known(read_binary(type_, change)), is_known(read_structured(type_, change))}
    assert len(answers) == 1
    return answers.pop()


@pytest.mark.parametrize(
    ("value", "ok"),
    [
        (0, True), (1, True), (INTEGER_MAX, True), (INTEGER_MAX + 1, False), (10**20, False), (-1, False),
        (True, False), (1.0, False), (1e3, False), ("1", False), (None, False), ([], False),
    ],
)  # fmt: skip
def test_whole_numbers_of_upstream(value: object, *, ok: bool) -> None:
    assert reads(STOCKED, "quantity", value=value) is ok
    nothing = {"amount_minor": 0, "currency": "USD"}
    amount = {"amount_minor": value, "currency": "USD"}
    assert reads(PLACED, "items", value=[item(1, unit_price=nothing, shipping=nothing, tax=amount)]) is ok


@pytest.mark.parametrize(
    ("value", "ok"),
    [
        (1, True), (0, True), (-1, True), (INTEGER_MAX, True), (-INTEGER_MAX, True),
        (INTEGER_MAX + 1, False), (-INTEGER_MAX - 1, False), (10**20, False), (True, False), (19.99, False),
    ],
)  # fmt: skip
def test_an_impossible_amount_in_a_command_is_readable_as_long_as_it_is_a_number(
    value: object, *, ok: bool
) -> None:
    assert reads(FILE, "amount", "amount_minor", value=value) is ok
    assert reads(FILE, "extra_charges", "amount_minor", value=value) is ok


@pytest.mark.parametrize(
    ("value", "ok"), [(1, True), (0, False), (-1, False), (True, False), (INTEGER_MAX + 1, False)]
)
def test_quantities_start_at_1(value: object, *, ok: bool) -> None:
    assert reads(CONFIRM, "lines", 0, "quantity", value=value) is ok
    assert reads(FILE, "lines", 0, "quantity", value=value) is ok


@pytest.mark.parametrize(
    ("value", "ok"),
    [
        ("x", True), ("é" * 200, True), ("😀" * 200, True), ("x" * 201, False), ("", False), ("a\nb", True),
        ("a\x00b", False), ("\x00", False), ("\ud800", False), (7, False), (None, False),
    ],
)  # fmt: skip
def test_ids(value: object, *, ok: bool) -> None:
    assert reads(PLACED, "order_id", value=value) is ok
    assert reads(PLACED, "items", 0, "sku", value=value) is ok
    assert reads(SEND, "contact_id", value=value) is ok
    assert reads(SEND, "attachments", value=[value]) is ok


@pytest.mark.parametrize(
    ("value", "ok"),
    [
        ("", True), ("夜" * 20_000, True), ("x" * 20_001, False), ("a\x00b", False), ("\udc00", False), (None, False),
        (["x"], False),
    ],
)  # fmt: skip
def test_texts(value: object, *, ok: bool) -> None:
    assert reads(SEND, "text", value=value) is ok
    assert reads(FILE, "description", value=value) is ok
    assert reads(PLACED, "ship_to", "name", value=value) is ok


@pytest.mark.parametrize(("length", "ok"), [(0, True), (1_000, True), (1_001, False)])
def test_lists(length: int, *, ok: bool) -> None:
    assert reads(SEND, "attachments", value=["x"] * length) is ok
    assert reads("claims.request_information.v1", "questions", value=["x"] * length) is ok
    line = {"order_item_id": "item-1", "quantity": 1}
    assert reads(CONFIRM, "lines", value=[line] * length) is ok


def item(place: int, **changed: Any) -> dict[str, Any]:
    nothing = {"amount_minor": 0, "currency": "USD"}
    plain = {
        "sku": "x",
        "title": "x",
        "quantity": 1,
        "unit_price": nothing,
        "shipping": nothing,
        "tax": nothing,
    }
    return {"order_item_id": f"item-{place}", **plain, **changed}


@pytest.mark.parametrize(("length", "ok"), [(0, False), (1, True), (1_000, True), (1_001, False)])
def test_an_order_has_1_to_1000_items(length: int, *, ok: bool) -> None:
    assert reads(PLACED, "items", value=[item(place) for place in range(length)]) is ok


@pytest.mark.parametrize(
    ("value", "ok"),
    [
        ("2021-03-01T17:00:00Z", True),
        ("2021-03-01T17:00:00.5Z", True),
        ("2021-03-01T17:00:00.123456789Z", True),
        ("1970-01-01T00:00:00Z", True),
        ("2999-12-31T23:59:59Z", True),
        ("2024-02-29T00:00:00Z", True),
        ("2021-03-01T17:00:00+00:00", False),
        ("2021-03-01T17:00:00-08:00", False),
        ("2021-03-01T17:00:00", False),
        ("2021-03-01 17:00:00Z", False),
        ("2021-03-01t17:00:00z", False),
        ("2021-03-01T17:00Z", False),
        ("2021-03-01T24:00:00Z", False),
        ("2021-03-01T23:59:60Z", False),
        ("2021-02-29T00:00:00Z", False),
        ("1969-12-31T23:59:59Z", False),
        ("3000-01-01T00:00:00Z", False),
        ("2021-03-01T17:00:00Z\n", False),
        ("٢٠٢١-03-01T17:00:00Z", False),
        ("1614618000", False),
        ("2021-03-01", False),
        (1614618000, False),
        (None, False),
    ],
)
def test_instants_are_rfc_3339_in_utc_with_z(value: object, *, ok: bool) -> None:
    assert reads(PLACED, "placed_at", value=value) is ok
    assert reads(SEND, "at", value=value) is ok
    assert reads(MILESTONE, "occurred_at", value=value) is ok


@pytest.mark.parametrize(
    ("value", "ok"),
    [
        ("2021-03-10", True),
        ("2024-02-29", True),
        ("2999-12-31", True),
        ("2021-02-29", False),
        ("2021-3-10", False),
        ("20210310", False),
        ("2021-03-10T00:00:00Z", False),
        ("3000-01-01", False),
        (20210310, False),
    ],
)
def test_dates_are_iso(value: object, *, ok: bool) -> None:
    assert reads(PLACED, "delivery_to", value=value) is ok
    assert reads(MILESTONE, "promised_date", value=value) is ok


@pytest.mark.parametrize("code", ["USD", "JPY", "KWD", "CNY", "EUR", "GBP", "INR", "XOF"])
def test_currencies_with_any_number_of_digits_are_known(code: str) -> None:
    money = {"amount_minor": 5, "currency": code}
    assert reads(FILE, "amount", value=money)
    assert reads(PLACED, "items", value=[item(1, unit_price=money, shipping=money, tax=money)])


@pytest.mark.parametrize("code", ["usd", "US", "USDX", "", 840, None])
def test_other_words_are_no_currency(code: object) -> None:
    assert not reads(FILE, "amount", "currency", value=code)
    assert not reads(PLACED, "items", 0, "unit_price", "currency", value=code)


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "ZZZ", "DEM"])
def test_a_currency_that_is_none_makes_an_order_unreadable_and_a_command_refused(code: str) -> None:
    assert reads(FILE, "amount", "currency", value=code)
    assert not reads(PLACED, "items", 0, "unit_price", "currency", value=code)


def test_whatever_is_tender_somewhere_is_a_currency() -> None:
    day = date(2025, 7, 1)
    territories = get_global("territory_currencies")
    tender = {
        code for name in territories for code in numbers.get_territory_currencies(name, day, day, tender=True)
    }
    assert tender <= set(CURRENCIES)
    assert len(CURRENCIES) == len(set(CURRENCIES))


@pytest.mark.parametrize("part", ["unit_price", "shipping", "tax"])
def test_an_order_has_one_currency(part: str) -> None:
    euros = {"amount_minor": 5, "currency": "EUR"}
    for items in ([item(1, **{part: euros})], [item(1), item(2, **{part: euros})]):
        for found in (
            read_binary(PLACED, put("items", value=items)),
            read_structured(PLACED, put("items", value=items)),
        ):
            assert unreadable(found).message.endswith("items are in more than one currency, an order has one")


def test_an_order_names_a_line_once() -> None:
    found = unreadable(read_binary(PLACED, put("items", value=[item(1), item(2), item(1)])))
    assert (found.rule, found.message) == ("bad_body", "the whole: items name one order_item_id twice")


@pytest.mark.parametrize(
    ("quantity", "price", "tax", "ok"),
    [
        (10**10, 10**5, 0, True),
        (10**10, 10**5, 1, False),
        (INTEGER_MAX, INTEGER_MAX, 0, False),
        (INTEGER_MAX, 0, 0, True),
    ],
)
def test_an_order_adds_up_to_an_amount(quantity: int, price: int, tax: int, *, ok: bool) -> None:
    usd = {"currency": "USD"}
    line = item(
        1, quantity=quantity, unit_price={"amount_minor": price, **usd}, tax={"amount_minor": tax, **usd}
    )
    assert reads(PLACED, "items", value=[line]) is ok


@pytest.mark.parametrize(
    ("value", "ok"), [("US", True), ("us", False), ("USA", False), ("", False), (None, False)]
)
def test_countries_are_two_capital_letters(value: object, *, ok: bool) -> None:
    assert reads(PLACED, "ship_from_country", value=value) is ok
    assert reads(PLACED, "ship_to", "country", value=value) is ok


@pytest.mark.parametrize(
    ("type_", "path"),
    [
        (PLACED, ("fulfilment",)),
        ("accounts.seller_registered.v1", ("language",)),
        ("accounts.seller_registered.v1", ("plan",)),
        (MILESTONE, ("milestone",)),
        (CONFIRM, ("label",)),
        (CONFIRM, ("actor", "kind")),
        (SEND, ("issue",)),
        (FILE, ("issue",)),
        (FILE, ("reason",)),
        (FILE, ("wanted",)),
        (FILE, ("channel",)),
        ("claims.request_information.v1", ("from",)),
        ("claims.decide_claim.v1", ("outcome",)),
    ],
)
@pytest.mark.parametrize("value", ["another", "", 1, []])
def test_a_word_is_one_of_its_list(type_: str, path: tuple[str, ...], value: object) -> None:
    assert not reads(type_, *path, value=value)


@pytest.mark.parametrize("value", [1, "true", None])
def test_flags_are_true_or_false(value: object) -> None:
    assert not reads(SEND, "automatic", value=value)


# ------------------------------------------------------------------------------------- what may be left out


def test_a_command_may_leave_out_what_has_a_default() -> None:
    for name in ("automatic", "response_required", "attachments"):
        letter = known(read_binary(SEND, without(name))).data
        assert isinstance(letter, SendMessage)
        assert (letter.automatic, letter.response_required) == (False, True)
    for name in ("label", "source", "lines", "carrier", "method", "tracking_number"):
        shipment = known(read_binary(CONFIRM, without(name))).data
        assert isinstance(shipment, ConfirmShipment)
        assert shipment.label == "seller"
    for name in ("reason", "extra_charges", "evidence", "channel"):
        form = known(read_binary(FILE, without(name))).data
        assert isinstance(form, FileClaim)
        assert form.channel == "self"


@pytest.mark.parametrize("name", ["carrier", "method", "tracking_number"])
@pytest.mark.parametrize("value", ["", None])
def test_a_shipment_without_tracking_leaves_its_number_out_or_empty(name: str, value: str | None) -> None:
    shipment = known(read_binary(CONFIRM, put(name, value=value))).data
    assert getattr(shipment, name) is None


@pytest.mark.parametrize("name", ["line2", "region", "postal_code", "phone"])
def test_an_address_has_what_its_country_has(name: str) -> None:
    assert reads(PLACED, "ship_to", name, value=None)
    assert reads(PLACED, "ship_to", name, value="")


def test_a_claim_form_may_be_incomplete_which_is_refused_and_not_unreadable() -> None:
    assert reads(FILE, "lines", value=[])
    assert reads(FILE, "description", value="")
    assert reads(FILE, "reason", value=None)


# ------------------------------------------------------------------------------------------- what we write


def test_what_we_make_is_held_to_the_same() -> None:
    with pytest.raises(ValidationError):
        Money(amount_minor=True, currency="USD")
    with pytest.raises(ValidationError):
        Money(amount_minor=INTEGER_MAX + 1, currency="USD")
    with pytest.raises(ValidationError):
        Price(amount_minor=-1, currency="USD")
    with pytest.raises(ValidationError):
        CancellationRequested(order_id="\ud800", requested_at=datetime(2021, 3, 1, tzinfo=UTC))
    with pytest.raises(ValidationError):
        CancellationRequested(order_id="order-1", requested_at=datetime(2021, 3, 1))  # noqa: DTZ001


def test_an_instant_of_another_time_zone_is_written_in_utc() -> None:
    midnight = datetime(2021, 3, 14, tzinfo=ZoneInfo("America/Los_Angeles"))
    wished = CancellationRequested(order_id="order-1", requested_at=midnight)
    assert wished.to_json() == b'{"order_id":"order-1","requested_at":"2021-03-14T08:00:00Z"}'
    assert wished.requested_at.utcoffset() == timedelta()


def test_what_is_null_is_not_written() -> None:
    placed = known(read_binary(PLACED, put("ship_to", "line2", value=None))).data
    assert isinstance(placed, OrderPlaced)
    assert b"line2" not in placed.to_json()


def test_a_message_cannot_be_changed() -> None:
    money = Money(amount_minor=1, currency="USD")
    with pytest.raises(ValidationError):
        money.amount_minor = 2  # type: ignore[misc]
