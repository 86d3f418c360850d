"""Free ports on loopback, one for each who asks."""

from __future__ import annotations

import secrets
import socket
from collections import deque

LOOPBACK = "127.0.0.1"
# Below the range from which systems take the ports of outgoing connections: a port that was ours before
# a restart is not taken meanwhile by somebody's outgoing connection.
FIRST, LAST = 15_000, 32_000
TRIES_MAX = 200
# A server binds its port seconds after it is drawn, and leaves it for a while when it starts again: the port of the
# same number in UDP says meanwhile, to every process of the machine, that it is taken. It goes with the process.
_taken: deque[socket.socket] = deque(maxlen=128)


def free_port() -> int:
    """Return a TCP port on loopback that nobody listens on or was given before; raise OSError if none is found."""
    for _ in range(TRIES_MAX):
        address = LOOPBACK, FIRST + secrets.randbelow(LAST - FIRST)
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind(address)
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                probe.bind(address)
        except OSError:
            claim.close()
            continue
        _taken.append(claim)
        return address[1]
    message = f"no free port between {FIRST} and {LAST}"
    raise OSError(message)


def answers(port: int) -> bool:
    """Say whether somebody listens on this port of loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
