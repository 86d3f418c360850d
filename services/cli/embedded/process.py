"""Child processes in sessions of their own that do not outlive us.

On Linux the kernel kills a child when we die, however we die (see launch.py). Elsewhere that is missing:
there the next run kills what a dead owner left (see instance.py).
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from services.cli.embedded.places import User

LAUNCHER = Path(__file__).with_name("launch.py")
TAIL_LINES = 12


@dataclass(frozen=True)
class Command:
    """A program to start.

    `log` gets what it writes to stdout and stderr (appended); `user` is whom it runs as, None for
    ourselves; `death_signal` is what it gets when we die.
    """

    name: str
    argv: Sequence[str]
    log: Path
    user: User | None = None
    cwd: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    death_signal: signal.Signals = signal.SIGKILL


class Child:
    """A started program."""

    def __init__(self, command: Command, popen: subprocess.Popen[bytes]) -> None:
        self.command = command
        self._popen = popen

    @property
    def pid(self) -> int:
        return self._popen.pid

    def running(self) -> bool:
        """Say whether it runs; one that ended is reaped by asking."""
        return self._popen.poll() is None

    def wait(self, seconds_max: float) -> int | None:
        """Return its exit code (negative: the signal that killed it), None if it still runs by then."""
        try:
            return self._popen.wait(seconds_max)
        except subprocess.TimeoutExpired:
            return None

    def stop(self, *, ask: signal.Signals = signal.SIGTERM, seconds_max: float) -> None:
        """Ask it to end, wait, and kill it if it does not."""
        if not self.running():
            return
        self._popen.send_signal(ask)
        self._popen.send_signal(signal.SIGCONT)  # a frozen process does not hear
        if self.wait(seconds_max) is None:
            self.kill()

    def kill(self) -> None:
        """Kill it as kill -9 does, and reap it."""
        self._popen.kill()
        self._popen.wait()

    def freeze(self) -> None:
        """Stop it in its tracks (SIGSTOP)."""
        self._popen.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        self._popen.send_signal(signal.SIGCONT)

    def last_words(self) -> str:
        """Return the end of its log, for an error message."""
        return last_lines(self.command.log)


def spawn(command: Command) -> Child:
    """Start a program in a session of its own; raise OSError if that is not possible."""
    return _spawner().do(lambda: Child(command, _popen(command)))


def last_lines(log: Path, count: int = TAIL_LINES) -> str:
    """Return the last lines of a log, "(it said nothing)" for an empty one."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        text = ""
    return "\n       ".join(text.splitlines()[-count:]) or "(it said nothing)"


def _popen(command: Command) -> subprocess.Popen[bytes]:
    uid, gid = (str(command.user.uid), str(command.user.gid)) if command.user else ("-", "-")
    tie = [str(os.getpid()), str(int(command.death_signal)), uid, gid]
    # TZ and LC_ALL: the servers must behave the same on every machine.
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "TZ": "UTC",
        "LC_ALL": "C",
        **command.environment,
    }
    with command.log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCHER), *tie, "--", *command.argv],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=command.cwd,
            env=environment,
            start_new_session=True,
        )


class _Spawner:
    """A thread that lives as long as we do and starts all children.

    The kernel's "die with the parent" means the *thread* that forked: a child started by a worker thread
    would be killed when that thread ends.
    """

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="spawner", daemon=True).start()

    def do(self, start: Callable[[], Child]) -> Child:
        answer: Future[Child] = Future()

        def work() -> None:
            try:
                answer.set_result(start())
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever asked
                answer.set_exception(error)

        self._work.put(work)
        return answer.result()

    def _serve(self) -> None:
        while True:
            self._work.get()()


_spawners: list[_Spawner] = []
_making = threading.Lock()


def _spawner() -> _Spawner:
    with _making:
        # A fork of ours has no threads.
        if not _spawners or _spawners[-1].owner != os.getpid():
            _spawners.append(_Spawner())
        return _spawners[-1]
