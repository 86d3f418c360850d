"""The whole check: `./deploy/run test`, or `python -m tests.run [--quick] [RING] [PYTEST ARGUMENTS]`.

Without a ring: the static checks and every ring, cheap ones first; with `--quick` only those that need no
server. The static checks run beside the first rings. With a ring: only that one, with any further
arguments given to pytest. The exit code is 0 only if everything was right; the last line counts the tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.tally import SETTING as TALLY_SETTING

TESTS = Path(__file__).parent
QUICK_RINGS = ("architecture", "contracts", "unit")
RINGS = (*QUICK_RINGS, "integration", "e2e", "faults", "bench")
SCRIPTS = Path(sys.executable).parent
STATIC = {
    "ruff check": [str(SCRIPTS / "ruff"), "check", "."],
    "ruff format": [str(SCRIPTS / "ruff"), "format", "--check", "."],
    "import-linter": [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
    "mypy": [sys.executable, "-m", "mypy"],
}
EXIT_NO_TESTS = 5


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


class StaticChecks:
    """The static checks, running one after the other beside whatever we do."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def wait(self) -> list[Result]:
        self._thread.join()
        for result in self.results:
            _heading(f"{result.step} ({result.seconds:.1f} s)")
            lines = result.output.strip().splitlines() or ["fine"]
            print("\n".join(lines[-1:] if result.right else lines))
        return self.results

    def _run(self) -> None:
        for step, command in STATIC.items():
            began = time.perf_counter()
            done = subprocess.run(
                command,
                check=False,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=TESTS.parent,
            )
            seconds = time.perf_counter() - began
            self.results.append(Result(step, done.returncode == 0, seconds, output=done.stdout))


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
        results = _run_all(QUICK_RINGS if "--quick" in arguments else RINGS)
    _print_table(results, time.perf_counter() - began)
    return 0 if all(result.right for result in results) else 1


def _run_all(rings: Sequence[str]) -> list[Result]:
    static = StaticChecks()
    results = [_run_ring(ring, []) for ring in rings if ring in QUICK_RINGS]
    results = [*static.wait(), *results]
    return [*results, *(_run_ring(ring, []) for ring in rings if ring not in QUICK_RINGS)]


def _run_ring(ring: str, pytest_arguments: Sequence[str]) -> Result:
    """Run one ring in a pytest of its own; a ring without any test file is right and empty."""
    folder = TESTS / ring
    if not any(folder.rglob("test_*.py")):
        return Result(f"{ring} (no tests yet)", right=True, seconds=0)
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
        done = subprocess.run(
            command, check=False, cwd=TESTS.parent, env={**os.environ, TALLY_SETTING: str(tally)}
        )
        counts = json.loads(tally.read_text()) if tally.exists() else {"failed": 1}
    if done.returncode == EXIT_NO_TESTS:
        print(f"{ring}: there are test files, but no test ran")
    return Result(ring, done.returncode == 0, time.perf_counter() - began, **counts)


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
