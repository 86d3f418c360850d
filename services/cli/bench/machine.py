"""What it was measured on: a figure without its machine says nothing."""

from __future__ import annotations

import os
import platform
import re
import statistics
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

_LIBRARIES = ("faststream", "aiokafka", "asyncpg", "pydantic", "uvloop")
_SYNCS = 200
_PAGE = b"\0" * 8192


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores, memory, how long the disk takes to keep a page, and the versions of what was measured."""

    cores: int
    processor: str
    memory_gb: float
    fsync_ms_median: float
    fsync_ms_p99: float
    file_system: str
    versions: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


def look(folder: Path, servers: dict[str, str]) -> Machine:
    """Look at the machine; `folder` is on the disk that PostgreSQL writes to, `servers` are their versions."""
    milliseconds = sorted(_fsync_milliseconds(folder / "fsync"))
    libraries = {name: version(name) for name in _LIBRARIES}
    return Machine(
        cores=os.cpu_count() or 1,
        processor=_processor(),
        memory_gb=round(psutil.virtual_memory().total / 1e9, 1),
        fsync_ms_median=round(statistics.median(milliseconds), 3),
        fsync_ms_p99=round(milliseconds[int(len(milliseconds) * 0.99)], 3),
        file_system=_file_system(folder),
        versions={platform.system(): _release(), "Python": platform.python_version(), **servers, **libraries},
    )


def _fsync_milliseconds(path: Path) -> list[float]:
    found = []
    with path.open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            file.write(_PAGE)
            started = time.perf_counter()
            os.fsync(file.fileno())
            found.append((time.perf_counter() - started) * 1000)
    path.unlink()
    return found


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _release() -> str:
    """Return the kernel's numbers: what a distributor adds to them says nothing here."""
    return re.split(r"[^0-9.]", platform.release())[0].strip(".")


def _file_system(folder: Path) -> str:
    """Name the kind of the file system that a folder is on."""
    mounts = {Path(each.mountpoint): each.fstype for each in psutil.disk_partitions(all=True)}
    at = folder.resolve()
    return next((mounts[path] for path in (at, *at.parents) if path in mounts), "unknown")
