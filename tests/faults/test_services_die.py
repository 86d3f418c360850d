"""Two thousand claims while everything dies once: nothing lost, nobody debited twice, the poison and only it dead."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from services.cli.embedded.system import embedded
from shared.kit.faults import Point
from tests.faults.campaign import Campaign, Faults
from tests.faults.checker import SERVICES

_SEED = 20260101
_CLAIMS = 2000
_VISITS = {Point.BEFORE_COMMIT: 6, Point.IN_COMMIT: 5, Point.AFTER_COMMIT: 7, Point.AFTER_SEND: 4}


async def test_two_thousand_claims_survive_kill_9_at_every_point_and_a_dead_kafka(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    faults = Faults(
        crashes=[f"{point}:{visits}" for point, visits in _VISITS.items()], kafka_dies_in="filings", poison=60
    )
    with embedded() as pair:
        campaign = Campaign(pair, tmp_path, _SEED, _CLAIMS, faults)
        report = await campaign.run()
    seconds = time.monotonic() - began
    figures = {
        "orders": len(campaign.cases),
        "records sent": campaign.sent.records,
        "copies made": campaign.copies,
        "poison": sum(campaign.sent.poison.values()),
        "seconds": round(seconds),
        "seconds by phase": {name: round(taken, 1) for name, taken in campaign.seconds.items()},
    }
    with capsys.disabled():
        sys.stdout.write(f"\n{figures | report.figures}\n")
    assert report.broken == []
    assert campaign.deaths == {service: [f"{p}:{n}" for p, n in _VISITS.items()] for service in SERVICES}
