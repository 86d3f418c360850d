"""A port is given to one who asks, however long its server takes to bind it."""

from __future__ import annotations

import subprocess
import sys

from services.cli.embedded import ports

_DRAW = """
from services.cli.embedded import ports
ports.FIRST, ports.LAST, ports.TRIES_MAX = {first}, {last}, 2_000
try:
    print(ports.free_port())
except OSError as error:
    print(error)
"""


def test_a_port_drawn_here_is_not_drawn_by_another_process_before_it_is_bound() -> None:
    port = ports.free_port()
    drawn = subprocess.run(
        [sys.executable, "-c", _DRAW.format(first=port, last=port + 1)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert drawn.stdout == f"no free port between {port} and {port + 1}\n"


def test_a_port_is_free_for_its_server_and_again_when_who_drew_it_has_ended() -> None:
    draw = [sys.executable, "-c", _DRAW.format(first=ports.FIRST, last=ports.LAST)]
    port = int(subprocess.run(draw, capture_output=True, text=True, check=True).stdout)
    again = [sys.executable, "-c", _DRAW.format(first=port, last=port + 1)]
    assert int(subprocess.run(again, capture_output=True, text=True, check=True).stdout) == port
