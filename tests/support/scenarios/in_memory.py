"""The pure runner: a scenario under a policy, in memory, in milliseconds."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.policies import Catalogue
from tests.support.scenarios import marketplaces
from tests.support.scenarios.ending import ends_of
from tests.support.scenarios.playing import Play, Played, run, start
from tests.support.scenarios.telling import Sources, Told, tell


@cache
def the_catalogue() -> Catalogue:
    """The scenarios' policies, loaded once."""
    with TemporaryDirectory() as folder:
        return marketplaces.catalogue(Path(folder))


def played(play: Play) -> Played:
    """Play it in a new world."""
    return run(play, start(play, the_catalogue()))


def told(done: Played) -> Told:
    """Tell what came of it."""
    world = done.world
    sources = Sources(
        said=[(said.topic, said.data) for said in world.said],
        mails=[(mail.wanted.mail.template, mail.wanted.party_id) for mail in world.mails],
        ends=ends_of(done.play, lambda service, key: world.seats[service].rows.state(key)),
    )
    return tell(done.play, sources)
