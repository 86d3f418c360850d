"""O15: how carriers and tracking numbers are written."""

from __future__ import annotations

from services.orders.domain.carriers import number_key


def test_a_parcel_has_one_name_however_it_is_written() -> None:
    assert number_key(" ups ", "1z 5r89-390357567127") == "UPS/1Z5R89390357567127"


def test_a_number_of_blanks_and_dashes_names_no_parcel() -> None:
    assert number_key("UPS", " - ") == ""
