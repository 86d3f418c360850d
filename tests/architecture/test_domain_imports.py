"""A domain knows the standard library, values and itself, nothing else: whatever dependency is added one day."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

VALUES = "shared.values"
SERVICES = Path(__file__).resolve().parents[2] / "services"


def domain_files() -> list[Path]:
    return sorted([*SERVICES.glob("*/domain.py"), *SERVICES.glob("*/domain/**/*.py")])


def imported(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."


def strangers(source: str, own: str) -> list[str]:
    """Return what a domain file imports that is neither the standard library's, nor values, nor its own package's."""
    return [
        name
        for name in imported(source)
        if name.split(".")[0] not in sys.stdlib_module_names
        and name not in {own, VALUES}
        and not name.startswith(f"{own}.")
    ]


@pytest.mark.parametrize("file", domain_files(), ids=lambda file: str(file.relative_to(SERVICES)))
def test_a_domain_imports_the_standard_library_and_values_only(file: Path) -> None:
    own = f"services.{file.relative_to(SERVICES).parts[0]}.domain"
    assert strangers(file.read_text(), own) == []


def test_a_stranger_is_seen() -> None:
    source = "import json\nimport pydantic.types\nfrom services.orders import store\nimport services.orders.domain.x"
    assert strangers(source, "services.orders.domain") == ["pydantic.types", "services.orders"]
    assert strangers("from shared.values import replace\nfrom shared.kit import ids", "x") == ["shared.kit"]
