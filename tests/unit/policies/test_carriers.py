"""Which tracking numbers are valid (O15)."""

from __future__ import annotations

import pytest

from shared.policies import Catalogue, load

# Numbers of the carriers' test systems, numbers given where a form is described, and some computed by its algorithm.
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
    "FEDEX": [
        "568838414941",
        "797806677146",
        "581190049992",
        "449044304137821",
        "020207021381215",
        "070358180009382",
        "9611020987654312345672",
        "00000123450000000027",
        "61299998820821171811",
        "9261292700768711948021",
        "1001921334250001000300779017972697",
        "9622001900000000000000776632517510",
    ],
    "DHL": ["7777777770", "9356579890", "4818240420", "8564385550", "73891051146", "JVGL0999999990"],
    "DHL-ECOMMERCE": [
        "GM2951173225174494",
        "GM295117494011169042",
        "GM9E44608A27984866BA2D",
        "60120172242323",
        "9261290336128704042634",
    ],
    "SF-EXPRESS": ["SF1234567890123", "SF123456789012"],
    "YANWEN": ["UG336196744YP", "UK933048204YP"],
    "CHINA-POST": ["RB123456785CN", "LX123456785CN", "9876543210123"],
    "EMS": ["EA123456785CN", "1234567890123"],
}
IN_JAPAN = {
    "JAPAN-POST": ["RB123456785JP", "EN123456785JP", "405548424886"],
    "YAMATO": ["444413758703"],
    "SAGAWA": ["512547514334"],
}
WITHOUT_CHECK_DIGIT = {
    "JVGL0999999990",
    "GM2951173225174494",
    "GM295117494011169042",
    "GM9E44608A27984866BA2D",
    "60120172242323",
    "SF1234567890123",
    "SF123456789012",
    "9876543210123",
    "1234567890123",
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


@pytest.mark.parametrize(
    ("marketplace", "carrier", "number"),
    [("us", *pair) for pair in PAIRS if pair[1] not in WITHOUT_CHECK_DIGIT]
    + [("jp", carrier, number) for carrier, numbers in IN_JAPAN.items() for number in numbers],
)
def test_a_changed_digit_makes_a_number_invalid(
    catalogue: Catalogue, marketplace: str, carrier: str, number: str
) -> None:
    assert catalogue.is_valid_number(marketplace, carrier, number)
    last = max(place for place, char in enumerate(number) if char.isdigit())
    changed = number[:last] + str((int(number[last]) + 1) % 10) + number[last + 1 :]
    assert not catalogue.is_valid_number(marketplace, carrier, changed)


@pytest.mark.parametrize("carrier", ["FEDEX", "DHL", "DHL-ECOMMERCE", "UPS", "USPS"])
@pytest.mark.parametrize("digits", [10, 11, 12, 14, 15, 20])
def test_zeros_are_no_number(catalogue: Catalogue, carrier: str, digits: int) -> None:
    assert not catalogue.is_valid_number("us", carrier, "0" * digits)


@pytest.mark.parametrize(
    ("carrier", "number"),
    [
        ("SF-EXPRESS", "SF12345678901"),
        ("SF-EXPRESS", "SF12345678901234"),
        ("SF-EXPRESS", "123456789012"),
        ("YANWEN", "UG336196744CN"),
        ("YANWEN", "UG336196745YP"),
        ("EMS", "RB123456785CN"),
        ("EMS", "9876543210123"),
        ("CHINA-POST", "RB123456785HK"),
        ("DHL", "JXX0999999990"),
        ("DHL", "777777777"),
        ("DHL-ECOMMERCE", "GMABCDEFGHIJKL"),
        ("DHL-ECOMMERCE", "GS2951173225174494"),
        ("FEDEX", "56883841494"),
        ("FEDEX", "1Z999AA10123456784"),
        ("FEDEX", "9711020987654312345672"),
    ],
)
def test_a_number_of_another_form_is_invalid(catalogue: Catalogue, carrier: str, number: str) -> None:
    assert not catalogue.is_valid_number("us", carrier, number)


@pytest.mark.parametrize("marketplace", ["us", "cn", "jp"])
def test_every_marketplace_knows_the_carriers_that_ship_there(catalogue: Catalogue, marketplace: str) -> None:
    local = {"us": set(), "cn": {"CHINA-POST", "EMS"}, "jp": {"JAPAN-POST", "YAMATO", "SAGAWA"}}
    everywhere = {"UPS", "USPS", "FEDEX", "DHL", "DHL-ECOMMERCE"}
    assert everywhere | local[marketplace] <= set(catalogue.marketplace(marketplace).untracked)


def test_what_comes_without_tracking_is_said_of_each_carrier(catalogue: Catalogue) -> None:
    untracked = catalogue.marketplace("cn").untracked
    assert "economic air mail" in untracked["YANWEN"]
    assert "small packet untracked" in untracked["CHINA-POST"]
    assert untracked["EMS"] == frozenset()


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
    assert not catalogue.is_valid_number("jp", "china-post", "RB123456785CN")


def test_carriers_are_in_capitals_and_untracked_methods_in_small_letters(catalogue: Catalogue) -> None:
    untracked = catalogue.marketplace("us").untracked
    assert {"UPS", "USPS"} <= set(untracked)
    assert "first-class letter" in untracked["USPS"]
