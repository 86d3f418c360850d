"""Which tracking numbers are valid (O15)."""

from __future__ import annotations

import pytest

from shared.policies import Catalogue, load

VALID = {
    "UPS": ["1Z999AA10123456784", "1Z5R89390357567127", "1Z879E930346834440", "1ZXX3150YW44070023"],
    "USPS": [
        "9400111201080805483016",
        "9361289878700317633795",
        "420221539101026837331000039521",
        "03071790000523483741",
        "71123456789123456787",
        "RB123456785US",
    ],
}
PAIRS = [(carrier, number) for carrier, numbers in VALID.items() for number in numbers]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


@pytest.mark.parametrize(("carrier", "number"), PAIRS)
def test_a_real_number_is_valid_however_it_is_written(
    catalogue: Catalogue, carrier: str, number: str
) -> None:
    written = (number, number.lower(), f" {number} ", " ".join(number), f"{number[:4]}-{number[4:]}")
    assert all(
        catalogue.is_valid_number("us", code, each) for each in written for code in (carrier, carrier.lower())
    )


@pytest.mark.parametrize(("carrier", "number"), PAIRS)
def test_a_changed_digit_makes_a_number_invalid(catalogue: Catalogue, carrier: str, number: str) -> None:
    first = number.index("9", 3) if "9" in number[3:] else len(number) - 4
    changed = number[:first] + str((int(number[first]) + 1) % 10) + number[first + 1 :]
    assert not catalogue.is_valid_number("us", carrier, changed)


@pytest.mark.parametrize(
    "number",
    ["", "1", "0" * 20, "9" * 22, "1Z999AA1012345678", "1Z999AA101234567845", "RB123456785GB", "٩" * 20],
)
def test_what_has_no_known_form_is_invalid(catalogue: Catalogue, number: str) -> None:
    assert not catalogue.is_valid_number("us", "UPS", number)
    assert not catalogue.is_valid_number("us", "USPS", number)


def test_a_number_of_another_carrier_or_of_one_that_the_marketplace_does_not_know_is_invalid(
    catalogue: Catalogue,
) -> None:
    assert not catalogue.is_valid_number("us", "USPS", "1Z999AA10123456784")
    assert not catalogue.is_valid_number("us", "PONY", "1Z999AA10123456784")
    assert catalogue.is_valid_number("cn", "china-post", "RB123456785CN")
    assert not catalogue.is_valid_number("us", "china-post", "RB123456785CN")


def test_carriers_are_in_capitals_and_untracked_methods_in_small_letters(catalogue: Catalogue) -> None:
    untracked = catalogue.marketplace("us").untracked
    assert set(untracked) == {"UPS", "USPS"}
    assert "first-class letter" in untracked["USPS"]
