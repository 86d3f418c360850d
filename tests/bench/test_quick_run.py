"""`recourse bench all --quick`: every benchmark works, every target has its numbers, and the run is kept as is said."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from services.cli.bench import saved
from services.cli.bench.catalogue import CATALOGUE
from services.cli.bench.targets import TARGETS
from tests.support.processes import CHECKOUT


@pytest.mark.timeout(900)  # three minutes on a machine that does nothing else
def test_a_quick_run_of_all_benchmarks_has_a_number_for_every_target(tmp_path: Path) -> None:
    kept = tmp_path / "run.json"
    command = [sys.executable, "-m", "services.cli", "bench", "all", "--quick", "--json", "--save", str(kept)]
    done = subprocess.run(command, check=False, cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    run = saved.read(kept)
    assert json.loads(done.stdout) == run.to_json()
    assert run.quick
    assert not run.failed
    assert set(run.benchmarks) == {entry.name for entry in CATALOGUE}
    assert set(run.targets) == set(TARGETS), "a target that no benchmark measures"
    page = kept.with_suffix(".html").read_text(encoding="utf-8")
    assert all(f"{target}<" in page or f">{target}" in page for target in TARGETS)
