"""Free ports on loopback."""

from __future__ import annotations

import secrets
import socket

LOOPBACK = "127.0.0.1"
# Below the range from which systems take the ports of outgoing connections: a port that was ours before
# a restart is not taken meanwhile by somebody's outgoing connection.
FIRST, LAST = 15_000, 32_000
TRIES_MAX = 200


def free_port() -> int:
    """Return a TCP port on loopback that nobody listens on; raise OSError when none is found."""
    for _ in range(TRIES_MAX):
        port = FIRST + secrets.randbelow(LAST - FIRST)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
        return port
    message = f"no free port between {FIRST} and {LAST}"
    raise OSError(message)


def answers(port: int) -> bool:
    """Say whether somebody listens on this port of loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
