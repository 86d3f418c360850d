"""Several processes of a service share its work: every life comes out as it does with one, and each did some of it.

Nine orders in ten are one seller's, so that the processes meet at that seller's rows.
"""

from __future__ import annotations

import http.client
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

from services.cli.bench.ground import Ground, ground
from services.cli.bench.life import Lives, nearly_all_of_one
from services.cli.bench.lifecycle import led
from services.cli.bench.sides import Ours
from services.cli.running.service_process import SERVICES, ServiceProcess

LIVES = 60
_APPLIED = re.compile(r'^recourse_records_total\{verdict="applied"\} (\S+)$', re.MULTILINE)


@pytest.fixture(scope="module")
def shared_ground() -> Iterator[Ground]:
    with ground() as found:
        yield found
        found.clear()


def applied(process: ServiceProcess) -> float:
    """How many records a process has applied, as its metrics tell."""
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=10)
    try:
        connection.request("GET", "/metrics")
        found = _APPLIED.search(connection.getresponse().read().decode())
    finally:
        connection.close()
    return float(found[1]) if found else 0.0


@pytest.mark.parametrize(
    "processes",
    [dict.fromkeys(SERVICES, 2), {"orders": 4, "claims": 4, "performance": 4}],
    ids=["two of every service", "four of three services"],
)
def test_processes_of_a_service_share_the_work_and_all_comes_out_as_with_one(
    shared_ground: Ground, processes: Mapping[str, int]
) -> None:
    side = Ours(shared_ground, processes)
    # It checks that every life led to the same facts, each once, and those of a key in their order.
    with led(shared_ground, side, Lives(f"shared-{max(processes.values())}", LIVES, nearly_all_of_one)):
        did = defaultdict(list)
        for process in side.running:
            did[process.service].append(applied(process))
    assert {name: len(shares) for name, shares in did.items()} == dict.fromkeys(SERVICES, 1) | dict(processes)
    assert {name: shares for name, shares in did.items() if not all(shares)} == {}
