"""The pictures on the services' pages are those that the code draws."""

from __future__ import annotations

import pytest

from tests.support.exploring.diagrams import PICTURES, ROOT, between

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_drawn_from_the_code(name: str) -> None:
    page, drawn = PICTURES[name]
    assert between((ROOT / page).read_text("utf-8"), name) == drawn(), (
        "run python -m tests.support.exploring.diagrams"
    )
