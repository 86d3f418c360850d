"""Migrations: numbered `.sql` files, each run once, in order, in one transaction; the kit's before the service's."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from shared.kit.db import Connection
from shared.kit.errors import MigrationError

_LEDGER = """
CREATE TABLE IF NOT EXISTS migrations (
    package text NOT NULL, name text NOT NULL, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (package, name)
)
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('recourse migrations'), hashtext(current_schema()))"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: the package it belongs to, its name, its text."""

    package: str
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """The hash that tells an edited file."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations(package: str) -> Sequence[Migration]:
    """Return the package's migrations in order; none when it has no folder of them."""
    folder = files(package).joinpath("migrations")
    if not folder.is_dir():
        return ()
    found = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name
    )
    return [Migration(package, file.name, file.read_text("utf-8")) for file in found]


async def migrate(connection: Connection, packages: Sequence[str]) -> Sequence[str]:
    """Run what has not run yet and return its names. Raises MigrationError when a file that ran was edited."""
    ran = []
    async with connection.transaction():
        await connection.execute(_LOCK)
        await connection.execute(_LEDGER)
        known = {
            (row["package"], row["name"]): row["sha256"] for row in await connection.fetch("TABLE migrations")
        }
        for migration in (each for package in packages for each in migrations(package)):
            before = known.pop((migration.package, migration.name), None)
            if before is None:
                await connection.execute(migration.text)
                await connection.execute(
                    "INSERT INTO migrations (package, name, sha256) VALUES ($1, $2, $3)",
                    migration.package,
                    migration.name,
                    migration.sha256,
                )
                ran.append(migration.name)
            elif before != migration.sha256:
                raise MigrationError(
                    f"{migration.package}/{migration.name} was edited after it ran: put it back, and add a new file"
                )
        if known:
            names = ", ".join(f"{package}/{name}" for package, name in sorted(known))
            raise MigrationError(
                f"the database has migrations this release does not know ({names}): run a newer release"
            )
    return ran
