"""What must exist before a service starts: all topics, and for each service a schema and a role that sees no other."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.contracts.topics import Installation, Provision, provisions

READER_ROLE = "recourse_reader"
"""Reads every schema and writes none: for `verify` and the command line."""

_LEADERS_SECONDS_MAX = 30
_NAME = re.compile(r"^[a-z_][a-z0-9_]{0,62}$")


async def make_topics(bootstrap_servers: str, installation: Installation) -> list[str]:
    """Make every topic of the contracts that does not exist yet; return the names of those made, when all are led."""
    made = await create_topics(bootstrap_servers, installation)
    await until_led(bootstrap_servers, made)
    return [each.name for each in made]


async def create_topics(bootstrap_servers: str, installation: Installation) -> Sequence[Provision]:
    """Make them, all at once, and return those made; Kafka may still be busy with their folders."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        wanted = [each for each in provisions(installation) if each.name not in existing]
        if not wanted:
            return []
        answer = await admin.create_topics(
            [
                NewTopic(each.name, each.partitions, each.replicas, topic_configs=dict(each.config))
                for each in wanted
            ]
        )
        for name, code, *_ in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(f"topic {name} could not be made")
        # Kafka makes its own topic of groups when somebody asks for one: now, not when the first service waits for it.
        with suppress(KafkaError):
            await admin.find_coordinator("recourse")
    finally:
        await admin.close()
    return wanted


async def until_led(bootstrap_servers: str, made: Sequence[Provision]) -> None:
    """Wait until the leader of every new partition answers: a producer would otherwise meet errors and retry."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, group_id=None)
    await consumer.start()
    try:
        # All at once: by itself the client would find out about one topic after the other, with a pause for each.
        await consumer._client.set_topics([topic.name for topic in made])  # noqa: SLF001
        async with asyncio.timeout(_LEADERS_SECONDS_MAX):
            await consumer.end_offsets([TopicPartition(t.name, p) for t in made for p in range(t.partitions)])
    finally:
        await consumer.stop()


async def make_roles(admin_url: str, passwords: Mapping[str, str], reader_password: str) -> None:
    """Make a schema and a role for each service, and the reader. Run again, it sets the passwords anew.

    Each service's role owns its schema, finds only that schema on its search path, and may use no other.
    """
    connection = await asyncpg.connect(admin_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('recourse roles'))")
            await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
            await _role(connection, READER_ROLE, reader_password)
            for service, password in passwords.items():
                role = role_of(service)
                await _role(connection, role, password)
                await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {service} AUTHORIZATION {role}")
                await connection.execute(f"ALTER ROLE {role} SET search_path = {service}")
                await connection.execute(f"GRANT USAGE ON SCHEMA {service} TO {READER_ROLE}")
                await connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {service} TO {READER_ROLE}")
                await connection.execute(
                    f"ALTER DEFAULT PRIVILEGES FOR ROLE {role} IN SCHEMA {service} "
                    f"GRANT SELECT ON TABLES TO {READER_ROLE}"
                )
    finally:
        await connection.close()


def role_of(service: str) -> str:
    """Name a service's role. Names go into statements as they are, so they must be plain."""
    if not _NAME.match(service):
        raise ValueError(f"{service!r} can't name a schema")
    return f"recourse_{service}"


async def _role(connection: asyncpg.Connection[Any], role: str, password: str) -> None:
    exists = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
    secret = await connection.fetchval("SELECT quote_literal($1::text)", password)
    await connection.execute(
        f"{'ALTER' if exists else 'CREATE'} ROLE {role} LOGIN NOINHERIT PASSWORD {secret}"
    )
