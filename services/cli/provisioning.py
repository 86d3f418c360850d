"""What must exist before the services start, made from settings: for installations other than `recourse up`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.contracts.topics import Installation
from shared.kit import provision

Count = Annotated[int, Field(ge=1, le=1000)]
Password = Annotated[str, Field(min_length=8, max_length=200)]


class ProvisionSettings(BaseSettings):
    """The environment of `recourse provision`. Names are these in capitals."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    admin_database_url: Annotated[str, Field(pattern=r"^postgres(ql)?://")]
    """A role that may make roles and schemas."""
    kafka_bootstrap_servers: Annotated[str, Field(pattern=r"^[^\s:]+:\d+(,[^\s:]+:\d+)*$")]
    """host:port, several with commas."""
    reader_password: Password
    """Of the role recourse_reader, which `verify` and the other commands use."""
    orders_password: Password
    """Of the role recourse_orders; likewise those that follow."""
    messaging_password: Password
    claims_password: Password
    timer_password: Password
    notifications_password: Password
    performance_password: Password
    order_partitions: Count = 4
    """Of every topic whose key is the order. It can't be changed later."""
    party_partitions: Count = 4
    """Of topics whose key is a person or a parcel."""
    replicas: Count = 1
    min_insync_replicas: Count = 1

    @property
    def passwords(self) -> dict[str, str]:
        """By service."""
        return {
            "orders": self.orders_password,
            "messaging": self.messaging_password,
            "claims": self.claims_password,
            "timer": self.timer_password,
            "notifications": self.notifications_password,
            "performance": self.performance_password,
        }

    def installation(self) -> Installation:
        """Raise ValueError when the numbers don't go together."""
        return Installation(
            order_partitions=self.order_partitions,
            party_partitions=self.party_partitions,
            replicas=self.replicas,
            min_insync_replicas=self.min_insync_replicas,
        )


async def make_all(settings: ProvisionSettings, installation: Installation) -> list[str]:
    """Make topics, schemas and roles that are not there yet; return the names of the topics made."""
    await provision.make_roles(settings.admin_database_url, settings.passwords, settings.reader_password)
    return await provision.make_topics(settings.kafka_bootstrap_servers, installation)
