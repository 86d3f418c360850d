"""What would differ: recorded claims against what they come to under the candidate, by rule and by money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.cli.backtest.outcome import NO_MONEY, Money, Outcome, outcomes
from services.cli.backtest.recorded import History
from services.cli.backtest.replay import Replay
from services.cli.backtest.world import Said
from shared.contracts.data import Data
from shared.contracts.topics import CLAIMS_EVENTS
from shared.policies import Catalogue, Policy
from shared.policies.model import Term
from shared.policies.numbers import differences

NOBODY = "nobody yet"
"""Has decided: the claim waits for an investigator, a clock, or the other side."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A claim that would have come to something else."""

    order_id: str
    marketplace_id: str
    recorded: Outcome
    candidate: Outcome

    @property
    def currency(self) -> str:
        """In which its money is."""
        return self.recorded.currency or self.candidate.currency

    @property
    def money(self) -> Money:
        """What more, or less, everybody would have."""
        return self.candidate.money - self.recorded.money


@dataclass(frozen=True, slots=True)
class Change:
    """All claims that would be decided by other rules in the same way; `money` is by currency."""

    recorded: str
    candidate: str
    claims: int
    money: Mapping[str, Money]


@dataclass(slots=True)
class Report:
    """What a backtest found.

    `judged_by`: the policies that the claims were filed under. `not_recorded`: filings that were not accepted and whose
    form nobody kept. `not_reproduced`: claims that do not even under their own policies come to what is recorded.
    `failed`: orders on which a rule raised, with the error. `without_beginning`: orders whose first facts are not kept
    any more. `no_part`: numbers in which the candidate differs and that no claim depends on here.
    """

    candidate: str
    orders: int = 0
    claims: int = 0
    judged_by: set[str] = field(default_factory=set)
    differences: list[Difference] = field(default_factory=list)
    not_recorded: int = 0
    not_reproduced: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    without_beginning: int = 0
    no_part: Sequence[str] = ()

    @property
    def same(self) -> int:
        """Claims that come to the same."""
        return self.claims - len(self.differences) - len(self.not_reproduced) - self.not_recorded

    @property
    def changes(self) -> Sequence[Change]:
        """The differences by the rules that decided and would decide; most claims first."""
        found: dict[tuple[str, str], list[Difference]] = {}
        for each in self.differences:
            found.setdefault((decider(each.recorded), decider(each.candidate)), []).append(each)
        made = [Change(*key, len(group), money_of(group)) for key, group in found.items()]
        return sorted(made, key=lambda change: (-change.claims, change.recorded, change.candidate))

    @property
    def money(self) -> Mapping[str, Money]:
        """What more, or less, buyers, sellers and the marketplace would have, by currency."""
        return money_of(self.differences)

    @property
    def defects(self) -> int:
        """How many more, or fewer, claims would count against sellers."""
        return sum(each.candidate.is_defect - each.recorded.is_defect for each in self.differences)

    @property
    def undecided(self) -> int:
        """Claims that were decided and would wait for a person who in fact was never asked."""
        return sum(
            each.candidate.status == "open" and each.recorded.status != "open" for each in self.differences
        )

    @property
    def superseded(self) -> int:
        """Claims that a person decided and rules would have decided before."""
        return sum(each.recorded.by == "person" and each.candidate.by == "rules" for each in self.differences)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "candidate": self.candidate,
            "judged_by": sorted(self.judged_by),
            "orders": self.orders,
            "claims": self.claims,
            "same": self.same,
            "differ": len(self.differences),
            "defects": self.defects,
            "money": {currency: _money(money) for currency, money in self.money.items()},
            "by_rule": [
                {
                    "recorded": change.recorded,
                    "candidate": change.candidate,
                    "claims": change.claims,
                    "money": {currency: _money(money) for currency, money in change.money.items()},
                }
                for change in self.changes
            ],
            "differences": [_difference(each) for each in self.differences],
            "left_as_recorded": {
                "undecided": self.undecided,
                "superseded": self.superseded,
                "not_recorded": self.not_recorded,
                "not_reproduced": [
                    {"order_id": order_id, "claim_id": claim_id} for order_id, claim_id in self.not_reproduced
                ],
                "failed": [{"order_id": order_id, "error": error} for order_id, error in self.failed],
                "orders_without_beginning": self.without_beginning,
                "numbers_without_part": list(self.no_part),
            },
            "notes": list(self.notes),
        }

    @property
    def notes(self) -> Sequence[str]:
        """Say what a backtest can't know, with what it made of it."""
        return [sentence for sentence in _notes(self) if sentence]


def decider(outcome: Outcome) -> str:
    """Name what decided: a ground, several, a person, or the reason of a filing that was not accepted."""
    if outcome.status == "open":
        return NOBODY
    rules = " and ".join(outcome.rules) or "no ground"
    if outcome.reason:
        return f"{rules} ({outcome.reason})"
    return f"{rules} (a person)" if outcome.by == "person" else rules


def money_of(differing: Iterable[Difference]) -> Mapping[str, Money]:
    """Add up, by currency."""
    sums: dict[str, Money] = {}
    for each in differing:
        sums[each.currency] = sums.get(each.currency, NO_MONEY) + each.money
    return dict(sorted(sums.items()))


def _money(money: Money) -> dict[str, int]:
    return {"buyers": money.buyer, "sellers": money.seller, "marketplace": money.marketplace}


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "order_id": found.order_id,
        "claim_id": found.recorded.claim_id,
        "marketplace_id": found.marketplace_id,
        "currency": found.currency,
        "recorded": _outcome(found.recorded),
        "candidate": _outcome(found.candidate),
        "money": _money(found.money),
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "status": outcome.status,
        "by": outcome.by,
        "rules": list(outcome.rules),
        "reason": outcome.reason,
        "appeal": outcome.appeal,
        "defect": outcome.is_defect,
        "decided_at": outcome.decided_at,
        "money": _money(outcome.money),
    }


