"""Write what is generated: `python -m shared.contracts.asyncapi`. A test compares it with what is checked in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from shared.contracts.asyncapi.document import DESCRIBED, document
from shared.contracts.asyncapi.tables import topics_page, words_page

ROOT = Path(__file__).parents[3]


@cache
def generated() -> Mapping[Path, str]:
    """Return every generated file, by its path below the project's root."""
    here = Path(__file__).parent.relative_to(ROOT)
    return {
        **{here / f"{service}.yaml": document(service) for service in DESCRIBED},
        Path("docs/contracts/topics.md"): topics_page(),
        Path("docs/contracts/words.md"): words_page(),
    }


def main() -> None:
    """Write them."""
    for path, text in generated().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
