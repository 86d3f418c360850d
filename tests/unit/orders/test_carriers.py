"""O15: the forms of tracking numbers, by the carriers' own examples."""

from __future__ import annotations

import pytest

from services.orders.domain.carriers import FORMS, is_valid_number, number_key

VALID = {
    "UPS": ["1Z5R89390357567127", "1Z879E930346834440", "1Z410E7W0392751591", "1Z8V92A70367203024"],
    "USPS": [
        "0307 1790 0005 2348 3741",
        "7112 3456 7891 2345 6787",
        "7196 9010 7560 0307 7385",
        "9505 5110 6960 5048 6006 24",
        "9101 1234 5678 9000 0000 13",
        "92748931507708513018050063",
        "9400 1112 0108 0805 4830 16",
        "9361 2898 7870 0317 6337 95",
        "9405803699300124287899",
        "420 22153 9101026837331000039521",
        "4201002334249200190132607600833457",
        "RB123456785US",
    ],
}
INVALID = {
    "UPS": ["2Z5R89390357567127", "1A5R89390357567127", "1Z1111111111111111", "1Z", "", "1Z5R8939035756712"],
    "USPS": [
        "0307 1790 0005 2348 3742",
        "61299998820821171811",
        "9200000000000000000000",
        "420000000000000000000000000000",
        "420000009200000000000000000000",
        "00000000000000000000",
        "RB123456786US",
        "RB123456785XX",
        "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩٠",
    ],
}


@pytest.mark.parametrize(("carrier", "number"), [(one, number) for one in VALID for number in VALID[one]])
def test_the_carriers_own_numbers_are_valid(carrier: str, number: str) -> None:
    assert is_valid_number(carrier, number)
    assert is_valid_number(carrier.lower(), number.lower())


@pytest.mark.parametrize(("carrier", "number"), [(one, number) for one in INVALID for number in INVALID[one]])
def test_a_wrong_check_digit_or_form_is_not(carrier: str, number: str) -> None:
    assert not is_valid_number(carrier, number)


@pytest.mark.parametrize(("carrier", "number"), [("UPS", VALID["UPS"][0]), ("USPS", VALID["USPS"][-4])])
def test_a_last_digit_mistyped_is_always_found(carrier: str, number: str) -> None:
    wrong = [number[:-1] + digit for digit in "0123456789" if digit != number[-1]]
    assert not any(is_valid_number(carrier, other) for other in wrong)


def test_every_carrier_with_a_form_has_its_examples() -> None:
    assert set(FORMS) == set(VALID) == set(INVALID)


def test_a_parcel_has_one_name_however_it_is_written() -> None:
    assert number_key(" ups ", "1z 5r89-390357567127") == "UPS/1Z5R89390357567127"
    assert number_key("UPS", " - ") == ""
