"""Values are the standard library's dataclasses, but for what guards a frozen one at run time."""

from __future__ import annotations

import dataclasses

import pytest

from shared.values import dataclass, replace


@dataclass(frozen=True, slots=True)
class Sum:
    """A value as domains have them."""

    amount: int
    currency: str = "USD"


@dataclass(slots=True)
class Purse:
    """One that may change."""

    amount: int


def test_a_value_is_equal_to_one_of_the_same_fields_and_can_be_a_key() -> None:
    assert Sum(1) == Sum(1, "USD") != Sum(2)
    assert {Sum(1): "one"}[Sum(1)] == "one"
    assert repr(Sum(1)) == "Sum(amount=1, currency='USD')"


def test_it_is_a_dataclass_to_whoever_reads_dataclasses() -> None:
    assert dataclasses.is_dataclass(Sum)
    assert dataclasses.asdict(Sum(1)) == {"amount": 1, "currency": "USD"}


def test_one_that_may_change_is_no_key() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Purse(1))


def test_replacing_a_field_leaves_the_value_as_it_was() -> None:
    one = Sum(1, "JPY")
    assert replace(one, amount=2) == Sum(2, "JPY")
    assert one == Sum(1, "JPY")


def test_a_field_that_it_has_not_cannot_be_replaced() -> None:
    with pytest.raises(TypeError, match="colour"):
        replace(Sum(1), colour="red")  # type: ignore[call-arg]  # on purpose: mypy sees it too
