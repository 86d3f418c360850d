"""The ready file: where a running system is. Written by `up`, read by every other command."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from services.cli.embedded.places import runs_folder
from services.cli.errors import CommandError, not_reachable, usage

SETTING = "RECOURSE_SYSTEM"
_FIRST = "first.json"
_FIRST_LOCK = "first.lock"
_TRIES = 5
_TRY_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class System:
    """Addresses of a running system; what is not part of it is None.

    `database_url` is the read-only role's. `clock` is the clock's file, absent where time is real, `folder` where
    logs and data are, `policies` the installation's own policies. Written by hand, with `kafka` and `database_url`, it
    lets the commands look at any installation.
    """

    kafka: str
    database_url: str
    gateway: str | None = None
    smtp_url: str | None = None
    maildir: str | None = None
    services: Mapping[str, str] = field(default_factory=dict)
    clock: str | None = None
    folder: str | None = None
    policies: str | None = None


def write(system: System, path: Path) -> None:
    """Write the file beside and rename it: who sees it sees the whole of it. Only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(system), file, indent=2)
        file.write("\n")
    beside.replace(path)


def read(path: Path) -> System:
    """Read a ready file. Raises CommandError when it is not one."""
    try:
        found: Any = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise not_reachable(
            f"{path} does not exist.",
            "a ready file is there while its system runs.",
            "start one with `recourse up --ready-file PATH`, or wait until it is ready.",
        ) from None
    except (OSError, ValueError) as error:
        raise _unusable(path, str(error)) from error
    if not isinstance(found, dict):
        raise _unusable(path, "it holds no JSON object")
    known = {name: value for name, value in found.items() if name in System.__dataclass_fields__}
    if missing := [name for name in ("kafka", "database_url") if not isinstance(known.get(name), str)]:
        raise _unusable(path, f"it has no {' and no '.join(missing)}")
    return System(**known)


def _unusable(path: Path, why: str) -> CommandError:
    return usage(f"{path} is no ready file.", why, "name the file that `recourse up --ready-file` writes.")


def find(path: Path | None) -> System:
    """Return the system that is meant: the one of this ready file, or else the first `up` of this checkout."""
    if path is not None:
        return read(path)
    first = runs_folder() / _FIRST
    if first.exists():
        lock = _take_lock()
        if lock is None:
            return read(first)
        lock.close()
    raise not_reachable(
        "No system is running.",
        "no `recourse up` of this checkout is ready.",
        f"start one with `recourse up`, or name a ready file with --system or {SETTING}.",
    )


class FirstUp:
    """The claim to be the system that commands mean when they name none. It ends with the process."""

    def __init__(self) -> None:
        self._lock = _take_lock()
        for _ in range(_TRIES):  # a command that looks for the system holds the lock for an instant
            if self._lock is None:
                time.sleep(_TRY_SECONDS)
                self._lock = _take_lock()
        self._path = runs_folder() / _FIRST
        if self._lock:
            self._path.unlink(missing_ok=True)  # of one that was killed

    @property
    def is_ours(self) -> bool:
        """Whether no other `up` of this checkout was running."""
        return self._lock is not None

    def publish(self, system: System) -> None:
        """Let the other commands find this system."""
        if self._lock:
            write(system, self._path)

    def close(self) -> None:
        """Let the next one be first."""
        if self._lock:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None


def _take_lock() -> IO[str] | None:
    lock = (runs_folder() / _FIRST_LOCK).open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock
