"""A wrong setting stops the process at its start, by name, with exit code 2; passwords are not told."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.kit import runtime, settings
from shared.kit.limits import Limits
from shared.kit.settings import KitSettings
from tests.support.toy import Toy

GOOD = {
    "DATABASE_URL": "postgresql://orders:secret@localhost/recourse",
    "KAFKA_BOOTSTRAP_SERVERS": "localhost:9092",
}


def load(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> KitSettings:
    for name, value in (GOOD | changes).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    return settings.load(KitSettings)


def test_two_addresses_are_all_that_must_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    found = load(monkeypatch)
    assert (found.environment, found.clock_file, found.batch_records_max) == ("development", None, 1000)


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, CLOCK_FILE="", HEALTH_PORT="").clock_file is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", None),
        ("DATABASE_URL", "mysql://orders:secret@localhost/recourse"),
        ("KAFKA_BOOTSTRAP_SERVERS", None),
        ("KAFKA_BOOTSTRAP_SERVERS", "localhost"),
        ("KAFKA_BOOTSTRAP_SERVERS", "a:1;b:2"),
        ("INSTANCE_ID", "two words"),
        ("HEALTH_PORT", "65536"),
        ("HEALTH_PORT", "http"),
        ("LOG_LEVEL", "loud"),
        ("ENVIRONMENT", "staging"),
        ("DATABASE_CONNECTIONS_MAX", "1"),
        ("BATCH_RECORDS_MAX", "0"),
        ("BATCH_RECORDS_MAX", "5001"),
        ("ORDER_WAIT_SECONDS", "0"),
        ("ORDER_WAIT_SECONDS", "nan"),
        ("ORDER_WAIT_SECONDS", "inf"),
        ("SESSION_SECONDS", "1"),
        ("PAUSE_SECONDS_MAX", "-1"),
    ],
)
def test_a_wrong_value_stops_the_process_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str | None
) -> None:
    with pytest.raises(SystemExit) as stopped:
        load(monkeypatch, **{name: value})
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert f"recourse: setting {name}: " in said
    assert "secret" not in said


def test_production_refuses_a_clock_that_can_be_moved(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = load(monkeypatch, ENVIRONMENT="production", CLOCK_FILE=str(tmp_path / "clock"))
    with pytest.raises(SystemExit) as stopped:
        runtime.run(Toy().service(), "services.timer", found)
    assert stopped.value.code == 2
    assert "CLOCK_FILE" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"short"], ids=["missing", "cut off"])
def test_a_clock_file_that_is_none_is_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    content: bytes | None,
) -> None:
    path = tmp_path / "clock"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SystemExit) as stopped:
        runtime.run(Toy().service(), "services.timer", load(monkeypatch, CLOCK_FILE=str(path)))
    assert stopped.value.code == 2
    assert "CLOCK_FILE" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        {"relay_poll_seconds": 1, "lease_seconds": 3},
        {"drain_seconds_max": 10},
        {"gate_seconds": 10, "session_seconds": 6},
    ],
)
def test_limits_that_contradict_each_other_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        Limits(**wrong)  # type: ignore[arg-type]  # all are numbers
