"""Where the tests' Kafka and PostgreSQL keep their data: in memory, where there is enough of it.

They write and fsync all the same, and nothing that a test kills takes memory along: only the machine's own end would,
which no test tries. What it saves is waiting for a disk that others use too: of an ordinary one, most of the time.
"""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from services.cli.embedded.places import CHECKOUT, RUNS_SETTING

MEMORY = Path("/dev/shm")  # noqa: S108  our folder in it is one that only we write to
FREE_BYTES_MIN = 8 << 30
"""What all systems of a run may take together, and room beside it."""


def use() -> None:
    """Let systems run in memory, unless told where to."""
    if not os.environ.get(RUNS_SETTING) and _is_fit(MEMORY):
        own = MEMORY / f"recourse-tests-{os.geteuid()}-{CHECKOUT.stat().st_ino}"
        own.mkdir(mode=0o755, exist_ok=True)
        if own.stat().st_uid == os.geteuid() and not own.is_symlink():
            os.environ[RUNS_SETTING] = str(own)


def _is_fit(folder: Path) -> bool:
    """Say whether there is room, and whether the Java runtime may load what it unpacks there."""
    try:
        status = os.statvfs(folder)
    except OSError:
        return False
    free_bytes = min(status.f_bavail * status.f_frsize, psutil.virtual_memory().available)
    return not status.f_flag & os.ST_NOEXEC and free_bytes >= FREE_BYTES_MIN
