"""A history from a file: what our services said, or what outsiders said, one CloudEvent a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli.backtest import backtest
from services.cli.backtest.file import Found, read
from services.cli.commands import policy
from services.cli.errors import CommandError, Exit
from tests.unit.cli.backtest.stories import (
    DAY,
    HOUR,
    START,
    Story,
    live,
    order,
    our_line,
    outside_line,
    record,
    shipped_catalogue,
)


def late_answer(number: int = 1) -> Story:
    """The seller answers after 50 hours: late under one policy, in time under another."""
    story = Story(order(number)).shipped(START + DAY, START + 3 * DAY)
    return story.add(
        story.order.wrote("buyer", START + 6 * DAY),
        story.order.wrote("seller", START + 6 * DAY + 50 * HOUR),
        story.order.filed(START + 11 * DAY, "delivered_not_found"),
    )


def told_by_outsiders(*stories: Story) -> list[bytes]:
    return [outside_line(happened.event) for story in stories for happened in story.events]


def told_by_us(*stories: Story) -> list[bytes]:
    return [our_line(line) for line in record(live(stories, shipped_catalogue()))]


def differing(found: Found) -> list[tuple[str, str]]:
    known = shipped_catalogue()
    report = backtest(found.histories, known, known.policy("2021-zh"), found.until)
    assert report.not_reproduced == []
    return [(each.recorded.status, each.candidate.status) for each in report.differences]


def test_what_outsiders_said_is_lived_through_under_the_policies_in_force() -> None:
    found = read(told_by_outsiders(late_answer()), shipped_catalogue())
    assert (found.bad, found.until) == ([], None)
    assert differing(found) == [("granted", "open")]


def test_what_we_said_is_the_record_itself() -> None:
    found = read(told_by_us(late_answer()), shipped_catalogue())
    assert found.bad == []
    assert found.until is not None
    assert differing(found) == [("granted", "open")]


def test_commands_beside_the_record_are_tried_again_where_they_were_refused() -> None:
    known = shipped_catalogue()
    story = Story(order()).shipped(START + DAY, START + 3 * DAY)
    early = START + 6 * DAY + 50 * HOUR
    story.add(
        story.order.wrote("buyer", START + 6 * DAY),
        story.order.filed(early, "delivered_not_found"),
    )
    shorter = known.policy("2021-en").claims.model_copy(update={"filing_wait_days": 1})
    candidate = known.policy("2021-en").model_copy(update={"id": "candidate", "claims": shorter})
    for lines, ends in (
        (told_by_us(story), []),
        ([*told_by_us(story), *told_by_outsiders(story)], [("not accepted", "granted")]),
    ):
        found = read(lines, known)
        report = backtest(found.histories, known, candidate, found.until)
        assert [(each.recorded.status, each.candidate.status) for each in report.differences] == ends


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"not json", "Invalid JSON"),
        (b"[]", "an object"),
        (b'{"id": "1", "data": {}}', "type"),
        (b'{"id": "1", "type": "checkout.order_placed.v1", "data": {}}', "data.order_id"),
        (b'{"id": "1", "type": "checkout.order_placed.v1", "data": 7}', "data"),
    ],
)
def test_a_line_that_cannot_be_read_is_left_out_by_its_number(line: bytes, why: str) -> None:
    found = read([b"\n", line, *told_by_outsiders(late_answer())], shipped_catalogue())
    assert [bad.number for bad in found.bad] == [2]
    assert why in found.bad[0].why
    assert differing(found) == [("granted", "open")]


def test_a_type_that_no_claim_depends_on_is_passed_over() -> None:
    line = json.dumps({"id": "1", "type": "tomorrow.something_new.v1", "data": {}}).encode()
    assert read([line], shipped_catalogue()) == Found([], [], None)


# ------------------------------------------------------------------------------------------------ the command


def run(*arguments: str) -> tuple[int, str, str]:
    runner = CliRunner(env={"COLUMNS": "250"})
    done = runner.invoke(policy.app, ["backtest", *arguments], catch_exceptions=True)
    if isinstance(done.exception, CommandError):
        return done.exception.code, "", str(done.exception)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"".join(told_by_outsiders(late_answer(1), late_answer(2))))
    return str(path)


def run_json(*arguments: str) -> Any:
    code, said, _ = run(*arguments, "--json")
    assert code == Exit.FINE
    return json.loads(said)


def test_the_command_says_what_would_differ(file: str) -> None:
    found = run_json("2021-zh", file)
    assert (found["candidate"], found["claims"], found["differ"]) == ("2021-zh", 2, 2)
    assert found["by_rule"] == [
        {
            "recorded": "C6.2",
            "candidate": "nobody yet",
            "claims": 2,
            "money": {"USD": {"buyers": -9998, "sellers": 9998, "marketplace": 0}},
        }
    ]
    code, table, _ = run("2021-zh", file)
    assert code == Exit.FINE
    assert "2 claims on 2 orders, decided under 2021-en, as if under 2021-zh: 0 come to the same" in table
    assert "-$99.98" in table
    assert "order-1-claim" in table


def test_the_policy_in_force_changes_nothing(file: str) -> None:
    found = run_json("2021-en", file)
    assert (found["same"], found["differ"], found["left_as_recorded"]["not_reproduced"]) == (2, 0, [])
    assert "By rule" not in run("2021-en", file)[1]


def test_a_candidate_may_be_a_file(file: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    shipped = (Path(policy.__file__).parents[3] / "shared/policies/policies/2021-en.yaml").read_text("utf-8")
    mine.write_text(shipped.replace("id: 2021-en", "id: mine").replace("response: 48h", "response: 51h"))
    assert run_json(str(mine), file)["differ"] == 2


def test_a_history_or_a_marketplace_that_is_not_there_is_a_wrong_use(file: str) -> None:
    code, _, words = run("2021-zh", "nowhere.jsonl")
    assert code == Exit.USAGE
    assert "can't be read" in words
    code, _, words = run("2021-zh", file, "--marketplace", "mars")
    assert code == Exit.USAGE
    assert "those that are known are us, cn, jp" in words


def test_bad_lines_are_told_as_words_and_not_as_data(file: str) -> None:
    with Path(file).open("ab") as history:
        history.write(b"not json\n")
    code, said, words = run("2021-en", file, "--json")
    assert code == Exit.FINE
    assert json.loads(said)["claims"] == 2
    assert "is left out" in words
