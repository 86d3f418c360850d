"""`deploy/run` in checkouts of their own, with a lock of one small package that lies beside them."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from services.cli.embedded.ports import free_port
from tests.support.processes import CHECKOUT

SAYS_ITS_ARGUMENTS = "import sys, small_one\nprint(small_one.__name__, *sys.argv[1:], flush=True)\n"
TIMES_BARE_PYTHON_MAX = 10
"""How often the time that a bare Python takes to start, once the environment is there; to make it takes hundreds."""
MAKING_SECONDS_MAX = 100.0
BASE_PYTHON = getattr(sys, "_base_executable", sys.executable)
HAS_PIP = subprocess.run([BASE_PYTHON, "-c", "import pip"], check=False, capture_output=True).returncode == 0


def hide(modules: tuple[str, ...], folder: Path) -> str:
    """Return a PYTHONPATH on which these modules are missing, as in a Python packed without them."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "from importlib.machinery import PathFinder\n"
        "class Without(PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        f"        return None if name.split('.')[0] in {modules!r} else super().find_spec(name, path, target)\n"
        "sys.meta_path[:] = [Without if finder is PathFinder else finder for finder in sys.meta_path]\n"
    )
    return str(folder)


class Checkout:
    """A folder with the real deploy/run and environment.py, and a project that says its arguments."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.wheels = path.parent / "wheels"
        self.settings = {
            "RECOURSE_PYTHON": BASE_PYTHON,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": os.devnull,
        }
        if HAS_PIP:  # that is quicker than a new pip each time, which one test is enough for
            self.settings["PYTHONPATH"] = hide(("ensurepip",), path.parent / "hiding")
        for folder in (path / "deploy", path / "services" / "cli", path / "tests", self.wheels):
            folder.mkdir(parents=True)
        for name in ("run", "environment.py"):
            shutil.copy(CHECKOUT / "deploy" / name, path / "deploy" / name)
        (path / "services" / "cli" / "__main__.py").write_text(SAYS_ITS_ARGUMENTS)
        (path / "tests" / "run.py").write_text(f"print('the tests:')\n{SAYS_ITS_ARGUMENTS}")
        self.lock("1.0")

    def lock(self, version: str) -> None:
        """Write a wheel and a lock that asks for exactly it."""
        wheel = self.wheels / f"small_one-{version}-py3-none-any.whl"
        about = f"small_one-{version}.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("small_one.py", f"__version__ = '{version}'\n")
            archive.writestr(
                f"{about}/METADATA", f"Metadata-Version: 2.1\nName: small-one\nVersion: {version}\n"
            )
            archive.writestr(
                f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{about}/RECORD", "")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        (self.path / "deploy" / "requirements.lock").write_text(
            f"# a lock\nsmall-one=={version} \\\n    --hash=sha256:{digest}\n"
        )

    def start(self, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.path / "deploy" / "run"), *arguments],
            env={**os.environ, **self.settings, **settings},
            cwd=self.path.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **settings: str) -> tuple[int, str, str]:
        """Return exit code, stdout, stderr."""
        running = self.start(*arguments, **settings)
        out, said = running.communicate(timeout=MAKING_SECONDS_MAX)
        return running.returncode, out, said

    def environments(self) -> list[Path]:
        return [path for path in (self.path / ".venv").iterdir() if path.is_dir()]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "check out")  # a blank in the path must not matter


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout whose environment has been made."""
    checkout = Checkout(tmp_path_factory.mktemp("made") / "check out")
    code, out, said = checkout.run("claim", "a b")
    assert (code, out) == (0, "small_one claim a b\n"), said
    assert "making the project's environment, once" in said
    assert "the environment is ready after" in said
    return checkout


def test_the_environment_is_made_once_and_then_found_at_once(made: Checkout) -> None:
    best = bare = MAKING_SECONDS_MAX
    for _ in range(5):
        began = time.perf_counter()
        code, out, said = made.run("claim")
        best = min(best, time.perf_counter() - began)
        assert (code, out, said) == (0, "small_one claim\n", "")
        began = time.perf_counter()
        subprocess.run([BASE_PYTHON, "-c", ""], check=True)
        bare = min(bare, time.perf_counter() - began)
    assert best <= TIMES_BARE_PYTHON_MAX * bare


