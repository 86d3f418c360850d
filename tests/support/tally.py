"""A pytest plugin that tells tests/run.py what a ring came to: `-p tests.support.tally`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

SETTING = "RECOURSE_TEST_TALLY"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write how many tests passed, failed and were skipped to the file that the setting names."""
    counts = {name: len(reports) for name, reports in terminalreporter.stats.items()}
    tally = {
        "passed": counts.get("passed", 0) + counts.get("xfailed", 0),
        "failed": counts.get("failed", 0) + counts.get("error", 0) + counts.get("xpassed", 0),
        "skipped": counts.get("skipped", 0),
    }
    Path(os.environ[SETTING]).write_text(json.dumps(tally))
