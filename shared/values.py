"""Values: dataclasses that nobody changes, and that cost no more to make than any other.

At run time the standard library's frozen dataclasses set each field by a call of its own, which makes them three to
five times as dear to make, and its `replace` looks at every field anew; a decision makes and changes dozens. The type
checker refuses to set a field of a frozen one, in the tests too: to it, these are the standard library's.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass, replace
else:

    def dataclass(given: Any = None, /, *, frozen: bool = False, **options: Any) -> Any:
        """Make a dataclass as the standard library does. One that is frozen can be hashed, and is not guarded."""
        if given is None:
            return lambda cls: dataclass(cls, frozen=frozen, **options)
        return dataclasses.dataclass(given, unsafe_hash=frozen and options.get("eq", True), **options)

    def replace(value: Any, /, **changes: Any) -> Any:
        """Return a value with some of its fields changed. Raises TypeError for a field that it has not."""
        kind = type(value)
        kept = [
            changes.pop(name) if name in changes else getattr(value, name) for name in kind.__match_args__
        ]
        return kind(*kept, **changes)


__all__ = ["dataclass", "replace"]