def test_a_python_with_ensurepip_gets_a_new_pip(checkout: Checkout) -> None:
    pytest.importorskip("ensurepip")
    assert checkout.run("one", PYTHONPATH="")[:2] == (0, "small_one one\n")


def test_test_runs_the_tests_in_the_checkout(made: Checkout) -> None:
    assert made.run("test", "unit", "-k", "a b") == (0, "the tests:\nsmall_one unit -k a b\n", "")


def test_two_runs_at_once_make_one_environment(checkout: Checkout) -> None:
    runs = [checkout.start(name) for name in ("one", "two")]
    said = [run.communicate(timeout=MAKING_SECONDS_MAX) for run in runs]
    assert [out for out, _ in said] == ["small_one one\n", "small_one two\n"]
    assert sum("is ready after" in words for _, words in said) == 1
    assert sum("waiting for another run" in words for _, words in said) == 1


def test_a_run_killed_in_the_middle_leaves_nothing_that_the_next_one_trusts(checkout: Checkout) -> None:
    running = checkout.start("one")
    give_up = time.monotonic() + MAKING_SECONDS_MAX
    while not list(checkout.path.glob(".venv/*/bin/python")):
        assert time.monotonic() < give_up
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    code, out, _ = checkout.run("two")
    assert (code, out) == (0, "small_one two\n")


def test_another_lock_makes_another_environment(checkout: Checkout) -> None:
    checkout.run("one")
    checkout.lock("2.0")
    (checkout.path / "services" / "cli" / "__main__.py").write_text(
        "import small_one; print(small_one.__version__)\n"
    )
    code, out, said = checkout.run("two")
    assert (code, out) == (0, "2.0\n"), said
    assert len(checkout.environments()) == 2
    checkout.lock("3.0")
    checkout.run("three")
    assert len(checkout.environments()) == 2


def test_a_package_that_is_not_as_locked_is_refused(checkout: Checkout) -> None:
    with zipfile.ZipFile(next(checkout.wheels.glob("*.whl")), "a") as archive:
        archive.writestr("evil.py", "")
    code, out, said = checkout.run("one")
    assert (code, out) == (3, "")
    assert "recourse: the packages that the project needs could not be installed." in said
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in said


def test_without_a_network_it_says_what_why_and_what_to_do(checkout: Checkout) -> None:
    closed = f"http://127.0.0.1:{free_port()}/simple"
    settings = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": closed, "PIP_RETRIES": "0"}
    code, _, said = checkout.run("one", **settings)
    assert code == 3
    assert "recourse: the packages that the project needs could not be installed." in said
    assert "why: ERROR: Could not find a version that satisfies the requirement small-one==1.0" in said
    assert "what to do: connect to the network and start again" in said


def test_a_python_without_ensurepip_and_pip(checkout: Checkout, tmp_path: Path) -> None:
    code, _, said = checkout.run("one", PYTHONPATH=hide(("ensurepip", "pip"), tmp_path / "more"))
    assert code == 3
    assert "recourse: no virtual environment can be made." in said
    assert "has neither the module ensurepip nor pip" in said
    assert f"apt-get install python{sys.version_info[0]}.{sys.version_info[1]}-venv" in said


def test_no_python_at_all(checkout: Checkout, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "dirname", "cat", "cksum", "tr"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    (tools / "python3").write_text("#!/bin/sh\nexit 1\n")  # too old
    (tools / "python3").chmod(0o755)
    code, _, said = checkout.run("one", PATH=str(tools), RECOURSE_PYTHON="")
    assert code == 3
    assert "recourse: no Python to run with." in said
    assert "what to do: install one" in said


def test_a_python_that_was_named_and_does_not_work(checkout: Checkout) -> None:
    code, _, said = checkout.run("one", RECOURSE_PYTHON="/nonexistent/python3")
    assert code == 3
    assert "why: /nonexistent/python3 (RECOURSE_PYTHON) is not version 3.11 or later" in said


def test_a_checkout_that_can_not_be_written(checkout: Checkout) -> None:
    (checkout.path / ".venv").touch()
    code, _, said = checkout.run("one")
    assert code == 3
    assert "the environment can't be made in" in said
