"""Make the project's own environment: `python environment.py FOLDER`, with any Python from 3.11 on.

FOLDER gets a virtual environment with exactly what requirements.lock lists, and with the checkout on its
path. It is complete when it has a file `complete`, written last: a run that was killed leaves none, and the
next one begins again. Two runs at the same time: the second waits for the first.

Only the standard library, because nothing else is there yet. Progress goes to stderr.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import platform
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "deploy" / "requirements.lock"
EXIT_NOT_REACHABLE = 3
SHOWN_LINES = 15
SHOWN_EVERY = 20
KEPT_ENVIRONMENTS = 2


class CannotMakeError(Exception):
    """The environment can't be made: what failed, why, and what to do."""

    def __init__(self, *, what: str, why: str, remedy: str) -> None:
        super().__init__(f"recourse: {what}\n  why: {why}\n  what to do: {remedy}")


def main(target: Path) -> int:
    """Make the environment if it is not complete; return the exit code."""
    try:
        target.parent.mkdir(exist_ok=True)
        with _alone(target.parent / "lock"):
            if not _is_complete(target):
                _make(target)
    except CannotMakeError as error:
        print(error, file=sys.stderr)
        return EXIT_NOT_REACHABLE
    except OSError as error:
        print(f"recourse: the environment can't be made in {target}\n  why: {error}", file=sys.stderr)
        print("  what to do: see that the checkout is writable and has 1 GB of space.", file=sys.stderr)
        return EXIT_NOT_REACHABLE
    return 0


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("waiting for another run that is making the environment")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_complete(target: Path) -> bool:
    return (target / "complete").exists() and (target / "bin" / "python").exists()


def _make(target: Path) -> None:
    began = time.monotonic()
    _say(f"making the project's environment, once (Python {platform.python_version()}, {target})")
    shutil.rmtree(target, ignore_errors=True)
    pip = _make_empty(target)
    _install(pip)
    _see_the_checkout(target)
    _prepare_servers(target)
    (target / "complete").touch()
    _remove_old(target)
    _say(f"the environment is ready after {time.monotonic() - began:.0f} s")


def _make_empty(target: Path) -> Sequence[str]:
    """Make a virtual environment; return the command for its pip."""
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    if not has_ensurepip and importlib.util.find_spec("pip") is None:
        raise CannotMakeError(
            what="no virtual environment can be made.",
            why=f"{sys.executable} has neither the module ensurepip nor pip.",
            remedy=(
                f"install it (on Debian and Ubuntu: apt-get install python{sys.version_info[0]}."
                f"{sys.version_info[1]}-venv), or set RECOURSE_PYTHON to a Python that has it."
            ),
        )
    try:
        venv.create(target, symlinks=True, with_pip=has_ensurepip)
    except subprocess.CalledProcessError as error:
        why = (error.output or b"").decode(errors="replace").strip() or str(error)
        raise CannotMakeError(
            what="pip could not be put into a new virtual environment.",
            why=why,
            remedy="see that this Python is whole, or set RECOURSE_PYTHON to another.",
        ) from error
    if has_ensurepip:
        return [str(target / "bin" / "python"), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(target / "bin" / "python")]


def _install(pip: Sequence[str]) -> None:
    """Install exactly what is locked, showing one line a stage."""
    total = sum(1 for line in LOCK.read_text().splitlines() if re.match(r"[a-z0-9]", line))
    # Not compiled: most modules are never imported, and those that are compile when they are.
    options = ["--require-hashes", "--no-deps", "--no-input", "--progress-bar=off", "--no-compile"]
    command = [*pip, "--disable-pip-version-check", "install", *options, "-r", str(LOCK)]
    last_lines: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        assert running.stdout is not None
        fetched = 0
        for line in running.stdout:
            last_lines = [*last_lines, line.rstrip()][-SHOWN_LINES:]
            if line.startswith("Collecting"):
                fetched += 1
                name = line.split()[1].split("=")[0]
                _show(f"fetching {fetched} of about {total}: {name}", often=fetched % SHOWN_EVERY != 1)
            elif line.startswith("Installing"):
                _show(f"installing {fetched} packages")
    _show("", often=True)
    if running.returncode:
        errors = [line for line in last_lines if line.startswith("ERROR")] or last_lines
        raise CannotMakeError(
            what="the packages that the project needs could not be installed.",
            why="\n       ".join(errors),
            remedy="connect to the network and start again; pip's settings and HTTPS_PROXY count.",
        )


def _see_the_checkout(target: Path) -> None:
    """Put the checkout on the environment's path: services, shared and tests are imported from it."""
    found = list(target.glob("lib/python*/site-packages"))
    (found[0] / "recourse.pth").write_text(f"{ROOT}\n")


def _prepare_servers(target: Path) -> None:
    """Fetch Kafka and prepare it. Not fatal: not everything needs it, and what does says so again."""
    command: list[str | Path] = [target / "bin" / "python", "-P", "-m", "services.cli.embedded.prepare"]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
        _say("going on without the embedded Kafka and PostgreSQL, see above")


def _remove_old(target: Path) -> None:
    """Keep the one before this: something may still be running from it."""
    others = [path for path in target.parent.iterdir() if path.is_dir() and path != target]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for old in others[KEPT_ENVIRONMENTS - 1 :]:
        shutil.rmtree(old, ignore_errors=True)


def _say(text: str) -> None:
    print(f"recourse: {text}", file=sys.stderr, flush=True)


def _show(text: str, *, often: bool = False) -> None:
    """Show a passing state: on a terminal in one line that changes, else a line unless it comes often."""
    if sys.stderr.isatty():
        shown = f"  {text}"[: shutil.get_terminal_size().columns - 1]
        print(f"\r\033[K{shown}", end="", file=sys.stderr, flush=True)
    elif not often:
        _say(text)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
