"""Docs break when untrue: every test that a page names exists, and every file that a page links to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for folder in (ROOT, ROOT / "docs", ROOT / "services", ROOT / "shared")
    for page in (folder.glob("*.md") if folder == ROOT else folder.rglob("*.md"))
)
_TEST = re.compile(r"`(tests/[\w/]+(?:\.py)?/?)(?:::(\w+))?`")
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_test_that_a_page_names_exists(page: Path) -> None:
    missing = []
    for path, name in _TEST.findall(page.read_text("utf-8")):
        found = ROOT / path
        text = found.read_text("utf-8") if found.is_file() else ""
        if not found.exists() or (name and f"def {name}(" not in text):
            missing.append(f"{path}::{name}")
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_links_to_exists(page: Path) -> None:
    links = _LINK.findall(page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_promise_names_its_tests() -> None:
    promises = re.findall(r"^\| (R\d) \| .*$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    lines = [
        line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if re.match(r"\| R\d", line)
    ]
    assert len(promises) == len(lines) > 0
    assert [line for line in lines if not _TEST.search(line)] == []
