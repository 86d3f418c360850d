"""How durations are written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.policies.durations import parse


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("48h", timedelta(hours=48)),
        ("9d", timedelta(days=9)),
        ("0s", timedelta()),
        ("PT48H", timedelta(hours=48)),
        ("P9D", timedelta(days=9)),
        ("P1DT12H30M5S", timedelta(days=1, hours=12, minutes=30, seconds=5)),
        ("3650d", timedelta(days=3650)),
    ],
)
def test_a_duration_is_read(written: str, meant: timedelta) -> None:
    assert parse(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "48",
        "h",
        "48 h",
        "48H",
        "1.5h",
        "-1s",
        "-PT1S",
        "P",
        "PT",
        "P1DT",
        "P1M",
        "3651d",
        "٤٨h",
        48,
        None,
        True,
    ],
)
def test_anything_else_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="is "):
        parse(written)
