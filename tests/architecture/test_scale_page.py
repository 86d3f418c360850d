"""What a year of orders needs is computed, not written down."""

from __future__ import annotations

import json

from tests.bench.scale import FILE
from tests.bench.scale_page import PAGE, render


def test_the_page_of_scale_is_made_of_what_was_measured() -> None:
    made = render(json.loads(FILE.read_text(encoding="utf-8")))
    assert PAGE.read_text(encoding="utf-8") == made, "run python -m tests.bench.scale --page"
