"""All policies, marketplaces and carriers, loaded and checked once: nothing starts with a bad one."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from shared.policies.errors import PolicyError
from shared.policies.lines import KeyPath, Lined, read_lined
from shared.policies.model import Carrier, Marketplace, Policy
from shared.values import dataclass

SHIPPED = Path(__file__).parent
"""The folder of the policies that come with the product."""
SETTING = "RECOURSE_POLICIES"
"""The setting, of every process and command, that names an installation's own folder instead."""
_WRONG_SETTING = 2

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the rulebook's numbers are, where and when. The mappings are by id, a carrier's by its code."""

    policies: Mapping[str, Policy]
    marketplaces: Mapping[str, Marketplace]
    carriers: Mapping[str, Carrier]

    def policy(self, policy_id: str) -> Policy:
        """Return a policy by its id. Raises KeyError for one that was never loaded."""
        return self.policies[policy_id]

    def marketplace(self, marketplace_id: str) -> Marketplace:
        """Return a marketplace by its id. Raises KeyError if unknown: ask `knows_marketplace` first."""
        return self.marketplaces[marketplace_id]

    def knows_marketplace(self, marketplace_id: str) -> bool:
        """Say whether there is such a marketplace."""
        return marketplace_id in self.marketplaces

    def policy_in_force(self, marketplace_id: str, at: datetime) -> Policy:
        """Return what a known marketplace is under at an instant, by its own days."""
        return self.policies[self.marketplaces[marketplace_id].policy_at(at)]

    def is_valid_number(self, marketplace_id: str, carrier: str, number: str) -> bool:
        """Say whether the marketplace knows the carrier, and the number has that carrier's form (O15)."""
        code = carrier.strip().upper()
        return code in self.marketplaces[marketplace_id].untracked and self.carriers[code].has_form(number)


def load(folder: Path = SHIPPED) -> Catalogue:
    """Load a folder of policies. Raises PolicyError, which names file, line and key."""
    policies = dict(_policy(path) for path in _policy_files(folder))
    carriers = _each(_read(folder / "carriers.yaml", folder), Carrier, "code")
    lined = _read(folder / "marketplaces.yaml", folder)
    marketplaces = _each(lined, Marketplace, "id")
    for marketplace in marketplaces.values():
        _check_carriers(marketplace, carriers, lined)
        _check_policies(marketplace, policies, lined)
    return Catalogue(policies, marketplaces, {code.upper(): carrier for code, carrier in carriers.items()})


def installed(folder: Path | None) -> Catalogue:
    """Load what a process is to go by: the installation's own folder, or else what ships.

    With a bad one the process ends with exit code 2, and says which file, line and key is wrong.
    """
    try:
        return load(folder or SHIPPED)
    except PolicyError as error:
        sys.stderr.write(f"recourse: setting {SETTING}: {error} (in {folder or SHIPPED})\n")
        raise SystemExit(_WRONG_SETTING) from error


def read_policy(path: Path) -> Policy:
    """Read one policy that belongs to no folder yet. Raises PolicyError, which names file, line and key."""
    return _checked_policy(read_lined(path, path.name), path)


def _policy_files(folder: Path) -> list[Path]:
    found = sorted((folder / "policies").glob("*.yaml"))
    if not found:
        raise PolicyError("policies", 1, "", f"there is no policy in {folder / 'policies'}")
    return found


def _read(path: Path, folder: Path) -> Lined:
    return read_lined(path, path.relative_to(folder).as_posix())


def _policy(path: Path) -> tuple[str, Policy]:
    policy = _checked_policy(_read(path, path.parent.parent), path)
    return policy.id, policy


def _checked_policy(lined: Lined, path: Path) -> Policy:
    policy = _checked(lined, (), Policy, lined.content)
    if policy.id != path.stem:
        raise lined.error(("id",), f"must be the file's name, {path.stem}")
    return policy


def _each(lined: Lined, model: type[_Model], id_field: str) -> dict[str, _Model]:
    """Read a file of several, each under its id."""
    if not isinstance(lined.content, dict):
        raise lined.error((), "must be a mapping by id")
    return {
        key: _checked(lined, (key,), model, _with_id(value, id_field, key))
        for key, value in lined.content.items()
    }


def _with_id(value: object, id_field: str, key: object) -> object:
    return {**value, id_field: key} if isinstance(value, dict) and id_field not in value else value


def _checked(lined: Lined, at: KeyPath, model: type[_Model], content: object) -> _Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        # A misspelt key is also one that is missing: the misspelling says more.
        problem = min(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
        raise lined.error((*at, *problem["loc"]), _why(problem["type"], problem["msg"])) from error


def _why(kind: str, message: str) -> str:
    known = {"extra_forbidden": "is not a key that is known here", "missing": "is missing"}
    return known.get(kind, message.removeprefix("Value error, "))


def _check_carriers(marketplace: Marketplace, carriers: Mapping[str, Carrier], lined: Lined) -> None:
    known = {code.upper() for code in carriers}
    for code in marketplace.carriers:
        if code.upper() not in known:
            raise lined.error((marketplace.id, "carriers", code), "is not a carrier of carriers.yaml")


def _check_policies(marketplace: Marketplace, policies: Mapping[str, Policy], lined: Lined) -> None:
    path = (marketplace.id, "policies")
    for place, term in enumerate(marketplace.policies):
        if term.policy not in policies:
            raise lined.error((*path, place, "policy"), f"there is no policies/{term.policy}.yaml")
    for (_, earlier), (place, later) in combinations(enumerate(marketplace.policies), 2):
        if earlier.overlaps(later):
            why = f"{earlier.policy} and {later.policy} are in force on one day"
            raise lined.error((*path, place), why)
