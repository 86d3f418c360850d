"""What a life leads to is told apart from what only looks like it."""

from __future__ import annotations

from dataclasses import replace

from services.cli.bench.life import CHAPTERS, SAID, Lives, nearly_all_of_one, what_is_wrong
from services.cli.bench.watching import Came
from shared.contracts.claims import FileClaim
from shared.contracts.topics import FINANCE_DEBITS, ORDERS_EVENTS

LIVES = Lives("life", 3)


def all_that_comes() -> list[Came]:
    """Every record that these lives lead to, each topic in its order."""
    found = []
    for order_id in LIVES.ids():
        for topic, said in SAID.items():
            for number, each in enumerate(said):
                type_, _, kind = each.partition(" ")
                found.append(Came(topic, order_id, type_, f"{order_id}-{topic}-{number}", order_id, kind))
    return found


def test_lives_that_led_to_all_and_nothing_else_are_right() -> None:
    assert what_is_wrong(all_that_comes(), LIVES.ids()) is None


def test_a_debit_that_is_missing_or_came_twice_is_wrong() -> None:
    came = all_that_comes()
    debit = next(each for each in came if each.topic == FINANCE_DEBITS)
    assert "came to this on finance.debits" in str(
        what_is_wrong([each for each in came if each is not debit], LIVES.ids())
    )
    assert what_is_wrong([*came, debit], LIVES.ids()) == "1 records came twice"
    again = replace(debit, id="another")
    assert "came to this on finance.debits" in str(what_is_wrong([*came, again], LIVES.ids()))


def test_facts_of_an_order_in_another_order_are_wrong() -> None:
    came = all_that_comes()
    first, second, *_ = [place for place, each in enumerate(came) if each.topic == ORDERS_EVENTS]
    came[first], came[second] = came[second], came[first]
    assert "came to this on orders.events" in str(what_is_wrong(came, LIVES.ids()))


def test_a_record_of_an_order_that_nobody_placed_is_wrong() -> None:
    came = all_that_comes()
    strange = replace(came[0], id="strange", order_id="order-strange")
    assert "nobody placed" in str(what_is_wrong([*came, strange], LIVES.ids()))


def test_the_end_of_a_sellers_day_belongs_to_no_order() -> None:
    came = all_that_comes()
    day = replace(came[-1], id="day", type="timer.schedule.v1", kind="day_ends")
    assert what_is_wrong([*came, day], LIVES.ids()) is None


def test_each_life_is_said_in_its_chapters_and_files_one_claim() -> None:
    said = [each for chapter in CHAPTERS for each in LIVES.said_in(chapter)]
    types = [dict(each.headers)["ce_type"].decode() for each in said]
    assert types.count(FileClaim.TYPE) == LIVES.count
    assert len({dict(each.headers)["ce_id"] for each in said}) == len(said) == 4 * LIVES.count


def test_nine_orders_in_ten_are_of_the_hot_seller() -> None:
    sellers = [nearly_all_of_one(number) for number in range(1000)]
    assert sellers.count(0) == 900
    assert len(set(sellers)) == 101
