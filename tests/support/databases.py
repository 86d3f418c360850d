"""Databases for tests: fresh ones, copies of templates that are filled once a session, and ones that many share.

To make a database and to drop it again takes a second of a busy disk; to empty one that is there takes next to nothing.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit, urlunsplit

import asyncpg

Fill = Callable[[str], Awaitable[object]]


class Databases:
    """Makes databases on one server, named after this session; `clear` removes what is left of them."""

    def __init__(self, admin_dsn: str) -> None:
        self.admin_dsn = admin_dsn
        self._prefix = f"recourse_test_{os.getpid()}_{secrets.token_hex(3)}"
        self._templates: set[str] = set()
        self._shared: dict[str, str] = {}
        self._made = 0

    def dsn_of(self, name: str) -> str:
        """Return the superuser's connection URL of a database."""
        parts = urlsplit(self.admin_dsn)
        return urlunsplit(parts._replace(path=f"/{name}"))

    async def fresh(self, like: str = "empty", fill: Fill | None = None) -> str:
        """Return the URL of a new database like template `like`.

        `fill` makes a template what it is, given its URL: it is called once for each name. It must close
        its connections.
        """
        self._made += 1
        name = f"{self._prefix}_{self._made}"
        template = f"{self._prefix}_like_{like}"
        if like not in self._templates:
            await self._run(f'CREATE DATABASE "{template}" TEMPLATE template0')
            self._templates.add(like)
            if fill:
                await fill(self.dsn_of(template))
        await self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.dsn_of(name)

    async def shared(self, like: str, fill: Fill) -> str:
        """Return the URL of a database like template `like`: the same one at each call, for who changes nothing."""
        if like not in self._shared:
            self._shared[like] = await self.fresh(like, fill)
        return self._shared[like]

    async def emptied(self, like: str, fill: Fill) -> str:
        """Return the URL of that same database with no row in it but the migrations', for who changes no table."""
        dsn = await self.shared(like, fill)
        await empty(dsn)
        return dsn

    async def drop(self, dsn: str) -> None:
        """Remove a database, cutting off who is still connected."""
        await self._run(f'DROP DATABASE IF EXISTS "{urlsplit(dsn).path[1:]}" WITH (FORCE)')

    async def clear(self) -> None:
        """Remove every database that this session made: each waits for a checkpoint."""
        connection = await asyncpg.connect(self.admin_dsn)
        try:
            left = await connection.fetch(
                "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", f"{self._prefix}_"
            )
            for row in left:
                await connection.execute(f'DROP DATABASE IF EXISTS "{row["datname"]}" WITH (FORCE)')
        finally:
            await connection.close()

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self.admin_dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


async def empty(dsn: str) -> None:
    """Take every row away but the migrations'."""
    connection = await asyncpg.connect(dsn)
    try:
        # What takes no room holds nothing: of the many days of what was sent nearly none does.
        tables = await connection.fetch(
            "SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' "
            "AND relnamespace = current_schema()::regnamespace AND relname <> 'migrations' "
            "AND pg_relation_size(oid) > 0"
        )
        if tables:
            await connection.execute(f"TRUNCATE {', '.join(row['name'] for row in tables)}")
    finally:
        await connection.close()
