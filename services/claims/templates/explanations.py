"""Explanations as sentences (C14): each rule that was looked at, whether it holds, and by which facts.

Rendered from rule ids and facts alone, never from the state: what is read is what was decided by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeAlias

from services.claims.domain.explanation import Explanation, Facts, Finding
from services.claims.domain.money import Money
from services.claims.domain.windows import in_time
from services.claims.templates.forms import Language, day, instant, money
from services.claims.templates.phrases import NOTHING, PHRASES, REQUIREMENTS, VERDICTS
from shared.contracts.data import Words
from shared.values import dataclass

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def explain(explanation: Explanation, zone: str, language: Language) -> Sequence[str]:
    """Write an explanation, a sentence a rule, with instants in this time zone."""
    return [_sentence(finding, zone, language) for finding in explanation]


def _sentence(finding: Finding, zone: str, language: Language) -> str:
    reader = _Reader(Facts(finding.facts), zone, language, finding.holds)
    requirement = reader.facts.text("requirement")
    if requirement is None:
        verdict = "holds" if finding.holds else "holds_not"
        said = [*SENTENCES[finding.rule](reader)]
    else:
        verdict = "met" if finding.holds else "not_met"
        said = [reader.requirement(requirement)]
    head = _in(VERDICTS[verdict], language).format(rule=finding.rule)
    return {"en": " ", "zh": ""}[language].join([head, *said])


def _in(words: Words, language: Language) -> str:
    return words.en if language == "en" else words.zh


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the facts of one finding, or of one group of them, for a person."""

    facts: Facts
    zone: str
    language: Language
    holds: bool

    def say(self, phrase: str, **names: str) -> str:
        """Write a phrase; each of its names stands for a fact."""
        told = {name: self.value(fact_name) for name, fact_name in names.items()}
        return _in(PHRASES[phrase], self.language).format(**told)

    def requirement(self, requirement: str) -> str:
        """Write what a filing must meet; its names are those of the facts."""
        return _in(REQUIREMENTS[requirement], self.language).format_map(_Told(self))

    def value(self, name: str) -> str:
        """Write a fact as people do: instants in the time zone, amounts in their currency."""
        value = self.facts.value(name)
        if isinstance(value, Money):
            return money(value, self.language)
        text = "" if value is None else str(value)
        if _INSTANT.fullmatch(text):
            at = self.facts.instant(name)
            return instant(at, self.zone, self.language) if at else text
        if _DAY.fullmatch(text):
            return day(date.fromisoformat(text), self.language)
        return text or _in(NOTHING, self.language)

    def groups(self, name: str, *others: str) -> Iterable[_Reader]:
        """Read each contact, or each clock, on its own."""
        groups = self.facts.groups(name, *others)
        return (_Reader(group, self.zone, self.language, self.holds) for group in groups)


class _Told(dict[str, str]):
    """What a template names, read from the facts when it is named."""

    def __init__(self, reader: _Reader) -> None:
        super().__init__()
        self._reader = reader

    def __missing__(self, name: str) -> str:
        return self._reader.value(name)


# ----------------------------------------------------------------------------------------- rule by rule

_Sentences: TypeAlias = Callable[[_Reader], Iterable[str]]
_OfClock: TypeAlias = Callable[[_Reader, datetime | None], Iterable[str]]


def _tracking(reader: _Reader) -> Iterable[str]:
    if reader.facts.value("issue") != "not_received":
        return [reader.say("other_issue")]
    if reader.holds:
        return [reader.say("untracked")]
    if reader.facts.find("confirmed_at") is None:
        return [reader.say("unconfirmed")]
    if not reader.facts.number("units_untracked"):
        return [reader.say("trackable")]
    return [reader.say("tracked", untracked="units_untracked", claimed="units_claimed")]


def _contacts(reader: _Reader) -> Iterable[str]:
    judged_at = reader.facts.instant("judged_at")
    said = [text for contact in reader.groups("contact_opened_at") for text in _contact(contact, judged_at)]
    return said or [reader.say("no_contact")]


def _contact(contact: _Reader, judged_at: datetime | None) -> Iterable[str]:
    responded_at, respond_by = contact.facts.instant("responded_at"), contact.facts.instant("respond_by")
    if responded_at is not None and respond_by is not None:
        phrase = "answered_in_time" if in_time(responded_at, respond_by) else "answered_late"
    elif contact.facts.instant("resolved_at") is not None:
        phrase = "settled"
    else:
        is_over = judged_at is not None and respond_by is not None and judged_at >= respond_by
        phrase = "silence" if is_over else "silence_so_far"
    names = {"opened": "contact_opened_at", "by": "respond_by", "answered": "responded_at"}
    yield contact.say(phrase, **names, resolved="resolved_at")
    yield from _read_late(contact)


def _read_late(reader: _Reader) -> Iterable[str]:
    if reader.facts.value("is_read_late") is True:
        yield reader.say("read_late")


def _shipping(reader: _Reader) -> Iterable[str]:
    return _promise(reader, "not_shipped", ("units_not_shipped", "expected_ship_date", "ship_by"), "shipped")


def _delivery(reader: _Reader) -> Iterable[str]:
    return _promise(reader, "not_delivered", ("units_undelivered", "delivery_to", "deliver_by"), "delivered")


