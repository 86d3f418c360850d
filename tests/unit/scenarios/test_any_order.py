"""In whatever order the services read what lies unread, a scenario comes out the same (R4)."""

from __future__ import annotations

from random import Random

import pytest

from tests.support.scenarios.in_memory import the_catalogue, told
from tests.support.scenarios.judging import differences
from tests.support.scenarios.marketplaces import POLICIES
from tests.support.scenarios.playing import Play, play_of, run, start
from tests.support.scenarios.reading import every

PLAYS = [play_of(scenario, POLICIES[place % len(POLICIES)]) for place, scenario in enumerate(every())]
"""Each scenario once, the policies in turn."""


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.name)
def test_a_scenario_comes_out_the_same_in_whatever_order_its_records_are_read(play: Play, seed: int) -> None:
    world = start(play, the_catalogue())
    world.shuffled = Random(f"{play.name} {seed}")
    found = differences(play, told(run(play, world)), ordered=False)
    assert not found, "\n".join(found)
