"""The checker is checked: each planted bug is caught by the same looks that a sound system passes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.embedded.system import Embedded, embedded
from tests.faults.campaign import Campaign, Faults

_SEED = 7
_CLAIMS = 40


@pytest.fixture
def pair() -> Iterator[Embedded]:
    """A Kafka and a PostgreSQL of this test's own: topics have fixed names."""
    with embedded() as running:
        yield running


async def test_a_sound_system_passes(pair: Embedded, tmp_path: Path) -> None:
    report = await Campaign(pair, tmp_path, _SEED, _CLAIMS, Faults(poison=20)).run()
    assert report.broken == []


@pytest.mark.parametrize(
    ("service", "bug", "sign"),
    [
        ("claims", "no_dedupe", "answered twice"),
        ("claims", "ack_on_error", "owed"),
        ("messaging", "deaf_clock", "finance.seller_debited.v1"),
    ],
)
async def test_a_planted_bug_is_caught(
    pair: Embedded, tmp_path: Path, service: str, bug: str, sign: str
) -> None:
    report = await Campaign(pair, tmp_path, _SEED, _CLAIMS, Faults(planted=(service, bug))).run()
    assert [line for line in report.broken if sign in line]
