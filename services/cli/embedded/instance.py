"""The folder of one running system, and what is known to run in it.

A folder belongs to a process as long as that process holds the lock in it. The kernel lets the lock go
when the process dies, however it dies: process ids alone prove nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil

from services.cli.embedded import process
from services.cli.embedded.errors import EmbeddedError
from services.cli.embedded.places import User, runs_folder, service_user
from services.cli.embedded.sysv import free_segment_of

LOCK = "lock"
PREFIX = "run-"


class Instance:
    """A folder that is ours until `close`: logs in it, and a folder for each server's data.

    Without `data` it is a new folder that goes with us. With `data` it is that folder, made if missing,
    and kept; a second system in the same folder is refused.
    """

    def __init__(self, data: Path | None = None) -> None:
        self.kept = data is not None
        self.user: User | None = service_user()
        clear_abandoned()
        self.path, self._lock = _take(data, self.user) if data else _make()
        self.logs = self.path / "logs"
        self._processes = self.path / "processes"
        for folder in (self.logs, self._processes):
            folder.mkdir(exist_ok=True)

    def folder(self, name: str) -> Path:
        """Return a private folder in here for a server, made and given to its user if missing."""
        path = self.path / name
        if not path.exists():
            path.mkdir(mode=0o700)
            self.give(path)
        return path

    def give(self, path: Path) -> None:
        """Make the servers' user the owner of a file or a folder with all in it."""
        if self.user is None:
            return
        os.chown(path, self.user.uid, self.user.gid)
        for below in path.rglob("*"):
            os.chown(below, self.user.uid, self.user.gid, follow_symlinks=False)

    def spawn(self, command: process.Command) -> process.Child:
        """Start a program that belongs to this instance."""
        child = process.spawn(command)
        with contextlib.suppress(psutil.Error):
            born = psutil.Process(child.pid).create_time()
            (self._processes / str(child.pid)).write_text(f"{born}\n")
        return child

    def close(self) -> None:
        """Let the folder go; remove it unless it is kept. The servers must have ended."""
        with _registry():
            if not self.kept:
                _remove(self.path)
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def clear_abandoned() -> list[Path]:
    """Remove the folders whose owners died, and kill what still runs in them; return what was removed."""
    removed = []
    with _registry():
        for folder in runs_folder().glob(f"{PREFIX}*"):
            if lock := _try_lock(folder):
                with lock:
                    _kill_left(folder)
                    _remove(folder)
                removed.append(folder)
    return removed


@contextlib.contextmanager
def _registry() -> Iterator[None]:
    """Hold off others who make or clear folders, so that a folder without its lock yet is not cleared."""
    with (runs_folder() / "registry.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make() -> tuple[Path, IO[str]]:
    with _registry():
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=runs_folder()))
        folder.chmod(0o755)  # the servers' user must reach its folders
        lock = _try_lock(folder)
    assert lock is not None  # noqa: S101 - nobody else knew of it
    return folder, lock


def _take(data: Path, user: User | None) -> tuple[Path, IO[str]]:
    folder = data.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    closed = [path for path in (folder, *folder.parents) if not path.stat().st_mode & 0o001]
    if user and closed:
        raise EmbeddedError(
            what=f"{folder} can't hold the data.",
            why=f"as root, the servers run as {user.name}, who may not enter {closed[-1]}.",
            remedy="use a folder under /var/tmp or /srv, or run this as an ordinary user.",
        )
    lock = _try_lock(folder)
    if lock is None:
        raise EmbeddedError(
            what=f"{folder} is in use.",
            why="another system is running in it.",
            remedy="stop that one, or use another folder.",
        )
    _kill_left(folder)
    return folder, lock


def _try_lock(folder: Path) -> IO[str] | None:
    lock = (folder / LOCK).open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _kill_left(folder: Path) -> None:
    """Kill what was started in a folder and outlived its owner (only where the kernel does not do it)."""
    left = []
    for record in (folder / "processes").glob("*"):
        with contextlib.suppress(psutil.Error, ValueError):
            candidate = psutil.Process(int(record.name))
            if f"{candidate.create_time()}\n" == record.read_text():  # not another with the same number
                candidate.kill()
                left.append(candidate)
        record.unlink()
    psutil.wait_procs(left, timeout=10)


def _remove(folder: Path) -> None:
    free_segment_of(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)
