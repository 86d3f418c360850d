"""Whatever happens to the one who started them, the embedded servers do not stay behind."""

import os
import signal
from pathlib import Path

import pytest

from services.cli.embedded.instance import Instance, clear_abandoned
from services.cli.embedded.places import RUNS_SETTING
from tests.support.processes import open_to_servers, owner, processes_in, wait_until_gone

UP_AND_WAITING = """
import json
from services.cli.embedded.instance import Instance
from services.cli.embedded.kafka import Kafka
from services.cli.embedded.postgres import Postgres
from services.cli.embedded.smtp import MailServer
from services.cli.embedded.system import start_together
instance = Instance()
servers = [Kafka(instance), Postgres(instance), MailServer(instance)]
start_together(*servers)
print(json.dumps({"folder": str(instance.path), "pids": [server.pid for server in servers]}), flush=True)
"""
A_FOLDER_AND_WAITING = """
import json
from services.cli.embedded.instance import Instance
instance = Instance()
print(json.dumps(str(instance.path)), flush=True)
"""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of our own for running systems, that the servers' user can reach."""
    monkeypatch.setenv(RUNS_SETTING, str(open_to_servers(tmp_path)))
    return tmp_path


def test_servers_die_with_an_owner_that_is_killed_and_the_next_run_clears_up(runs: Path) -> None:
    with owner(UP_AND_WAITING, os.environ) as started:
        said = started.said()
        folder = Path(said["folder"])
        everything = processes_in(folder)
        assert set(said["pids"]) <= set(everything)
        started.end(signal.SIGKILL)
    assert wait_until_gone(everything, seconds_max=10) == []
    assert processes_in(folder) == []
    assert folder.exists()
    with Instance() as next_one:
        assert [path for path in runs.iterdir() if path.is_dir()] == [next_one.path]


@pytest.mark.usefixtures("runs")
def test_the_folder_of_a_living_owner_is_left_alone() -> None:
    with owner(A_FOLDER_AND_WAITING, os.environ) as started:
        folder = Path(started.said())
        assert clear_abandoned() == []
        assert folder.exists()
    assert clear_abandoned() == [folder]
    assert not folder.exists()


@pytest.mark.usefixtures("runs")
def test_a_frozen_owner_is_a_living_one() -> None:
    with owner(A_FOLDER_AND_WAITING, os.environ) as started:
        started.said()
        os.kill(started.pid, signal.SIGSTOP)
        assert clear_abandoned() == []
