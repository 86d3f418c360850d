"""The operators' page is what the code says."""

from __future__ import annotations

from shared.kit import tables


def test_the_page_is_made_from_the_code() -> None:
    assert tables.PAGE.read_text("utf-8") == tables.page(), "run python -m shared.kit.tables"


def test_every_setting_event_metric_and_limit_has_its_sentence() -> None:
    rows = [line for line in tables.page().splitlines() if line.startswith("| `")]
    assert [row for row in rows if row.endswith("|  |")] == []
