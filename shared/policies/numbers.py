"""Every number and switch of a policy by its key, with its meaning and its rules: for tables and differences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shared.policies import durations
from shared.policies.model import GROUNDS, Policy, RulesOf
from shared.values import dataclass

_GROUNDS = "grounds"


@dataclass(frozen=True, slots=True)
class Number:
    """One number or switch. `key` is where it stands in the file; `rules` are those of the rulebook."""

    key: str
    meaning: str
    rules: tuple[str, ...]


@cache
def numbers() -> Mapping[str, Number]:
    """Return all of them by their keys, in the order of the files."""
    return {number.key: number for number in _numbers()}


def _numbers() -> Iterator[Number]:
    for part, field in Policy.model_fields.items():
        model = field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            for name, inner in model.model_fields.items():
                yield from _number(f"{part}.{name}", inner)


def _number(key: str, field: FieldInfo) -> Iterator[Number]:
    if key.endswith(f".{_GROUNDS}"):
        for ground, meaning in GROUNDS.items():
            yield Number(f"{key}.{ground}", meaning, (ground,))
        return
    rules = next(each for each in field.metadata if isinstance(each, RulesOf))
    yield Number(key, field.description or "", rules.ids)


def written(policy: Policy) -> Mapping[str, str]:
    """Return every number of a policy by its key, as a file would say it."""
    values = {key: _value(policy, key) for key in numbers()}
    return {key: _write(value) for key, value in values.items()}


def _value(policy: Policy, key: str) -> Any:
    part, name, *ground = key.split(".", 2)
    value = getattr(getattr(policy, part), name)
    return value[ground[0]] if ground else value


def _write(value: Any) -> str:
    if isinstance(value, timedelta):
        return durations.write(value)
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True, slots=True)
class Difference:
    """A number that two policies do not share."""

    number: Number
    first: str
    second: str


def differences(first: Policy, second: Policy) -> tuple[Difference, ...]:
    """Return the numbers in which the second policy differs from the first, in the order of the files."""
    one, other = written(first), written(second)
    return tuple(
        Difference(number, one[key], other[key])
        for key, number in numbers().items()
        if one[key] != other[key]
    )
