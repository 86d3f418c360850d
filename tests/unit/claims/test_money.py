"""What lines and parts of lines are worth: never more than was paid, and nothing lost to rounding (C6, C15)."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.claims.domain.money import Line, Taken, Units, merged, share_minor, take, taken_by

PAID = st.integers(min_value=0, max_value=10**15)
QUANTITY = st.integers(min_value=1, max_value=50)


def parts(line: Line, quantities: Sequence[int]) -> list[int]:
    """Give what is paid for these quantities, taken one after the other."""
    taken, paid = Taken(), []
    for quantity in quantities:
        paid.append(share_minor(line, taken, quantity))
        taken = take(line, taken, quantity)
    return paid


def test_a_part_is_in_proportion_and_rounded_down() -> None:
    line = Line("item-1", 3, 1000)
    assert parts(line, [1]) == [333]
    assert parts(line, [2]) == [666]


def test_the_last_unit_gets_the_rest() -> None:
    assert parts(Line("item-1", 3, 1000), [1, 1, 1]) == [333, 333, 334]
    assert parts(Line("item-1", 3, 1000), [2, 1]) == [666, 334]
    assert parts(Line("item-1", 7, 1), [6, 1]) == [0, 1]


def test_without_decimals_or_with_three_it_is_the_same() -> None:
    assert parts(Line("item-1", 2, 101), [1, 1]) == [50, 51]
    assert parts(Line("item-1", 2, 12_345), [1, 1]) == [6172, 6173]


@given(PAID, QUANTITY, st.data())
def test_all_parts_of_a_line_together_are_what_was_paid(
    paid: int, quantity: int, data: st.DataObject
) -> None:
    left, quantities = quantity, []
    while left:
        quantities.append(data.draw(st.integers(min_value=1, max_value=left)))
        left -= quantities[-1]
    assert sum(parts(Line("item-1", quantity, paid), quantities)) == paid


@given(PAID, QUANTITY, st.lists(st.integers(min_value=1, max_value=60), max_size=20))
def test_whatever_is_taken_it_is_never_more_than_was_paid(
    paid: int, quantity: int, quantities: list[int]
) -> None:
    shares = parts(Line("item-1", quantity, paid), quantities)
    assert all(share >= 0 for share in shares)
    assert sum(shares) <= paid


@given(PAID, QUANTITY, QUANTITY)
def test_more_units_are_never_worth_less(paid: int, quantity: int, fewer: int) -> None:
    line = Line("item-1", quantity, paid)
    assert share_minor(line, Taken(), fewer) <= share_minor(line, Taken(), fewer + 1)


def test_units_are_taken_one_after_the_other_by_item() -> None:
    lines = [Line("item-1", 3, 1000), Line("item-2", 1, 500)]
    taken = taken_by(lines, [{"item-1": 1}, {"item-1": 2, "item-2": 1}, {"item-9": 1}])
    assert taken == {"item-1": Taken(3, 1000), "item-2": Taken(1, 500)}


def test_an_item_named_twice_counts_together() -> None:
    assert merged([Units("b", 1), Units("a", 2), Units("b", 3)]) == {"b": 4, "a": 2}
