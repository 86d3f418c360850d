"""Copies of programs from wheels that the servers' user can read.

As root the project's environment often lies where nobody else may look (root's home, a checkout).
"""

from __future__ import annotations

import fcntl
import importlib.metadata
import shutil
from pathlib import Path

from services.cli.embedded.places import cache_folder, service_user


def readable_copy(folder: Path, *, wheel: str, beside: tuple[str, ...] = ()) -> Path:
    """Return a folder with the same contents that the servers' user can read: itself when that is us.

    Else a copy in the cache, made once for each version of the wheel that it is from; `beside` names
    folders next to it that it needs at the same relative place.
    """
    if service_user() is None:
        return folder
    copy = cache_folder() / f"{wheel}-{importlib.metadata.version(wheel)}"
    with (cache_folder() / f"{wheel}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not copy.exists():
            _copy([folder, *(folder.parent / other for other in beside)], copy)
    return copy / folder.name


def _copy(folders: list[Path], target: Path) -> None:
    """Copy beside and rename: a copy that is there is whole."""
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o755)
    for folder in folders:
        shutil.copytree(folder, unfinished / folder.name, symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    unfinished.rename(target)
