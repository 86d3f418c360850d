"""Where the embedded default keeps things, and as whom it runs them.

An ordinary user: downloads in the user's cache folder, running systems inside the checkout.
Root: both under /var/tmp, because PostgreSQL refuses to run as root, and the user it runs as instead
can seldom read root's home or the checkout.
"""

from __future__ import annotations

import hashlib
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from services.cli.embedded.errors import EmbeddedError

CHECKOUT = Path(__file__).resolve().parents[3]
CACHE_SETTING = "RECOURSE_CACHE_DIR"
RUNS_SETTING = "RECOURSE_RUNS_DIR"
UNPRIVILEGED = ("nobody", "daemon")


@dataclass(frozen=True)
class User:
    """Whom the servers run as when we are root."""

    name: str
    uid: int
    gid: int


def service_user() -> User | None:
    """Return the user for the servers, or None when we are an ordinary user and run them ourselves."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        what="No user to run PostgreSQL as.",
        why=f"PostgreSQL refuses to run as root, and none of {', '.join(UNPRIVILEGED)} exists here.",
        remedy="run this as an ordinary user.",
    )


def cache_folder() -> Path:
    """Return the folder of what is kept between runs: jars, copied binaries, prepared clusters."""
    user_cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "recourse"
    return _folder(CACHE_SETTING, mine=user_cache, owner="cache")


def runs_folder() -> Path:
    """Return the folder that holds one folder for each running system."""
    return _folder(RUNS_SETTING, mine=CHECKOUT / ".recourse" / "run", owner=str(CHECKOUT))


def _folder(setting: str, *, mine: Path, owner: str) -> Path:
    """Return the folder that the setting names; or `mine`; or, as root, one in /var/tmp for this owner."""
    if told := os.environ.get(setting):
        folder = Path(told).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    if os.geteuid() != 0:
        try:
            mine.mkdir(parents=True, exist_ok=True)
        except OSError:
            pass  # a read-only checkout, or no home
        else:
            if os.access(mine, os.W_OK | os.X_OK):
                return mine
    return _own_folder_in_var_tmp(owner)


def _own_folder_in_var_tmp(owner: str) -> Path:
    """Everyone may write in /var/tmp: use the folder only if nobody else made it."""
    user = os.geteuid()
    digest = hashlib.sha256(f"{user}:{owner}".encode()).hexdigest()[:12]
    folder = Path("/var/tmp") / f"recourse-{digest}"  # noqa: S108 - checked below
    folder.mkdir(mode=0o755, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != user or status.st_mode & 0o022 or folder.is_symlink():
        raise EmbeddedError(
            what=f"{folder} can not be trusted.",
            why="it exists, and is not a folder that only we can write to.",
            remedy=f"remove it, or set {CACHE_SETTING} and {RUNS_SETTING} to other folders.",
        )
    return folder
