"""Named queries: SQL lives in `.sql` files, each query below a line `-- name: x` and the reason why it is so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def queries(package: str, file: str) -> Mapping[str, str]:
    """Return the queries of a package's `.sql` file by name. Unknown names raise KeyError at import."""
    parts = _NAME.split(files(package).joinpath(file).read_text("utf-8"))
    named = {name: body.strip().rstrip(";") for name, body in zip(parts[1::2], parts[2::2], strict=True)}
    if len(named) != len(parts) // 2:
        raise ValueError(f"{package}/{file} has two queries of one name")
    return MappingProxyType(named)
