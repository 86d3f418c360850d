"""Claims keep no text of anybody: descriptions, statements and appeals go from what was said (M6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.contracts import claims
from shared.contracts.data import Actor, Data
from shared.contracts.erasure import Sides, owners
from shared.kit.states import body_to_json
from tests.support.playing import check_erasing, play
from tests.unit.claims.builders import BUYER, FILED, SELLER, WROTE
from tests.unit.claims.messages import (
    SERVICE,
    _command,
    answered,
    ask,
    delivered,
    file_claim,
    provide,
    received,
    released,
    rule,
    shipped,
    who,
    wrote,
)

SIDES = Sides(BUYER.id, SELLER.id)
HOUR = timedelta(hours=1)
MARK = "MARK-4711"
NOW = FILED + timedelta(days=5)


def case(channel: str = "self") -> list[Data]:
    """Return a claim on which everybody says something: filed, answered, asked about, denied, appealed."""
    by = who("buyer") if channel == "self" else Actor(kind="support", id="support-7")
    filed = file_claim(reason="delivered_not_found", description=MARK, channel=channel)
    return [
        *(received(), released(), shipped(), delivered(), wrote(), answered(WROTE + HOUR)),
        filed.model_copy(update={"actor": by}),
        _command(claims.AnswerClaim, FILED + HOUR, who("seller"), text=MARK),
        _command(claims.AddEvidence, FILED + 2 * HOUR, who("buyer"), text=MARK),
        ask(FILED + 3 * HOUR),
        provide(FILED + 4 * HOUR).model_copy(update={"text": MARK}),
        rule("denied", FILED + 5 * HOUR),
        _command(claims.AppealClaim, FILED + 6 * HOUR, who("buyer"), explanation=MARK),
    ]


@pytest.mark.parametrize("channel", ["self", "phone"])
def test_what_comes_erased_is_said_erased(channel: str) -> None:
    check_erasing(SERVICE, case(channel), SIDES, now=NOW)


def test_no_row_and_no_table_holds_what_somebody_wrote() -> None:
    played = play(SERVICE, *case(), now=NOW)
    assert {type(data) for data in played.said if owners(data, SIDES)} == {
        claims.ClaimFiled,
        claims.ClaimAnswered,
        claims.EvidenceAdded,
        claims.InformationProvided,
        claims.ClaimAppealed,
    }
    kinds = {kind.name: kind for kind in SERVICE.kinds}
    kept = [body_to_json(kinds[key.kind], state) for key, state in played.states.items()]
    assert MARK not in repr((kept, played.effects))