def _promise(reader: _Reader, missed: str, names: tuple[str, str, str], kept: str) -> Iterable[str]:
    count, on, by = names
    if reader.facts.value("issue") != "not_received":
        return [reader.say("other_issue")]
    if reader.facts.value("reason") is not None:
        return [reader.say("not_found")]
    due_at, judged_at = reader.facts.instant(by), reader.facts.instant("judged_at")
    if due_at is not None and judged_at is not None and judged_at < due_at:
        return [reader.say("not_over", day=on, by=by)]
    came = [reader.say(kept, at=f"{kept}_at")] if reader.facts.find(f"{kept}_at") is not None else []
    if came and not reader.facts.number(count):
        return came
    return [reader.say(missed, count=count, claimed="units_claimed", day=on, by=by), *came]


def _information(reader: _Reader) -> Iterable[str]:
    judged_at = reader.facts.instant("judged_at")
    clocks: Mapping[str, _OfClock] = {
        "claim_answer_due_at": _claim,
        "return_received_at": _return,
        "information_requested_at": _request,
    }
    said = [
        text
        for head, sentences in clocks.items()
        for clock in reader.groups(head, *clocks)
        for text in sentences(clock, judged_at)
    ]
    return said or [reader.say("not_asked")]


def _claim(clock: _Reader, judged_at: datetime | None) -> Iterable[str]:
    phrases = ("claim_answered", "claim_answered_late", "claim_unanswered", "claim_open_to_answer")
    names = ("claim_answer_due_at", "claim_answered_at")
    yield clock.say(
        _of_clock(clock, names, phrases, judged_at), by="claim_answer_due_at", answered="claim_answered_at"
    )
    yield from _read_late(clock)


def _return(clock: _Reader, judged_at: datetime | None) -> Iterable[str]:
    phrases = ("return_refunded", "return_refunded_late", "return_unrefunded", "return_to_refund")
    names = ("return_refund_due_at", "refunded_at")
    yield clock.say(
        _of_clock(clock, names, phrases, judged_at),
        received="return_received_at",
        by="return_refund_due_at",
        refunded="refunded_at",
    )


def _request(clock: _Reader, judged_at: datetime | None) -> Iterable[str]:
    phrases = ("request_answered", "request_answered_late", "request_missed", "request_open")
    names = ("information_due_at", "information_provided_at")
    yield clock.say(
        _of_clock(clock, names, phrases, judged_at),
        asked="information_requested_at",
        by="information_due_at",
        answered="information_provided_at",
    )
    yield from _read_late(clock)
    if clock.facts.value("on_silence") != "grant":
        yield clock.say("silence_is_no_ground")


def _of_clock(
    clock: _Reader,
    names: tuple[str, str],
    phrases: tuple[str, str, str, str],
    judged_at: datetime | None,
) -> str:
    """Choose what is said of a clock: stopped in time, too late, not at all, or still running."""
    due_at, stopped_at = (clock.facts.instant(name) for name in names)
    in_time_, late, missed, running = phrases
    if stopped_at is not None and due_at is not None:
        return in_time_ if in_time(stopped_at, due_at) else late
    is_over = judged_at is not None and due_at is not None and judged_at >= due_at
    return missed if is_over else running


def _amounts(reader: _Reader) -> Iterable[str]:
    yield reader.say("amounts", claimed="claimed_amount", left="left_amount")
    if reader.facts.minor("refunded_amount"):
        yield reader.say("refunded_since", refunded="refunded_amount")
    if reader.facts.value("wanted") == "replacement":
        yield reader.say("replacement")


def _investigator(reader: _Reader) -> Iterable[str]:
    is_refused = reader.facts.value("decided_outcome") == "refused"
    no = "investigator_refused" if is_refused else "investigator_denied"
    return [reader.say("investigator_granted" if reader.holds else no, amount="granted_amount")]


def _judgement(reader: _Reader) -> Iterable[str]:
    is_policy = reader.facts.value("judgement") == "return_policy_not_followed"
    return [reader.say("policy_not_followed" if is_policy else "no_justification")]


def _appeal(reader: _Reader) -> Iterable[str]:
    by = "appealed_by_seller" if reader.facts.value("appealed_by") == "seller" else "appealed_by_buyer"
    return [reader.say(by if reader.holds else "appeal_not_in_order", at="appealed_at", until="appeal_until")]


def _second_look(reader: _Reader) -> Iterable[str]:
    if not reader.holds:
        return [reader.say("first_stands")]
    if reader.facts.value("first_outcome") != "granted":
        return [reader.say("refusal_reversed", amount="granted_amount")]
    flags = (reader.facts.value("reverse_money") is True, reader.facts.value("reverse_defect") is True)
    phrases = {(True, True): "money_and_defect_reversed", (True, False): "money_reversed"}
    return [reader.say(phrases.get(flags, "defect_reversed"), debited="debited_amount")]


def _funding(reader: _Reader) -> Iterable[str]:
    if not reader.holds:
        return [reader.say("seller_pays")]
    by_marketplace = reader.facts.value("fulfilment") == "marketplace"
    return [reader.say("marketplace_fulfilled" if by_marketplace else "marketplace_label")]


def _void(reader: _Reader) -> Iterable[str]:
    names = {
        "granted": "granted_at",
        "grounds": "held_at_grant",
        "answered": "answered_at",
        "read": "read_at",
    }
    yield reader.say("voided" if reader.holds else "stands", **names)
    yield from _read_late(reader)


SENTENCES: Mapping[str, _Sentences] = {
    "C1": _amounts,
    "C4": _judgement,
    "C6": _void,
    "C6.1": _tracking,
    "C6.2": _contacts,
    "C6.3": _shipping,
    "C6.4": _delivery,
    "C6.5": _information,
    "C9": _investigator,
    "C10": _funding,
    "C11": _appeal,
    "C12": _second_look,
}
