"""The command line itself: its help, its errors, and how quick it is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from services.cli.app import app
from services.cli.bench.catalogue import CATALOGUE
from services.cli.commands.up import read_environment
from services.cli.embedded import places
from services.cli.errors import CommandError, Exit
from tests.support.processes import CHECKOUT

HEAVY = (
    "aiokafka",
    "asyncpg",
    "babel",
    "faststream",
    "psutil",
    "rich.table",
    "services.claims",
    "pydantic",
    "yaml",
)
COMMANDS = [
    *(
        "up",
        "demo",
        "publish",
        "claim",
        "trace",
        "performance",
        "verify",
        "erase",
        "provision",
        "clock show",
        "clock advance",
    ),
    *("deadletters list", "deadletters show", "deadletters retry", "deadletters skip"),
    "policy check",
    "policy diff",
    "policy backtest",
    *(f"bench {entry.name}" for entry in CATALOGUE),
    "bench all",
    "bench report",
]


def ran(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments],
        cwd=CHECKOUT,
        env={"PATH": "/usr/bin", "HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_what_it_does(command: str) -> None:
    answer = CliRunner().invoke(app, [*command.split(), "--help"])
    assert answer.exit_code == Exit.FINE
    assert "Usage" in answer.output
    assert len(answer.output) > 200


def test_no_command_is_without_a_test_of_its_help() -> None:
    group = get_command(app)
    found = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]  # a group of commands
        below = getattr(command, "commands", None)
        found |= {f"{name} {each}" for each in below} if below else {name}
    assert found == set(COMMANDS)


def test_the_exit_codes_are_in_the_help() -> None:
    answer = CliRunner().invoke(app, ["--help"])
    for code in Exit:
        assert str(int(code)) in answer.output.rpartition("Exit codes:")[2]


def test_help_is_quick_because_nothing_heavy_is_imported_for_it() -> None:
    script = f"import sys, services.cli.app; print([name for name in {HEAVY} if name in sys.modules])"
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("claim",), ("clock", "advance", "--nonsense"), ("up", "--clock-speed", "-1")],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert ran(*arguments).returncode == Exit.USAGE


@pytest.mark.parametrize(
    "arguments",
    [("clock", "show"), ("claim", "x"), ("trace", "x"), ("verify",), ("erase", "x"), ("deadletters", "list")],
)
def test_without_a_system_every_command_ends_with_3_and_says_what_to_do(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    ended = ran(*arguments, **{places.RUNS_SETTING: str(tmp_path)})
    assert ended.returncode == Exit.NOT_REACHABLE
    assert ended.stdout == ""
    assert "No system is running." in ended.stderr
    assert "what to do: start one with `recourse up`" in ended.stderr


def test_a_system_that_does_not_answer_ends_with_3(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text(
        json.dumps({"kafka": "127.0.0.1:1", "database_url": "postgresql://reader@127.0.0.1:1/x"})
    )
    for command in (("verify",), ("claim", "x"), ("publish", "-")):
        ended = ran(*command, "--system", str(ready))
        assert ended.returncode == Exit.NOT_REACHABLE
        assert "does not answer" in ended.stderr


def test_a_clock_that_is_real_is_shown_and_can_not_be_moved(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text(
        json.dumps({"kafka": "127.0.0.1:1", "database_url": "postgresql://reader@127.0.0.1:1/x"})
    )
    shown = ran("clock", "show", "--json", RECOURSE_SYSTEM=str(ready))
    assert json.loads(shown.stdout)["speed"] == 1
    moved = ran("clock", "advance", "48h", RECOURSE_SYSTEM=str(ready))
    assert (moved.returncode, moved.stdout) == (Exit.USAGE, "")
    assert "its time is real" in moved.stderr


def test_how_far_to_go_is_said_once(tmp_path: Path) -> None:
    assert ran("clock", "advance", RECOURSE_SYSTEM=str(tmp_path)).returncode == Exit.USAGE
    both = ran("clock", "advance", "1h", "--to", "2027-01-01T00:00:00Z", RECOURSE_SYSTEM=str(tmp_path))
    assert both.returncode == Exit.USAGE


def test_a_wrong_provisioning_setting_is_named_and_its_value_is_not_shown() -> None:
    ended = ran("provision", ADMIN_DATABASE_URL="postgresql://x", READER_PASSWORD="short-secret")
    assert ended.returncode == Exit.USAGE
    assert "KAFKA_BOOTSTRAP_SERVERS: is not set" in ended.stderr
    assert "short-secret" not in ended.stderr


def test_settings_for_one_service_are_read_by_its_name() -> None:
    found = read_environment(
        ["orders:RECOURSE_CRASH_AT=before_commit:5", "orders:LOG_LEVEL=DEBUG", "timer:A=b=c"]
    )
    assert found == {
        "orders": {"RECOURSE_CRASH_AT": "before_commit:5", "LOG_LEVEL": "DEBUG"},
        "timer": {"A": "b=c"},
    }


@pytest.mark.parametrize("setting", ["orders", "orders:X", "nobody:X=1", "orders:=1"])
def test_a_setting_for_nobody_is_wrong_usage(setting: str) -> None:
    with pytest.raises(CommandError) as wrong:
        read_environment([setting])
    assert wrong.value.code == Exit.USAGE
