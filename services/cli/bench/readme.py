"""README's section and the page in docs/benchmark, made of the run that is stored there; and the schema of such a run.

`python -m services.cli.bench.readme [FILE.json]`; a file that `--save` kept becomes the stored run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from services.cli.bench import saved
from services.cli.bench.targets import TARGETS
from services.cli.bench.telling import markdown, page
from services.cli.embedded.places import CHECKOUT
from services.cli.errors import CommandError

FOLDER = CHECKOUT / "docs" / "benchmark"
MEASURED = FOLDER / "measured.json"
REPORT = FOLDER / "report.html"
SCHEMA = FOLDER / "measured.schema.json"
README = CHECKOUT / "README.md"


def schema() -> str:
    """Return the JSON schema of a run."""
    return json.dumps(saved.Run.model_json_schema(), indent=1, ensure_ascii=False) + "\n"


def main(kept: Path | None = None) -> None:
    """Write them; without a stored run, only the schema. Raises CommandError for a run that README can't show."""
    SCHEMA.write_text(schema(), encoding="utf-8")
    if kept is None and not MEASURED.exists():
        return
    run = _with_records(saved.read(kept or MEASURED))
    readme = markdown.inserted(README.read_text("utf-8"), run)
    saved.write(run, MEASURED)
    README.write_text(readme, encoding="utf-8")
    REPORT.write_text(page.render(run), encoding="utf-8")


def _with_records(run: saved.Run) -> saved.Run:
    """Name the decision records of today: what holds a target back is found out after the run."""
    targets = {
        name: target.model_copy(update={"held_back_by": TARGETS[name].held_back_by})
        for name, target in run.targets.items()
    }
    return run.model_copy(update={"targets": targets})


if __name__ == "__main__":
    try:
        main(*map(Path, sys.argv[1:2]))
    except CommandError as error:
        sys.exit(str(error))
