"""The one thing of PostgreSQL that does not lie in its folder.

A server holds a small System V shared memory segment as proof of life. It removes it when it ends in
order; killed with -9, only its next start does, and a folder that is removed has no next start.
"""

from __future__ import annotations

import contextlib
import ctypes
import sys
from pathlib import Path

IPC_RMID = 0
SEGMENT_LINE = 6  # of postmaster.pid: "<key> <id>"


def free_segment_of(cluster: Path) -> None:
    """Remove the segment of a cluster whose server was killed; nothing happens if there is none."""
    pid_file = cluster / "data" / "postmaster.pid"
    if sys.platform != "linux" or not pid_file.exists():
        return
    with contextlib.suppress(OSError, ValueError, IndexError):
        key, segment = (int(word) for word in pid_file.read_text().splitlines()[SEGMENT_LINE].split())
        libc = ctypes.CDLL(None)
        if libc.shmget(key, 0, 0) == segment:  # the number may be somebody else's by now
            libc.shmctl(segment, IPC_RMID, None)
