"""The compose file says what the settings take: every process, by its names, and nothing that nobody reads."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from services.cli.provisioning import ProvisionSettings
from shared.kit.limits import Limits

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
PROCESSES: dict[str, Any] = COMPOSE["services"]
BUILT = sorted(
    each.parent.name for each in (ROOT / "services").glob("*/__main__.py") if each.parent.name != "cli"
)


def settings_of(service: str) -> type[BaseSettings]:
    found: type[BaseSettings] = importlib.import_module(f"services.{service}.settings").Settings
    return found


def with_defaults(text: str) -> str:
    """Fill in what compose would, where nothing is set."""
    before, _, rest = text.partition("${")
    if not rest:
        return text
    name, _, after = rest.partition("}")
    return before + name.partition(":-")[2] + with_defaults(after)


def test_every_service_is_in_it() -> None:
    assert sorted(name for name in PROCESSES if name in BUILT) == BUILT


@pytest.mark.parametrize("service", BUILT)
def test_a_services_settings_are_taken_and_complete(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = PROCESSES[service]["environment"]
    fields = settings_of(service).model_fields
    assert [name for name in given if name.lower() not in fields] == []
    for name, value in given.items():
        monkeypatch.setenv(name, with_defaults(str(value)))
    settings_of(service)()
    assert PROCESSES[service]["command"] == ["python", "-m", f"services.{service}"]


def test_the_provisioning_settings_are_taken_and_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    given = PROCESSES["provision"]["environment"]
    assert [name for name in given if name.lower() not in ProvisionSettings.model_fields] == []
    for name, value in given.items():
        monkeypatch.setenv(name, with_defaults(str(value)))
    settings = ProvisionSettings()
    assert set(settings.passwords) == set(BUILT)


@pytest.mark.parametrize("service", BUILT)
def test_a_service_signs_in_with_the_role_and_the_password_that_are_provisioned(service: str) -> None:
    url = PROCESSES[service]["environment"]["DATABASE_URL"]
    password = PROCESSES["provision"]["environment"][f"{service.upper()}_PASSWORD"]
    assert url.startswith(f"postgresql://recourse_{service}:{password}@postgres:")


@pytest.mark.parametrize("service", BUILT)
def test_a_service_starts_after_provisioning_and_has_time_to_drain(service: str) -> None:
    assert PROCESSES[service]["depends_on"]["provision"]["condition"] == "service_completed_successfully"
    assert int(PROCESSES[service]["stop_grace_period"].removesuffix("s")) > Limits().drain_seconds_max


def test_the_broker_takes_the_largest_dead_letter_and_makes_no_topic_by_itself() -> None:
    environment = PROCESSES["kafka"]["environment"]
    assert environment["KAFKA_MESSAGE_MAX_BYTES"] > 2 * 1024 * 1024
    assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
