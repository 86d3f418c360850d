"""A folder of policies for the scenarios: those that ship, with a marketplace for each of them and each time zone."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from shared.policies import SHIPPED, Catalogue, load

POLICIES = ("2021-en", "2021-zh", "classic")
"""The three of P2. The first is the one that a scenario's expectations are written for."""
ZONES: Mapping[str, str] = {
    "America/Los_Angeles": "la",
    "Asia/Shanghai": "sh",
    "Asia/Tokyo": "jp",
    "Asia/Kuwait": "kw",
}
CHANGE_DAY = date(2027, 5, 10)
"""From this day on the marketplaces that change are under another policy: the day 7 of an order by default."""
AFTERWARDS: Mapping[str, str] = {"2021-en": "classic", "2021-zh": "2021-en", "classic": "2021-zh"}
_UNTRACKED = ["Letter", "Untracked"]


def marketplace_of(policy: str, zone: str, *, changes: bool = False) -> str:
    """Name the marketplace of a time zone that is under a policy, or that changes from it to another."""
    return f"{policy}-{ZONES[zone]}{'-changing' if changes else ''}"


def write(folder: Path) -> Path:
    """Write the folder: what ships, and the scenarios' marketplaces beside the shipped ones."""
    shutil.copytree(SHIPPED / "policies", folder / "policies", dirs_exist_ok=True)
    carriers = (SHIPPED / "carriers.yaml").read_text()
    (folder / "carriers.yaml").write_text(carriers)
    shipped = yaml.safe_load((SHIPPED / "marketplaces.yaml").read_text())
    ours = _marketplaces({code: {"untracked": _UNTRACKED} for code in yaml.safe_load(carriers)})
    (folder / "marketplaces.yaml").write_text(yaml.safe_dump(shipped | ours, sort_keys=False))
    return folder


def catalogue(folder: Path) -> Catalogue:
    """Write the folder and load it, as a service does at its start."""
    return load(write(folder))


def _marketplaces(carriers: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for policy in POLICIES:
        for zone in ZONES:
            common = {"time_zone": zone, "languages": ["en", "zh"], "carriers": dict(carriers)}
            made[marketplace_of(policy, zone)] = common | {"policies": [{"policy": policy}]}
            followed = [
                {"policy": policy, "to": CHANGE_DAY - timedelta(days=1)},
                {"policy": AFTERWARDS[policy], "from": CHANGE_DAY},
            ]
            made[marketplace_of(policy, zone, changes=True)] = common | {"policies": followed}
    return made
