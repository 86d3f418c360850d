"""Settings from the environment. A wrong value stops the process at start, by name."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal, NoReturn, TypeVar

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

Seconds = Annotated[float, Field(gt=0, le=3600)]
Niceness = Annotated[int, Field(ge=0, le=19)]


class KitSettings(BaseSettings):
    """What every service needs to know. Names in the environment are these in capitals."""

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, env_ignore_empty=True, use_attribute_docstrings=True
    )

    database_url: Annotated[str, Field(pattern=r"^postgres(ql)?://")]
    """The service's own role; its search path is the service's schema. Any collation will do."""
    kafka_bootstrap_servers: Annotated[str, Field(pattern=r"^[^\s:]+:\d+(,[^\s:]+:\d+)*$")]
    """host:port, several with commas."""
    instance_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")] | None = None
    """Unique to each process of a service and the same after its restart: it has its partitions back at once."""
    health_host: str = "127.0.0.1"
    """Where /health, /ready and /metrics are served; 0.0.0.0 in a container."""
    health_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Their port."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """What is logged, and what is more serious."""
    environment: Literal["production", "development"] = "development"
    """In production whatever is only for trying out is refused."""
    clock_file: Path | None = None
    """A shared clock that can be moved; refused in production."""
    recourse_policies: Path | None = None
    """An installation's own folder of policies, marketplaces and carriers; without it those that ship."""
    database_connections_max: Annotated[int, Field(ge=2, le=50)] = 4
    """Connections of the process's pool; the relay has two more of its own."""
    batch_records_max: Annotated[int, Field(ge=1, le=5000)] = 1000
    """Records in one transaction at most; a larger batch is not faster."""
    order_wait_seconds: Seconds = 60
    """How long, in real time, a command waits for its order before it is refused."""
    niceness: Niceness = 0
    """How far the process makes way for others of its machine; 10 in services that nobody waits for."""
    session_seconds: Annotated[float, Field(ge=6, le=300)] = 10
    """After how long Kafka gives a silent process's partitions to another."""
    pause_seconds_max: Seconds = 5
    """The longest pause before a batch that failed is tried again."""


Settings = TypeVar("Settings", bound=BaseSettings)


def load(settings: type[Settings]) -> Settings:
    """Read the settings, or end the process with exit code 2 and a line for each wrong one."""
    try:
        return settings()
    except ValidationError as error:
        refuse(_told(problem) for problem in error.errors())


def _told(problem: ErrorDetails) -> str:
    """Say what is wrong, with the value unless it may hold a password."""
    name = ".".join(str(part) for part in problem["loc"]).upper()
    if problem["type"] == "missing":
        return f"{name}: is not set, and has no default"
    return f"{name}: {problem['msg']}" + ("" if name.endswith("_URL") else f" (got {problem['input']!r})")


def refuse(problems: Iterable[str]) -> NoReturn:
    """End the process with exit code 2, saying what is wrong with its settings."""
    sys.stderr.write("".join(f"recourse: setting {problem}\n" for problem in problems))
    raise SystemExit(2)
