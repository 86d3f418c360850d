"""Golden examples, one a message: once checked in, never edited, so that what was once sent can be read."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.contracts.data import Data
from shared.contracts.envelope import Attributes, Known

FOLDER = Path(__file__).parent


def event(type_: str) -> dict[str, Any]:
    """Return an example as the CloudEvent that its file has, in the form of structured mode."""
    found: dict[str, Any] = json.loads((FOLDER / f"{type_}.json").read_text(encoding="utf-8"))
    return found


def example(message: type[Data]) -> Known:
    """Return the example of a message."""
    found = event(message.TYPE)
    return Known(
        Attributes(
            id=found["id"],
            source=found["source"],
            type=found["type"],
            subject=found["subject"],
            time=datetime.fromisoformat(found["time"]),
            correlation_id=found.get("correlationid"),
            causation_id=found.get("causationid"),
            sequence=int(found["sequence"]) if "sequence" in found else None,
        ),
        message.model_validate_json(json.dumps(found["data"])),
    )
