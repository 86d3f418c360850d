"""What is made from the policies: the schema that editors use, and the page that says what each number means."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.policies import SHIPPED, durations, load
from shared.policies.model import Policy
from shared.policies.numbers import differences, numbers, written
from shared.policies.tables import ROOT, generated

FILES = sorted((SHIPPED / "policies").glob("*.yaml"))
SCHEMA: dict[str, Any] = json.loads((SHIPPED / "policy.schema.json").read_text("utf-8"))
PYTHON_TYPES = {"object": dict, "string": str, "boolean": bool, "null": type(None)}


def is_of_type(value: object, name: str) -> bool:
    if name in {"integer", "number"}:
        return not isinstance(value, bool) and isinstance(value, int if name == "integer" else (int, float))
    return isinstance(value, PYTHON_TYPES[name])


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Say whether a value is as the schema has it: as much of JSON Schema as ours uses."""
    if "$ref" in schema:
        return fits(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")])
    if "anyOf" in schema:
        return any(fits(value, each) for each in schema["anyOf"])
    if not is_of_type(value, schema["type"]):
        return False
    if isinstance(value, dict):
        properties = schema["properties"]
        return (
            schema["additionalProperties"] is False
            and value.keys() <= properties.keys()
            and set(schema["required"]) <= value.keys()
            and all(fits(inner, properties[key]) for key, inner in value.items())
        )
    if isinstance(value, str):
        return re.search(schema.get("pattern", ""), value) is not None and value in schema.get(
            "enum", [value]
        )
    return value is None or schema.get("minimum", value) <= value <= schema.get("maximum", value)


def content(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text("utf-8")))


@pytest.mark.parametrize("path", generated(), ids=str)
def test_what_is_generated_is_checked_in(path: Path) -> None:
    assert (ROOT / path).read_text("utf-8") == generated()[path], "run python -m shared.policies.tables"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_policy_fits_the_schema(path: Path) -> None:
    assert fits(content(path), SCHEMA)


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("orders", "hold", "-30m"),
        ("orders", "hold", 30),
        ("orders", "hold", "30"),
        ("orders", "hold", "P"),
        ("orders", "ship_confirmation_from", "placement"),
        ("claims", "answer", "never"),
        ("claims", "apeal", "30d"),
        ("claims", "filing_wait_days", -3),
        ("claims", "filing_wait_days", 3651),
        ("claims", "filing_wait_days", True),
        ("claims", "grounds", {"C6.1": True}),
        (
            "claims",
            "grounds",
            {**dict.fromkeys(("C6.1", "C6.2", "C6.3", "C6.4", "C6.5"), True), "C6.6": True},
        ),
        ("performance", "order_defect_target", 1.5),
        ("performance", "negative_rating_max", 6),
    ],
)
def test_an_editor_sees_the_mistakes_that_the_loader_would(part: str, key: str, value: object) -> None:
    mistaken = content(FILES[0])
    mistaken[part] = {**mistaken[part], key: value}
    assert not fits(mistaken, SCHEMA)


@pytest.mark.parametrize("key", numbers())
def test_a_number_that_is_left_out_is_missed(key: str) -> None:
    part, name, *ground = key.split(".", 2)
    lacking = content(FILES[0])
    del (lacking[part][name] if ground else lacking[part])[ground[0] if ground else name]
    assert not fits(lacking, SCHEMA)


@pytest.mark.parametrize("key", numbers())
def test_every_number_has_a_meaning_and_rules(key: str) -> None:
    number = numbers()[key]
    assert re.fullmatch(r"[A-Z].+\.", number.meaning)
    assert number.rules
    assert all(re.fullmatch(r"[OMCNHT][1-9][0-9]?(\.[1-5])?", rule) for rule in number.rules)


def test_the_numbers_are_all_that_a_policy_has() -> None:
    def leaves(value: Any, key: str) -> set[str]:
        if not isinstance(value, dict):
            return {key}
        return {leaf for name, inner in value.items() for leaf in leaves(inner, f"{key}.{name}".strip("."))}

    assert set(numbers()) == leaves(content(FILES[0]), "") - {"id"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_a_number_is_written_as_is_read_as_the_same_number(path: Path) -> None:
    policy = load().policy(path.stem)
    again: dict[str, Any] = {"id": policy.id}
    for key, value in written(policy).items():
        part, name, *ground = key.split(".", 2)
        inside = again.setdefault(part, {})
        if ground:
            inside, name = inside.setdefault(name, {}), ground[0]
        inside[name] = yaml.safe_load(value)
    assert differences(policy, Policy.model_validate(again)) == ()


@given(st.integers(0, durations.DURATION_DAYS_MAX * 86_400))
def test_a_duration_is_read_as_it_is_written(seconds: int) -> None:
    duration = timedelta(seconds=seconds)
    assert durations.parse(durations.write(duration)) == duration


@pytest.mark.parametrize("said", ["0s", "90s", "30m", "48h", "72h", "7d", "14d", "91m"])
def test_a_duration_is_written_as_people_do(said: str) -> None:
    assert durations.write(durations.parse(said)) == said
