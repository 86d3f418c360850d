"""`recourse provision`: topics, schemas and roles, before the services start."""

from __future__ import annotations

import asyncio

from services.cli import screen
from services.cli.commands.options import JsonOption
from services.cli.errors import usage


def provision(json_: JsonOption = False) -> None:
    """Make all topics, and a schema and a role for each service. What is there already stays as it is.

    For installations other than `recourse up`, which does this by itself. Settings come from the environment:
    ADMIN_DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS, READER_PASSWORD, ORDERS_PASSWORD, MESSAGING_PASSWORD, CLAIMS_PASSWORD,
    TIMER_PASSWORD, NOTIFICATIONS_PASSWORD; and, if the defaults don't do, ORDER_PARTITIONS, PARTY_PARTITIONS, REPLICAS,
    MIN_INSYNC_REPLICAS.
    """
    from services.cli.provisioning import ProvisionSettings, make_all
    from shared.kit.settings import load

    settings = load(ProvisionSettings)
    try:
        installation = settings.installation()
    except ValueError as error:
        raise usage(
            "The settings don't go together.", str(error), "set REPLICAS or MIN_INSYNC_REPLICAS."
        ) from error
    made = asyncio.run(make_all(settings, installation))
    if json_:
        screen.write_json({"topics_made": made})
    screen.say(f"recourse: {len(made)} topics made; every schema and role is there")
