"""Which policies a command goes by: those of the system that it looks at, of this installation, or those that ship."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from services.cli.addresses import System
from services.cli.errors import CommandError, usage
from shared.policies import SETTING, SHIPPED, Catalogue, Policy, PolicyError, load, read_policy


def own_folder() -> Path | None:
    """Return the installation's own folder, as the environment names it."""
    found = os.environ.get(SETTING)
    return Path(found).absolute() if found else None


def folder_of(system: System | None = None) -> Path:
    """Return the folder that a running system says it goes by, else the installation's own, else what ships."""
    if system is not None and system.policies:
        return Path(system.policies)
    return own_folder() or SHIPPED


def catalogue(system: System | None = None) -> Catalogue:
    """Return what a command goes by. Raises CommandError for a folder that can't be used."""
    return load_folder(folder_of(system))


@lru_cache(maxsize=8)
def load_folder(folder: Path) -> Catalogue:
    """Load a folder. Raises CommandError, which names file, line and key."""
    try:
        return load(folder)
    except PolicyError as error:
        raise unusable(f"The policies in {folder} can't be used.", error) from error


def policy_named(name: str, known: Catalogue) -> Policy:
    """Return the policy of an id, or of a file. Raises CommandError."""
    if name in known.policies:
        return known.policy(name)
    path = Path(name)
    if not path.is_file():
        raise usage(
            f"There is no policy {name}.",
            f"it is neither a file nor one of {', '.join(known.policies)}.",
            f"name one of them, or a file; {SETTING} names another folder of policies.",
        )
    try:
        return read_policy(path)
    except PolicyError as error:
        raise unusable(f"{name} is no policy.", error) from error


def unusable(what: str, error: PolicyError) -> CommandError:
    """Say what is wrong, by file, line and key."""
    return usage(what, f"{error}.", "correct it there, and look again with `recourse policy check`.")
