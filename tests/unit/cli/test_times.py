from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.cli import times
from services.cli.errors import CommandError, Exit


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("48h", timedelta(hours=48)),
        ("9d", timedelta(days=9)),
        ("PT48H", timedelta(hours=48)),
        ("P1DT12H", timedelta(days=1, hours=12)),
        ("0s", timedelta(0)),
    ],
)
def test_a_duration_is_read_as_it_is_written(written: str, meant: timedelta) -> None:
    assert times.duration(written) == meant


@pytest.mark.parametrize("written", ["", "48", "h", "-1h", "1.5h", "2w", "PT", "99999999999d", "४८h"])
def test_anything_else_is_wrong_usage_and_says_how_to_write_it(written: str) -> None:
    with pytest.raises(CommandError, match="what to do: write 90s, 30m, 48h, 9d") as wrong:
        times.duration(written)
    assert wrong.value.code == Exit.USAGE


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2027-03-10T14:05:00Z", datetime(2027, 3, 10, 14, 5, tzinfo=UTC)),
        ("2027-03-10t14:05:00z", datetime(2027, 3, 10, 14, 5, tzinfo=UTC)),
        ("2027-03-10T06:05:00.5-08:00", datetime(2027, 3, 10, 14, 5, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_as_rfc_3339(written: str, meant: datetime) -> None:
    assert times.instant(written) == meant


@pytest.mark.parametrize(
    "written",
    ["2027-03-10", "2027-03-10T14:05:00", "2027-13-10T14:05:00Z", "9999-01-01T00:00:00Z", "tomorrow"],
)
def test_what_is_no_instant_of_the_contracts_is_wrong_usage(written: str) -> None:
    with pytest.raises(CommandError) as wrong:
        times.instant(written)
    assert wrong.value.code == Exit.USAGE


def test_an_instant_is_written_in_utc() -> None:
    assert times.written(times.instant("2027-03-10T06:05:00-08:00")) == "2027-03-10T14:05:00Z"
