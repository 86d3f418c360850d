"""What it was measured on: a figure without its machine says nothing."""

from __future__ import annotations

import os
import platform
import statistics
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

_SYNCS = 200
_PAGE = b"\0" * 8192


@dataclass(frozen=True, slots=True)
class Machine:
    """Cores, the time that the disk takes to keep a page, and the versions of what was measured."""

    cores: int
    processor: str
    fsync_ms_median: float
    fsync_ms_p99: float
    versions: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


def look(folder: Path, servers: dict[str, str]) -> Machine:
    """Look at the machine; `folder` is on the disk that PostgreSQL writes to, `servers` are their versions."""
    milliseconds = sorted(_fsync_milliseconds(folder / "fsync"))
    libraries = {name: version(name) for name in ("faststream", "aiokafka", "asyncpg", "pydantic")}
    return Machine(
        cores=os.cpu_count() or 1,
        processor=_processor(),
        fsync_ms_median=statistics.median(milliseconds),
        fsync_ms_p99=milliseconds[int(len(milliseconds) * 0.99)],
        versions={"Python": platform.python_version(), **servers, **libraries},
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
