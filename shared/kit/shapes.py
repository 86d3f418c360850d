"""Reading states: which of several shapes one has is told by its `shape`, so that one is tried and not all of them.

Of a union of dataclasses pydantic tries each in turn, and keeps what fits best. Where each has a `shape` of a single
word, the word decides: a claim, which has eleven shapes, is read in a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import SchemaValidator

_SHAPE = "shape"
_NO_SCHEMAS = frozenset({"cls", "default", "metadata", "serialization"})


def reader(state: Any) -> SchemaValidator:
    """Return what reads a state as `TypeAdapter` does; a shape that is none of a union's is an error at once."""
    schema: Any = TypeAdapter(state).core_schema
    named = {each["ref"]: each for each in schema.get("definitions", ())}
    return SchemaValidator(_by_shape(schema, named))


def _by_shape(found: Any, named: Mapping[str, Any]) -> Any:
    if isinstance(found, list | tuple):
        return type(found)(_by_shape(each, named) for each in found)
    if not isinstance(found, dict):
        return found
    schema = {key: one if key in _NO_SCHEMAS else _by_shape(one, named) for key, one in found.items()}
    if schema.get("type") != "union":
        return schema
    choices = [each[0] if isinstance(each, tuple) else each for each in schema["choices"]]
    words = [_shape_of(each, named) for each in choices]
    if None in words or len(set(words)) < len(words):
        return schema
    by_word = dict(zip(words, choices, strict=True))
    return {"type": "tagged-union", "discriminator": _SHAPE, "choices": by_word}


def _shape_of(schema: Any, named: Mapping[str, Any]) -> str | None:
    """Return the one word that a dataclass's `shape` can be; None for anything else."""
    if schema["type"] == "definition-ref":
        schema = named[schema["schema_ref"]]
    if schema["type"] != "dataclass" or schema["schema"]["type"] != "dataclass-args":
        return None
    for field in schema["schema"]["fields"]:
        if field["name"] == _SHAPE:
            words = field["schema"].get("schema", field["schema"]).get("expected", ())
            return words[0] if len(words) == 1 else None
    return None
