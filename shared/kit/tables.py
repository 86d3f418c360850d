"""The page for operators, made from the code: `python -m shared.kit.tables` writes docs/operating.md anew.

Settings, log events, metrics and limits are closed lists with a sentence a member; a test compares the page.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from shared.kit import limits, logs, metrics
from shared.kit.limits import Limits
from shared.kit.settings import KitSettings

PAGE = Path(__file__).parents[2] / "docs" / "operating.md"

_HEAD = """\
# Operating

Made from the code by `python -m shared.kit.tables`; a test compares it.

Each service serves `/health` (it runs), `/ready` (it does its work; if not, `why`) and `/metrics`.
"""


def page() -> str:
    """Return the page."""
    parts = [
        _HEAD,
        _table("Settings of every service", ("setting", "default", ""), _settings()),
        _table("Log events", ("event", ""), _log_events()),
        _table("Metrics", ("metric", "kind", "the question that it answers"), _metrics()),
        _table("Limits", ("limit", "value", ""), _limits()),
    ]
    return "\n".join(parts)


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"## {title}", "", _row(head), _row(("---",) * len(head)), *(_row(row) for row in rows), ""]
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _settings() -> Iterable[tuple[str, ...]]:
    for name, field in KitSettings.model_fields.items():
        default = (
            "required" if field.is_required() else f"`{field.default}`" if field.default is not None else ""
        )
        yield f"`{name.upper()}`", default, field.description or ""


def _log_events() -> Iterable[tuple[str, ...]]:
    said = _sentences(logs, "Event")
    for event in logs.Event:
        yield f"`{event}`", said[event.name]


def _metrics() -> Iterable[tuple[str, ...]]:
    for metric in vars(metrics).values():
        if isinstance(metric, Counter | Gauge | Histogram):
            described = next(iter(metric.describe()))
            yield f"`{described.name}`", described.type, described.documentation


def _limits() -> Iterable[tuple[str, ...]]:
    said = _sentences(limits, "Limits")
    for field in fields(Limits):
        yield f"`{field.name}`", str(field.default), said[field.name]


def _sentences(module: Any, name: str) -> Mapping[str, str]:
    """Read the sentence below each member of a class: Python itself does not keep it."""
    tree = ast.parse(inspect.getsource(module))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    found = {}
    for member, below in pairwise(body):
        target = member.targets[0] if isinstance(member, ast.Assign) else getattr(member, "target", None)
        if (
            isinstance(target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            found[target.id] = str(below.value.value)
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    sys.stderr.write(f"{PAGE.name} is written\n")
