"""A back-test of a story under another policy says what the story itself comes to under that policy (P4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pytest

from services.cli.backtest import backtest
from services.cli.backtest.outcome import Outcome, outcomes
from services.cli.backtest.recorded import Line, histories
from shared.contracts.data import Command
from shared.contracts.topics import CLAIMS_EVENTS
from tests.support.scenarios.in_memory import played, the_catalogue
from tests.support.scenarios.marketplaces import POLICIES
from tests.support.scenarios.playing import Played, play_of
from tests.support.scenarios.reading import Scenario, every

RECORDED, *CANDIDATES = POLICIES
STORIES = [scenario for scenario in every() if "P4" in scenario.rules]


def lines(done: Played) -> list[Line]:
    """What the outboxes keep of it."""
    return [
        Line(
            service=said.attributes.source.rpartition("/")[2],
            topic=said.topic,
            id=said.attributes.id,
            at=said.attributes.time or done.world.now,
            causation_id=said.attributes.causation_id,
            data=said.data,
        )
        for said in done.said
    ]


def commands(done: Played) -> Mapping[str, Mapping[str, Command]]:
    """The commands that people gave, by order and id."""
    found: defaultdict[str, dict[str, Command]] = defaultdict(dict)
    known = [said.data for said in done.said]
    for part in done.play.parts:
        for sent in part.sent(known):
            if isinstance(sent.data, Command):
                found[str(getattr(sent.data, "order_id", ""))][sent.data.command_id] = sent.data
    return found


def came_to(done: Played) -> Mapping[str, Outcome]:
    """What each claim came to, by its name in the story."""
    found = outcomes(said.data for said in done.said if said.topic == CLAIMS_EVENTS)
    return {claim_id.removeprefix(done.play.prefix): outcome for claim_id, outcome in found.items()}


@pytest.mark.parametrize("candidate", CANDIDATES)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_backtest_says_what_the_story_itself_comes_to(story: Scenario, candidate: str) -> None:
    recorded = played(play_of(story, RECORDED))
    known = the_catalogue()
    report = backtest(
        histories(lines(recorded), commands(recorded)), known, known.policy(candidate), recorded.world.now
    )
    assert (report.not_reproduced, report.failed) == ([], [])
    prefix = recorded.play.prefix
    said = {
        **came_to(recorded),
        **{each.recorded.claim_id.removeprefix(prefix): each.candidate for each in report.differences},
    }
    itself = came_to(played(play_of(story, candidate)))
    assert set(said) == set(itself)
    assert [name for name, outcome in itself.items() if not said[name].is_as(outcome)] == []
