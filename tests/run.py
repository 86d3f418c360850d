"""The whole check: `./deploy/run test`, or `python -m tests.run [--quick] [RING] [PYTEST ARGUMENTS]`.

Without a ring: the static checks and every ring; with `--quick` only those that need no server. The rings with
servers wait half of their time: what needs none runs beside them and gives way to them, then another of them does;
what ran beside is told when the one before it ends. What measures runs last and alone. With a ring: only that one,
with any further arguments given to pytest. The exit code is 0 only if everything was right; the last line counts
the tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tests.support.tally import SETTING as TALLY_SETTING

TESTS = Path(__file__).parent
LIGHT_RINGS = ("architecture", "contracts")
QUICK_RINGS = (*LIGHT_RINGS, "unit")
# The longest first: two at a time, so the last ones are short.
SERVER_RINGS = ("e2e", "faults", "integration")
RINGS = (*QUICK_RINGS, "integration", "e2e", "faults", "bench")
NICENESS = 10
# Who gives way to others may take longer for a test than pyproject.toml allows.
PATIENTLY = ("-o", "timeout=600")
SCRIPTS = Path(sys.executable).parent
STATIC = {
    "ruff check": [str(SCRIPTS / "ruff"), "check", "."],
    "ruff format": [str(SCRIPTS / "ruff"), "format", "--check", "."],
    "import-linter": [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
    "mypy": [sys.executable, "-m", "mypy"],
}
EXIT_NO_TESTS = 5
Run = Callable[[Sequence[str], Mapping[str, str]], tuple[int, str]]
"""Runs a command in an environment; returns its exit code, and what it said if that was kept."""


@dataclass(frozen=True)
class Result:
    """What one step came to; counts are of tests, zero for static checks."""

    step: str
    right: bool
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    output: str = ""


class Beside:
    """Steps that run one after the other beside whatever we do; what they say is kept.

    The static checks and `rings` give way to others; then come the rings of `shared` that nobody else has taken.
    """

    def __init__(self, rings: Sequence[str], shared: deque[str]) -> None:
        self._shared = shared
        self._results: list[Result] = []
        self._told = 0
        self._thread = threading.Thread(target=self._run, args=(rings,), daemon=True)
        self._thread.start()

    def tell(self) -> None:
        """Print what has ended since we told last."""
        for result in self._results[self._told :]:
            _heading(f"{result.step} ({result.seconds:.1f} s)")
            lines = result.output.strip().splitlines() or ["fine"]
            is_short = result.right and result.step in STATIC
            print("\n".join(lines[-1:] if is_short else lines), flush=True)
            self._told += 1

    def wait(self) -> list[Result]:
        """Return what all of it came to, when it has ended and was told."""
        self._thread.join()
        self.tell()
        return self._results

    def _run(self, rings: Sequence[str]) -> None:
        for step, command in STATIC.items():
            began = time.perf_counter()
            code, output = _run_giving_way(command, os.environ)
            self._results.append(Result(step, code == 0, time.perf_counter() - began, output=output))
        for ring in rings:
            self._results.append(_run_ring(ring, PATIENTLY, _run_giving_way))
        for ring in _taken(self._shared):
            self._results.append(_run_ring(ring, [], _run_quietly))


def _taken(rings: deque[str]) -> Iterator[str]:
    """Take one ring after the other, as long as another taker leaves any."""
    with suppress(IndexError):
        while True:
            yield rings.popleft()


def _run_giving_way(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a command that others go before; return its exit code and what it said."""
    return _run_quietly(command, environment, NICENESS)


def _run_quietly(
    command: Sequence[str], environment: Mapping[str, str], niceness: int = 0
) -> tuple[int, str]:
    """Run a command; return its exit code and what it said."""
    with subprocess.Popen(
        command,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=TESTS.parent,
        env=environment,
    ) as running:
        if niceness:
            os.setpriority(os.PRIO_PROCESS, running.pid, niceness)
        output, _ = running.communicate()
    return running.returncode, output


def _run_openly(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a command whose output is ours."""
    return subprocess.run(command, check=False, cwd=TESTS.parent, env=environment).returncode, ""


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments ask for; return the exit code."""
    began = time.perf_counter()
    rest = [argument for argument in arguments if argument != "--quick"]
    if rest and rest[0] in RINGS:
        results = [_run_ring(rest[0], rest[1:])]
    elif rest:
        print(
            f"usage: test [--quick] [{'|'.join(RINGS)}] [arguments for pytest, after a ring]", file=sys.stderr
        )
        return 2
    else:
        results = (
            _run_all(("unit",), LIGHT_RINGS)
            if "--quick" in arguments
            else _run_all(SERVER_RINGS, QUICK_RINGS, ("bench",))
        )
    _print_table(results, time.perf_counter() - began)
    return 0 if all(result.right for result in results) else 1


def _run_all(ahead: Sequence[str], beside: Sequence[str], alone: Sequence[str] = ()) -> list[Result]:
    """Run rings ahead of others beside them, then those that want the machine for themselves."""
    shared = deque(ahead)
    first = shared.popleft()
    others = Beside(beside, shared)
    results = []
    for ring in chain([first], _taken(shared)):
        results.append(_run_ring(ring, []))
        others.tell()
    return [*others.wait(), *results, *(_run_ring(ring, []) for ring in alone)]


def _run_ring(ring: str, pytest_arguments: Sequence[str], run: Run = _run_openly) -> Result:
    """Run one ring in a pytest of its own; a ring without any test file is right and empty."""
    folder = TESTS / ring
    if not any(folder.rglob("test_*.py")):
        return Result(f"{ring} (no tests yet)", right=True, seconds=0)
    if run is _run_openly:
        _heading(ring)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        tally = Path(scratch) / "tally.json"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.support.tally",
            str(folder),
            *pytest_arguments,
        ]
        code, output = run(command, {**os.environ, TALLY_SETTING: str(tally)})
        counts = json.loads(tally.read_text()) if tally.exists() else {"failed": 1}
    if code == EXIT_NO_TESTS:
        print(f"{ring}: there are test files, but no test ran")
    return Result(ring, code == 0, time.perf_counter() - began, **counts, output=output)


def _heading(text: str) -> None:
    print(f"\n──── {text} {'─' * (70 - len(text))}", flush=True)


def _print_table(results: Sequence[Result], seconds: float) -> None:
    _heading("result")
    print(f"{'step':<28}{'':<8}{'seconds':>8}{'passed':>8}{'failed':>8}{'skipped':>8}")
    for result in results:
        counts = (result.passed, result.failed, result.skipped)
        shown = "".join(f"{count or '':>8}" for count in counts)
        print(
            f"{result.step:<28}{'fine' if result.right else 'WRONG':<8}{result.seconds:>8.1f}{shown}".rstrip()
        )
    print(f"{'in all':<36}{seconds:>8.1f}")
    if wrong := [result.step for result in results if not result.right]:
        print(f"\nwrong: {', '.join(wrong)}")
    passed, failed = sum(result.passed for result in results), sum(result.failed for result in results)
    print(f"\n{passed} passed, {failed} failed", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
