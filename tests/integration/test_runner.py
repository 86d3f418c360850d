"""`python -m tests.run`: what it says and how it ends."""

import re
import subprocess
import sys

from tests.support.processes import CHECKOUT


def run(*arguments: str) -> tuple[int, str]:
    """Return exit code and stdout."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.run", *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_ring_with_arguments_ends_with_its_counts() -> None:
    code, out = run("architecture", "-k", "a_path_would_be_found")
    assert code == 0
    assert re.search(r"^=+ 3 passed, \d+ deselected in ", out, re.MULTILINE)  # pytest's own closing line
    assert re.search(r"^architecture +fine +\d+\.\d +3$", out, re.MULTILINE)
    assert out.splitlines()[-1] == "3 passed, 0 failed"


def test_a_ring_in_which_no_test_runs_is_wrong() -> None:
    code, out = run("architecture", "-k", "no_test_has_this_name")
    assert code == 1
    assert "architecture: there are test files, but no test ran" in out
    assert "wrong: architecture" in out


def test_a_ring_that_can_not_even_start_is_wrong() -> None:
    code, out = run("architecture", "--no-such-option")
    assert code == 1
    assert out.splitlines()[-1] == "0 passed, 1 failed"


def test_an_unknown_ring_is_a_usage_error() -> None:
    assert run("everything")[0] == 2
