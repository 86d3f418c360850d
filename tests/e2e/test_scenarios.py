"""All scenarios at once, under all policies, through real Kafka and PostgreSQL: they come out as they are written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.running import run_command, up
from tests.support.scenarios import marketplaces
from tests.support.scenarios.marketplaces import POLICIES
from tests.support.scenarios.playing import play_of
from tests.support.scenarios.reading import every
from tests.support.scenarios.together import on_stage, programme

_SECONDS_MAX = 1500


@pytest.mark.timeout(_SECONDS_MAX)
async def test_every_scenario_comes_out_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    monkeypatch.setenv("RECOURSE_POLICIES", str(marketplaces.write(folder)))
    plays = [play_of(scenario, policy) for scenario in every() for policy in POLICIES]
    wanted = programme(plays)
    with up(tmp_path, wanted.stops[0]) as system:
        async with on_stage(system, plays) as stage:
            await stage.play(wanted)
        assert stage.looked_at == len(plays)
        assert not stage.wrong, f"{len(stage.wrong)} differences\n" + "\n".join(stage.wrong)
        code, said, words = await run_command(tmp_path / "ready.json", "verify", "--json")
        wrong = [check for check in json.loads(said)["checks"] if check["status"] != "ok"]
        assert (code, wrong) == (0, []), words
