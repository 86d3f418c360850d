"""The lock and pyproject.toml agree, so that nobody runs what the ranges do not allow."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
ASKED = [
    *PROJECT["dependencies"],
    *(one for extra in PROJECT["optional-dependencies"].values() for one in extra),
]
LOCKED = dict(
    re.findall(
        r"^([a-z0-9.-]+)==([^ ;\\]+)", (CHECKOUT / "deploy/requirements.lock").read_text(), re.MULTILINE
    )
)


@pytest.mark.parametrize("asked", ASKED)
def test_a_dependency_is_locked_within_its_range(asked: str) -> None:
    requirement = Requirement(asked)
    assert requirement.specifier.contains(LOCKED[canonicalize_name(requirement.name)]), (
        "run deploy/remake-lock"
    )
