"""Performance keeps no text of anybody: a contest's goes from what was said of it (M6)."""

from __future__ import annotations

from shared.contracts.data import Data
from shared.contracts.erasure import Sides, owners
from shared.contracts.performance import ContestSubmitted, DefectCounted
from shared.kit.states import body_to_json
from tests.support.playing import check_erasing, play
from tests.unit.performance.build import DAY, PLACED, contest, feedback, granted, received, released
from tests.unit.performance.office import SERVICE, Office

NOW = PLACED + 30 * DAY
SIDES = Sides("buyer-1", "seller-1")
MARK = "MARK-4711"


def heard() -> list[Data]:
    office = Office(PLACED)
    office.hear(received(), released(), granted())
    (counted,) = office.every(DefectCounted)
    rated = feedback(1).model_copy(update={"text": MARK})
    return [received(), released(), granted(), rated, contest(counted.defect_id, explanation=MARK)]


def test_what_comes_erased_is_said_erased() -> None:
    check_erasing(SERVICE, heard(), SIDES, now=NOW)


def test_no_row_and_no_table_holds_what_somebody_wrote() -> None:
    played = play(SERVICE, *heard(), now=NOW)
    assert [type(data) for data in played.said if owners(data, SIDES)] == [ContestSubmitted]
    kinds = {kind.name: kind for kind in SERVICE.kinds}
    kept = [body_to_json(kinds[key.kind], state) for key, state in played.states.items()]
    assert MARK not in repr((kept, played.effects))
