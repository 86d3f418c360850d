"""Every scenario under every policy, by the services themselves, in memory: what came of it, and what always holds."""

from __future__ import annotations

import pytest

from tests.support.scenarios import holding
from tests.support.scenarios.in_memory import played, told
from tests.support.scenarios.judging import differences
from tests.support.scenarios.marketplaces import POLICIES
from tests.support.scenarios.playing import Play, Played, play_of
from tests.support.scenarios.reading import every

PLAYS = [play_of(scenario, policy) for scenario in every() for policy in POLICIES]


@pytest.fixture(scope="module", params=PLAYS, ids=lambda play: play.name)
def done(request: pytest.FixtureRequest) -> Played:
    """A scenario that was played under a policy: once for all the tests below."""
    play: Play = request.param
    return played(play)


def test_a_scenario_comes_out_as_it_is_written(done: Played) -> None:
    found = differences(done.play, told(done))
    assert not found, "\n".join(found)


def test_each_decision_comes_out_again_from_its_explanation_and_the_policy_alone(done: Played) -> None:
    assert list(holding.decisions_that_come_out_otherwise(done)) == []


def test_each_decision_is_explained_in_both_languages_and_a_grant_by_all_five_grounds(done: Played) -> None:
    assert list(holding.decisions_that_are_not_explained(done)) == []


def test_money_adds_up(done: Played) -> None:
    assert list(holding.money_that_does_not_add_up(done)) == []


def test_an_address_is_in_nothing_that_is_said_kept_or_mailed(done: Played) -> None:
    assert list(holding.addresses_found(done)) == []


def test_every_mail_can_be_read_in_both_languages_and_gives_each_deadline_as_an_instant(done: Played) -> None:
    assert list(holding.mails_that_cannot_be_read(done)) == []


def test_every_state_is_stored_and_read_again_as_it_was(done: Played) -> None:
    assert list(holding.states_that_cannot_be_stored(done)) == []


def test_every_refusal_says_why_in_both_languages(done: Played) -> None:
    assert list(holding.refusals_without_words(done)) == []
