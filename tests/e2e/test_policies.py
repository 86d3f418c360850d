"""An installation's own policies, through the whole system; and what other policies would have done to its claims."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.contracts.claims import AnswerClaim
from shared.policies import SHIPPED
from tests.support.events import Order, buyer, delivered, seller, ups_number
from tests.support.running import Desk, at_desk, run_command, up

START = datetime(2027, 1, 4, 8, tzinfo=UTC)
DAY = timedelta(days=1)
WROTE, FILED = START + 6 * DAY, START + 11 * DAY


@pytest.fixture
def own_policies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The marketplace `us` under `classic`: silence about a message grants nothing, silence about a claim does."""
    folder = tmp_path / "policies"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__*"))
    file = folder / "marketplaces.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("- policy: 2021-en\n", "- policy: classic\n", 1), "utf-8")
    monkeypatch.setenv("RECOURSE_POLICIES", str(folder))
    return folder


async def test_a_marketplace_under_another_policy_and_a_backtest_of_its_claims(
    tmp_path: Path, own_policies: Path
) -> None:
    silent, answered = (Order(f"order-{n}", f"seller-{n}", f"buyer-{n}", START) for n in (1, 2))
    with up(tmp_path, START) as system:
        assert system.policies == str(own_policies)
        async with at_desk(system) as desk:
            await _live(desk, silent, answered)
            [granted] = [
                each.body
                for each in await desk.said("claims.events", silent.order_id)
                if each.type == "claims.claim_granted.v1"
            ]
            assert granted["policy_id"] == "classic"
            assert granted["at"].startswith((FILED + 7 * DAY).isoformat()[:19])
            held = [each["rule"] for each in granted["explanation"] if each["holds"]]
            assert "C6.5" in held
            assert "C6.2" not in held
        ready = tmp_path / "ready.json"
        code, data, words = await run_command(ready, "policy", "backtest", "classic", "--json")
        assert code == 0, words
        found = json.loads(data)
        assert (found["claims"], found["same"], found["differ"]) == (2, 2, 0)
        assert found["left_as_recorded"]["not_reproduced"] == []
        code, data, words = await run_command(ready, "policy", "backtest", "2021-en", "--json")
        assert code == 0, words
        [difference] = json.loads(data)["differences"]
        assert difference["order_id"] == answered.order_id
        assert (difference["recorded"]["status"], difference["candidate"]["status"]) == ("denied", "granted")
        assert difference["candidate"]["rules"] == ["C6.2"]
        code, data, words = await run_command(ready, "verify", "--json")
        assert code == 0, words
        assert json.loads(data)["ok"]


async def _live(desk: Desk, silent: Order, answered: Order) -> None:
    """Both sellers leave the buyer's message unanswered; one of them answers the claim."""
    orders = (silent, answered)
    people = [(seller(each.seller_id, START), buyer(each.buyer_id, START)) for each in orders]
    await desk.send(*(each for pair in people for each in pair))
    await desk.send(*(event for each in orders for event in (each.placed(), each.verified())))
    await desk.go_to(START + DAY)
    numbers = {each.order_id: ups_number(number) for number, each in enumerate(orders)}
    await desk.send(*(each.shipped(START + DAY, numbers[each.order_id]) for each in orders))
    await desk.go_to(START + 3 * DAY)
    await desk.send(*(delivered(number, START + 3 * DAY) for number in numbers.values()))
    await desk.go_to(WROTE)
    await desk.send(*(each.wrote("buyer", WROTE) for each in orders))
    await desk.go_to(FILED)
    await desk.send(*(each.filed(FILED, "delivered_not_found") for each in orders))
    at = FILED + DAY
    await desk.go_to(at)
    await desk.send(answered.does("seller", AnswerClaim, at, claim_id=answered.claim_id, text="It came."))
    await desk.go_to(FILED + 8 * DAY)
    await desk.send(answered.denied(FILED + 8 * DAY))
