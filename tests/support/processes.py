"""Looking at processes from outside, for tests of what is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

CHECKOUT = Path(__file__).resolve().parents[2]


def processes_in(folder: Path) -> list[int]:
    """Return the ids of the processes whose command line names this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(str(folder) in word for word in process.cmdline()):
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def wait_until_gone(pids: list[int], seconds_max: float) -> list[int]:
    """Wait for processes that are not our children to end; return those that did not."""
    give_up = time.monotonic() + seconds_max
    while (left := [pid for pid in pids if psutil.pid_exists(pid)]) and time.monotonic() < give_up:
        time.sleep(0.02)
    return left


def open_to_servers(folder: Path) -> Path:
    """Let others enter a folder: as root the servers run as another user, and pytest's folders are closed."""
    for path in (folder, *folder.parents):
        if path != Path("/") and path.stat().st_uid == os.geteuid():
            path.chmod(path.stat().st_mode | 0o011)
    return folder


class Owner:
    """Another Python that runs a script, which says one line of JSON and then waits for its end."""

    def __init__(self, script: str, environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-c", f"{script}\nimport time; time.sleep(600)"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(environment), cwd=CHECKOUT)
        self.pid = self._process.pid

    def said(self) -> Any:
        """Wait for the line and return what it holds."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def end(self, number: signal.Signals) -> None:
        """Send a signal and wait for the end."""
        self._process.send_signal(number)
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def owner(script: str, environment: Mapping[str, str]) -> Iterator[Owner]:
    """Give a running owner; it is killed at the end of the block if it still runs."""
    started = Owner(script, environment)
    try:
        yield started
    finally:
        started.end(signal.SIGKILL)
