"""What a fact offers is what the handlers follow, at that very instant; and a deadline is followed by what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from shared.contracts.data import Data
from shared.contracts.facts import StateFact
from tests.support.scenarios.in_memory import the_catalogue
from tests.support.scenarios.marketplaces import POLICIES
from tests.support.scenarios.playing import Play, play_of, run, start
from tests.support.scenarios.probing import wrong_actions, wrong_deadlines
from tests.support.scenarios.reading import every
from tests.support.scenarios.world import Said, World

PLAYS = [
    play_of(scenario, policy)
    for scenario in every()
    for policy in POLICIES
    if policy == POLICIES[0] or "claims" in scenario.under.get(policy, {})
]
"""Each under one policy, and under another where its claims come to something else."""


@dataclass
class Watch:
    """Tries what each order and claim fact offers, as soon as it is said."""

    play: Play
    known: list[Data] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    latest: dict[tuple[str, str, str], Said] = field(default_factory=dict)

    def actions(self, world: World, owner: str, said: Sequence[Said]) -> None:
        """Try the actions of the last fact of each thing: those before it told of a state that has gone on."""
        self.known += [each.data for each in said]
        facts = [each for each in said if getattr(each.data, "actions", None) is not None]
        for each in {_subject(each): each for each in facts}.values():
            order = next(o for o in self.play.orders.values() if o.order_id == _subject(each)[1])
            self.wrong += wrong_actions(each, world, order, self.known)
        self.latest |= {_subject(each): each for each in facts if isinstance(each.data, StateFact)}

    def deadlines(self, world: World) -> None:
        """Let each deadline of the latest facts come, once all is quiet."""
        for said in self.latest.values():
            self.wrong += wrong_deadlines(said, world)
        self.latest.clear()


def _subject(said: Said) -> tuple[str, str, str]:
    data = said.data
    claim_id = (getattr(data, "claim_id", None) or "") if data.TYPE.startswith("claims.") else ""
    return data.TOPIC, str(getattr(data, "order_id", "")), claim_id


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.name)
def test_what_is_offered_is_followed_and_what_is_not_is_refused(play: Play) -> None:
    watch = Watch(play)
    world = start(play, the_catalogue())
    world.after, world.quiet = watch.actions, watch.deadlines
    run(play, world)
    assert not watch.wrong, "\n".join(sorted(set(watch.wrong)))
