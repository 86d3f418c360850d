"""How much of the machine's memory our Python processes take together."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import psutil


def bytes_of(pids: Iterable[int]) -> int:
    """Sum what these processes hold; one that has ended holds nothing.

    Where the system says so, pages that several share (libraries, most of all) are counted once, in parts.
    """
    total = 0
    for pid in pids:
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            found = process.memory_full_info() if psutil.LINUX else process.memory_info()
            total += getattr(found, "pss", 0) or found.rss
    return total
