"""Every scenario under every policy, through the services' own descriptions, in memory."""

from __future__ import annotations

import pytest

from tests.support.scenarios.in_memory import played, told
from tests.support.scenarios.judging import differences
from tests.support.scenarios.marketplaces import POLICIES
from tests.support.scenarios.playing import Play, play_of
from tests.support.scenarios.reading import every

PLAYS = [play_of(scenario, policy) for scenario in every() for policy in POLICIES]


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.name)
def test_a_scenario_comes_out_as_it_is_written(play: Play) -> None:
    found = differences(play, told(played(play)))
    assert not found, "\n".join(found)
