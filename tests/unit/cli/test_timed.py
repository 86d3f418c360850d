"""Steps of a start: each is told as it ends, and what ran side by side can be seen."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from services.cli.running import memory
from services.cli.running.timed import Timing, Took


def test_a_step_is_told_when_it_ends_with_what_began_before_it() -> None:
    told: list[Took] = []
    timing = Timing(told.append)
    with timing.step("outer"), timing.step("inner"):
        assert told == []
    assert [took.what for took in told] == ["inner", "outer"]
    inner, outer = told
    assert outer.began <= inner.began <= inner.ended <= outer.ended <= timing.seconds
    assert timing.steps == told
    assert outer.to_json().keys() == {"what", "began", "ended"}


def test_a_step_that_fails_is_not_told() -> None:
    timing = Timing(lambda _took: None)
    with pytest.raises(OSError, match="away"), timing.step("Kafka"):
        raise OSError("away")
    assert timing.steps == []


def test_memory_is_that_of_all_processes_and_none_of_one_that_ended() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    own = memory.bytes_of([os.getpid()])
    assert own > 1e6
    assert memory.bytes_of([os.getpid(), ended.pid]) == pytest.approx(own, rel=0.2)