def _notes(report: Report) -> Sequence[str]:
    """Give every sentence; empty ones don't apply."""
    listed = ", ".join(report.no_part)
    return (
        "What people decided, asked and answered is kept as it was, at its time, where the rules still let them.",
        _count(report.superseded, "Claims that a person decided and rules would have decided before: {}."),
        _count(
            report.undecided,
            "Claims that would wait for an investigator who was never asked: {}. Their money counts as not moved.",
        ),
        _count(
            report.not_recorded,
            "Filings that were not accepted, and whose form is not recorded: {}. They are kept as they were.",
        ),
        _count(
            len(report.not_reproduced),
            "Claims that can't be lived through again from what is recorded: {}. They are left out.",
        ),
        _failed(report.failed),
        _count(
            report.without_beginning, "Orders whose first facts are not kept any more: {}. They are left out."
        ),
        f"These numbers of the candidate play no part here: {listed}." if listed else "",
        "Orders are as they were; of commands that were refused, only those that are recorded are tried again.",
    )


def _count(number: int, sentence: str) -> str:
    return sentence.format(f"{number:,}") if number else ""


def _failed(failed: Sequence[tuple[str, str]]) -> str:
    """Say on how many orders a rule raised: that is a bug, which the services would park."""
    return f"Orders on which a rule failed: {len(failed):,}, first {': '.join(failed[0])}." if failed else ""


_PLAYED = ("claims.", "messaging.", "commands.")


class Backtest:
    """Looks at one history after the other."""

    def __init__(
        self,
        known: Catalogue,
        candidate: Policy,
        until: datetime | None,
        marketplaces: Sequence[str] = (),
    ) -> None:
        self._known = known
        self._candidate = under(known, candidate)
        self._until = until
        self._marketplaces = frozenset(marketplaces or known.marketplaces)
        self.report = Report(candidate.id)
        self._no_part: set[str] = set()
        self._policy = candidate

    def look(self, history: History) -> None:
        """Play a history under the candidate, and note what differs."""
        if history.marketplace_id is None:
            self.report.without_beginning += 1
            return
        if history.marketplace_id not in self._marketplaces:
            return
        self.report.orders += 1
        facts = [told.data for told in history.told if told.service == "claims"]
        recorded = outcomes(facts)
        self.report.claims += len(recorded)
        self._note_policies(facts)
        try:
            self._compare(history, recorded)
        except Exception as error:  # noqa: BLE001  a bug in a rule is one order's trouble, whatever it raises
            self.report.failed.append((history.order_id, f"{type(error).__name__}: {error}"))
            self.report.not_reproduced += [(history.order_id, claim_id) for claim_id in recorded]

    def _compare(self, history: History, recorded: Mapping[str, Outcome]) -> None:
        replay = Replay(history)
        played = _played(replay.under(self._candidate, self._until))
        if differing := [each for each in recorded.values() if not _is_as(each, played)]:
            self._note(history, differing, played, replay)
        self.report.not_recorded += sum(
            each.status == "not accepted" and each.claim_id not in played for each in recorded.values()
        )

    def _note(
        self,
        history: History,
        differing: Sequence[Outcome],
        played: Mapping[str, Outcome],
        replay: Replay,
    ) -> None:
        """A difference counts only if the same play under the old policies comes to what is recorded."""
        control = _played(replay.under(self._known, self._until))
        for recorded in differing:
            found = played.get(recorded.claim_id)
            if found is not None and _is_as(recorded, control):
                self.report.differences.append(
                    Difference(history.order_id, history.marketplace_id or "", recorded, found)
                )
            else:
                self.report.not_reproduced.append((history.order_id, recorded.claim_id))

    def _note_policies(self, facts: Sequence[Data]) -> None:
        for fact in facts:
            policy_id = getattr(fact, "policy_id", None)
            if policy_id is None or policy_id in self.report.judged_by:
                continue
            self.report.judged_by.add(policy_id)
            if policy_id in self._known.policies:
                found = differences(self._known.policy(policy_id), self._policy)
                self._no_part |= {
                    each.number.key for each in found if not each.number.key.startswith(_PLAYED)
                }
        self.report.no_part = sorted(self._no_part)


def backtest(
    histories: Iterable[History],
    known: Catalogue,
    candidate: Policy,
    until: datetime | None = None,
    marketplaces: Sequence[str] = (),
) -> Report:
    """Look at histories under a candidate. `known` are the policies that they were lived under."""
    test = Backtest(known, candidate, until, marketplaces)
    for history in histories:
        test.look(history)
    return test.report


def under(known: Catalogue, candidate: Policy) -> Catalogue:
    """Return the same marketplaces, as if each had been under the candidate at any time."""
    always = (Term(policy=candidate.id),)
    return replace(
        known,
        policies={**known.policies, candidate.id: candidate},
        marketplaces={
            id_: marketplace.model_copy(update={"policies": always})
            for id_, marketplace in known.marketplaces.items()
        },
    )


def _played(said: Sequence[Said]) -> Mapping[str, Outcome]:
    return outcomes(each.data for each in said if each.topic == CLAIMS_EVENTS)


def _is_as(recorded: Outcome, played: Mapping[str, Outcome]) -> bool:
    """A filing that nobody can play again is taken to be as it was."""
    found = played.get(recorded.claim_id)
    return found.is_as(recorded) if found else recorded.status == "not accepted"
