"""Whose data is in a message, and the message without it (M6). Driven by the marks in `data.py`; pure.

What goes is what a person is called and what they wrote, each text on its own. That it was said, by whom (an id)
and when, and everything that was decided on it, stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeAlias, TypeVar, Union, get_args, get_origin

from shared.contracts.data import Actor, Data, Part, Personal, Whose, field_of
from shared.contracts.messages import MESSAGES
from shared.values import dataclass

ERASED = "[erased]"
"""What stands where a text was. Nothing stands where nothing was."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The two sides of an order, as far as they are known, for messages that say only who gave them."""

    buyer_id: str | None
    seller_id: str | None

    @property
    def ids(self) -> frozenset[str]:
        """Both."""
        return frozenset(each for each in (self.buyer_id, self.seller_id) if each is not None)


def sides_in(data: Data) -> Sides | None:
    """Return the two sides that a message names."""
    buyer_id, seller_id = field_of(data, "buyer_id"), field_of(data, "seller_id")
    return Sides(buyer_id, seller_id) if buyer_id and seller_id else None


def owners(data: Data, sides: Sides | None = None) -> frozenset[str]:
    """Name those whose erasure takes something out of this message; nobody when there is nothing (left) to take.

    What support writes is the buyer's as well, for whom they act. What no actor gave belongs to whoever it names.
    """
    finders = _finders(type(data))
    if not finders:
        return _NOBODY
    whose = [each for each, finder in finders.items() if finder(data)]
    return _NOBODY.union(*(_ids(data, each, sides) for each in whose)) if whose else _NOBODY


def erased(data: _Data, party_ids: Collection[str], sides: Sides | None = None) -> _Data:
    """Return the message without the texts of these people; the same object when it has none."""
    rewriters = _rewriters(type(data))
    if not rewriters:
        return data
    gone = set(party_ids)
    mine = {whose for whose in _WHOSE if gone & _ids(data, whose, sides)}
    if not mine:
        return data

    def erase(text: str, whose: Whose) -> str:
        return erased_text(text) if whose in mine else text

    return _rewritten(data, rewriters, erase)


def rewritten(data: _Data, change: Callable[[str, Whose], str]) -> _Data:
    """Return the message with every text that is a person's changed."""
    return _rewritten(data, _rewriters(type(data)), change)


def erased_text(text: str) -> str:
    """Return what stands in a text's place."""
    return text if is_gone(text) else ERASED


def is_gone(text: str) -> bool:
    """Tell whether nothing is left to erase: it is empty, or erased already."""
    return text in {"", ERASED}


# ---------------------------------------------------------------------------------------- which fields, whose

_Data = TypeVar("_Data", bound=Data)
_WHOSE: tuple[Whose, ...] = get_args(Whose)
_NOBODY: frozenset[str] = frozenset()
_Change: TypeAlias = Callable[[str, Whose], str]
_Rewrite: TypeAlias = Callable[[Any, _Change], Any]


def _ids(data: Data, whose: Whose, sides: Sides | None) -> frozenset[str]:
    buyer = field_of(data, "buyer_id") or (sides.buyer_id if sides else None)
    actor: Actor | None = field_of(data, "actor")
    if whose == "buyer":
        ids = {buyer}
    elif actor is None:
        ids = {field_of(data, "buyer_id"), field_of(data, "seller_id")}
    else:
        ids = {actor.id, buyer if actor.kind == "support" else None}
    return frozenset(each for each in ids if each is not None)


@cache
def _rewriters(model: type[Part]) -> Mapping[str, _Rewrite]:
    """Return for each field that holds something personal how it is rewritten."""
    found = {name: _rewriter(_kind(field)) for name, field in model.model_fields.items()}
    return {name: rewrite for name, rewrite in found.items() if rewrite is not None}


def _kind(field: Any) -> Any:
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def _rewriter(kind: Any) -> _Rewrite | None:
    """Read a field's type: a marked text, a part or a list that has some, or nothing of a person's."""
    if get_origin(kind) is Annotated:
        inner, *marks = get_args(kind)
        for mark in marks:
            if isinstance(mark, Personal):
                return _text(mark.whose)
        return _rewriter(inner)
    if get_origin(kind) in {Union, UnionType}:
        return _first(_rewriter(each) for each in get_args(kind) if each is not NoneType)
    if get_origin(kind) is tuple:
        one = _rewriter(get_args(kind)[0])
        return None if one is None else lambda values, change: tuple(one(value, change) for value in values)
    if isinstance(kind, type) and issubclass(kind, Part) and _rewriters(kind):
        return lambda part, change: _rewritten(part, _rewriters(kind), change)
    return None


def _text(whose: Whose) -> _Rewrite:
    return lambda text, change: change(text, whose)


_Way = TypeVar("_Way", bound=Callable[..., Any])


def _first(found: Iterable[_Way | None]) -> _Way | None:
    return next((each for each in found if each is not None), None)


_Part = TypeVar("_Part", bound=Part)


def _rewritten(part: _Part, rewriters: Mapping[str, _Rewrite], change: _Change) -> _Part:
    before = {name: value for name in rewriters if (value := getattr(part, name)) is not None}
    after = {name: rewriters[name](value, change) for name, value in before.items()}
    changed = {name: value for name, value in after.items() if value != before[name]}
    return part.model_copy(update=changed) if changed else part


_Finder: TypeAlias = Callable[[Any], bool]


@cache
def _finders(model: type[Part]) -> Mapping[Whose, _Finder]:
    """Return, for each whose texts it may hold, how to see whether it holds one: the first one found will do."""
    found = {whose: _finder_in(model, whose) for whose in _WHOSE}
    return {whose: finder for whose, finder in found.items() if finder is not None}


def _finder_in(model: type[Part], whose: Whose) -> _Finder | None:
    fields = [(name, _finder(_kind(field), whose)) for name, field in model.model_fields.items()]
    looks = [(name, look) for name, look in fields if look is not None]
    if not looks:
        return None

    def finder(part: Any) -> bool:
        for name, look in looks:
            value = getattr(part, name)
            if value is not None and look(value):
                return True
        return False

    return finder


def _finder(kind: Any, whose: Whose) -> _Finder | None:
    if get_origin(kind) is Annotated:
        inner, *marks = get_args(kind)
        for mark in marks:
            if isinstance(mark, Personal):
                return _is_left if mark.whose == whose else None
        return _finder(inner, whose)
    if get_origin(kind) in {Union, UnionType}:
        return _first(_finder(each, whose) for each in get_args(kind) if each is not NoneType)
    if get_origin(kind) is tuple:
        one = _finder(get_args(kind)[0], whose)
        return None if one is None else lambda values: any(map(one, values))
    return _finder_in(kind, whose) if isinstance(kind, type) and issubclass(kind, Part) else None


def _is_left(text: str) -> bool:
    return not is_gone(text)


def has_personal_fields(model: type[Data]) -> bool:
    """Tell whether a message of this type may hold something of a person's."""
    return bool(_rewriters(model))


PERSONAL_TYPES = frozenset(message.TYPE for message in MESSAGES if has_personal_fields(message))
"""The types of message that may hold something of a person's."""
