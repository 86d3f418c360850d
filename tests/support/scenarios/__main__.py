"""Show what comes of scenarios, in the words of their files: `python -m tests.support.scenarios [--write] [NAME …]`."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence

from tests.support.scenarios.in_memory import played, told
from tests.support.scenarios.judging import differences, settled
from tests.support.scenarios.marketplaces import POLICIES
from tests.support.scenarios.playing import play_of
from tests.support.scenarios.reading import FOLDER, Scenario, every, read
from tests.support.scenarios.telling import ORDINARY, Fact, Told

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "order released": ("expected_ship_date", "delivery_to"),
    "order canceled": ("reason", "by", "counts in cancellation rate"),
    "lines canceled": ("reason", "lines", "counts in cancellation rate"),
    "cancellation refused": ("reason",),
    "shipment confirmed": ("lines", "trackable", "tracking valid"),
    "refund recorded": ("amount", "cause", "lines"),
    "contact opened": ("contact_id", "issue"),
    "contact responded": ("contact_id",),
    "return answered": ("answer",),
    "return received": ("by",),
    "feedback left": ("rating",),
    "promise changed": ("promised date",),
    "ship by warned": ("confirm by",),
    "eligibility checked": ("eligible", "from", "missing"),
    "contact resolved": ("cause",),
    "claim filed": ("amount",),
    "claim refused": ("reason", "rule"),
    "command refused": ("reason", "rule"),
    "claim granted": ("amount", "funding", "automatic", "because"),
    "grant voided": ("amount",),
    "information requested": ("from", "respond by", "on silence"),
    "claim closed": ("outcome",),
    "claim refunded by seller": ("amount",),
    "appeal reversed": ("reverse money", "reverse defect", "amount"),
    "return required": ("send by",),
    "filing opened": ("eligible from", "until"),
    "defect counted": ("kind", "day"),
    "defect taken back": ("kind",),
}


_LOOKED_AT: Mapping[str, tuple[str, ...]] = {
    "orders": ("O", "C10"),
    "inventory": ("O1", "O5"),
    "messaging": ("M",),
    "claims": ("C", "P"),
    "performance": ("H",),
    "mails": ("N", "O5", "O6", "O7", "O12", "C5"),
    "rates": ("H",),
}
"""Which part of what came of it is written down, by the rules that a scenario is about."""


def main(arguments: list[str]) -> None:
    """Play each and print what comes of it, or write it into the file, to be judged by a person."""
    names = [name for name in arguments if not name.startswith("--")] or [each.name for each in every()]
    for name in names:
        path = FOLDER / f"{name}.yaml"
        scenario = read(path)
        found = {policy: told(played(play_of(scenario, policy))) for policy in POLICIES}
        if "--write" in arguments:
            text = re.split(r"^(?:expect|under):", path.read_text(), maxsplit=1, flags=re.MULTILINE)[0]
            path.write_text(text + _written(scenario, found))
            continue
        sys.stdout.write(f"\n# {name}: {scenario.title}\n{_written(scenario, found)}")
        for policy in POLICIES:
            for difference in differences(play_of(scenario, policy), found[policy]):
                sys.stdout.write(f"# under {policy} NOT AS WRITTEN: {difference}\n")


def _written(scenario: Scenario, found: Mapping[str, Told]) -> str:
    parts = {policy: _parts(scenario, told) for policy, told in found.items()}
    expected = {name: settled(lines) for name, lines in parts[POLICIES[0]].items()}
    lines = ["expect:", *(line for part in parts[POLICIES[0]].values() for line in _indented(part, 1))]
    under: list[str] = []
    for policy in POLICIES[1:]:
        differing = [part for name, part in parts[policy].items() if settled(part) != expected.get(name)]
        missing = [[f"{name}: []"] for name in expected if name not in parts[policy]]
        if differing or missing:
            because = scenario.under.get(policy, {}).get("because", "TODO")
            under += [f"  {policy}:", f"    because: {because}"]
            under += [line for part in (*differing, *missing) for line in _indented(part, 2)]
    return "\n".join([*lines, *(["under:", *under] if under else [])]) + "\n"


def _indented(lines: Sequence[str], depth: int) -> list[str]:
    return [f"{'  ' * depth}{line}" for line in lines]


def _is_looked_at(part: str, scenario: Scenario) -> bool:
    named = set(scenario.rules) | {rule[0] for rule in scenario.rules}
    return not named.isdisjoint(_LOOKED_AT[part])


def _parts(scenario: Scenario, told: Told) -> Mapping[str, Sequence[str]]:
    """Write each part of what came of it, in lines."""
    parts: dict[str, list[str]] = {}
    for section, facts in told.sections.items():
        found = [fact for fact in facts if fact.words not in ORDINARY]
        if _is_looked_at(section, scenario) or (section == "claims" and found):
            parts[section] = (
                [f"{section}:", *(f"  - {_fact(fact)}" for fact in found)] if found else [f"{section}: []"]
            )
    if told.money:
        parts["money"] = ["money:", *(f"  - {line}" for line in told.money)]
    if _is_looked_at("mails", scenario):
        sent = [f"  {who}: [{', '.join(told.mails.get(who, ()))}]" for who in ("buyer", "seller")]
        parts["mails"] = ["mails:", *sent]
    parts["ends"] = [
        "ends: {" + ", ".join(f"{what}: {_quoted(how)}" for what, how in told.ends.items()) + "}"
    ]
    if told.rates and _is_looked_at("rates", scenario):
        parts["rates"] = ["rates: {" + ", ".join(f"{what}: {how}" for what, how in told.rates.items()) + "}"]
    return parts


def _fact(fact: Fact) -> str:
    at = f"{fact.words} at {fact.order.calendar.shown(fact.at)}" if fact.at else fact.words
    shown = {name: fact.shown(name) for name in _FIELDS.get(fact.words, ())}
    fields = [f"{name.replace('_', ' ')}: {_quoted(value)}" for name, value in shown.items() if value]
    return f"{at}: {{{', '.join(fields)}}}" if fields else at


def _quoted(value: str) -> str:
    return f'"{value}"' if "," in value or ": " in value or not value else value


if __name__ == "__main__":
    main(sys.argv[1:])
