"""What people read: complete in both languages, with times in the zone and money in the currency's form."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

import services.claims.domain
from services.claims.domain import gather
from services.claims.domain.events import AppealUpheld
from services.claims.domain.explanation import Explanation
from services.claims.domain.filing_facts import MISSING_NAMES
from services.claims.domain.inputs import Input
from services.claims.domain.money import Money
from services.claims.domain.refusal import Refusal
from services.claims.domain.requirements import CHECKS
from services.claims.domain.rules import GROUNDS, RULES
from services.claims.domain.state import Judgement
from services.claims.templates.explanations import SENTENCES, explain
from services.claims.templates.forms import LANGUAGES, instant, money
from services.claims.templates.phrases import PHRASES, REQUIREMENTS, VERDICTS
from services.claims.templates.refusals import BY_RULE, MISSING, REFUSALS, words
from shared.contracts import lists
from shared.contracts.data import Words
from tests.unit.claims.builders import (
    ANSWER_BY,
    BUYER,
    CLASSIC,
    DAY,
    ELIGIBLE,
    FILED,
    HOUR,
    INSTANT,
    PAID,
    UNTIL,
    WINDOW,
    Story,
    after,
    answer,
    answered,
    appeal,
    ask,
    broken,
    came_back,
    charged_back,
    contacted,
    damaged,
    deadline,
    delivered,
    desk,
    file_claim,
    not_found,
    policies,
    provide,
    received,
    refund,
    refunded,
    released,
    resolved,
    review,
    rule,
    shipped,
    under_investigation,
    wrote,
)

MINUTE = HOUR / 60
LOS_ANGELES = "America/Los_Angeles"
DOMAIN = Path(services.claims.domain.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def said_in_code(function: str, place: int) -> set[str]:
    """Find every word that the domain gives to a function in this place."""
    found = set()
    for path in DOMAIN.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == function
                and len(node.args) > place
            ):
                argument = node.args[place]
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    found.add(argument.value)
    return found


# ----------------------------------------------------------------------------------------------- refusals


def test_every_reason_has_its_sentence_and_no_sentence_is_without_a_reason() -> None:
    judgements = set(get_args(Judgement))
    reasons = said_in_code("Refusal", 1) | judgements | set(CHECKS) | {"unknown_order"}
    assert set(REFUSALS) == reasons
    assert set(REFUSALS) <= set(lists.REFUSALS)


def test_every_name_of_something_missing_has_its_words() -> None:
    assert set(MISSING) == {*MISSING_NAMES, "questions", "reasons", "text", "evidence", "explanation"}


def test_rules_and_fact_names_are_those_of_the_contracts() -> None:
    assert {rule for rule, _ in CHECKS.values()} | set(RULES) | {"C3"} <= set(lists.RULES)
    assert said_in_code("fact", 0) | {"respond_by", "resolve_by"} <= set(lists.FACT_NAMES)


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_is_said_in_both_languages_and_names_all_that_helps(reason: str) -> None:
    refusal = Refusal(
        "C4", reason, ELIGIBLE, UNTIL, max_amount=Money(PAID, "USD"), missing=("lines", "description")
    )
    said = words(refusal, LOS_ANGELES)
    assert not CHINESE.search(said.en)
    assert CHINESE.search(said.zh)
    for text in (said.en, said.zh):
        assert "{" not in text
        assert "None" not in text


def test_a_refusal_that_is_too_early_says_from_when_until_when_in_the_marketplaces_time() -> None:
    said = words(Refusal("C2", "too_early", ELIGIBLE, UNTIL), LOS_ANGELES)
    assert said.en == (
        "It is too early to file this claim. You can file it from 14 March 2021, 00:00 (GMT-08:00) until "
        "9 June 2021, 00:00 (GMT-07:00)."
    )
    assert "2021年3月14日00:00（GMT-08:00）" in said.zh


@pytest.mark.parametrize(
    ("amount", "en", "zh"),
    [
        (Money(123_456, "USD"), "$1,234.56", "US$1,234.56"),
        (Money(1234, "JPY"), "¥1,234", "JP¥1,234"),
        (Money(12_345, "KWD"), "KWD12.345", "KWD12.345"),
        (Money(100, "CNY"), "CN¥1.00", "¥1.00"),
        (Money(0, "EUR"), "€0.00", "€0.00"),
    ],
)
def test_money_has_the_decimals_of_its_currency(amount: Money, en: str, zh: str) -> None:
    said = [money(amount, language).replace("\xa0", "") for language in LANGUAGES]
    assert said == [en, zh]


def test_an_instant_shows_its_zone_whatever_the_clocks_do_that_night() -> None:
    at = datetime(2021, 11, 7, 8, 30, tzinfo=UTC)
    assert instant(at, LOS_ANGELES, "en") == "7 November 2021, 01:30 (GMT-07:00)"
    assert instant(at + HOUR, LOS_ANGELES, "en") == "7 November 2021, 01:30 (GMT-08:00)"


# ------------------------------------------------------------------------------------------- explanations


def test_every_rule_and_requirement_has_its_sentence() -> None:
    assert set(SENTENCES) == set(RULES)
    assert set(REQUIREMENTS) == set(CHECKS)


@pytest.mark.parametrize("table", [PHRASES, REQUIREMENTS, VERDICTS, REFUSALS])
def test_both_languages_name_the_same_facts(table: dict[str, Words]) -> None:
    for name, text in table.items():
        en, zh = (
            {field for _, field, _, _ in Formatter().parse(getattr(text, language)) if field}
            for language in LANGUAGES
        )
        assert en == zh, name


def read(story: Story, *then: Input, now: datetime | None = None) -> list[str]:
    """Give the sentences of the decision that the last of these leads to, in English."""
    for each in then[:-1]:
        story = story.when(each, now=each.at if hasattr(each, "at") else FILED)
    last = then[-1]
    told = story.when(last, now=now or (last.at if hasattr(last, "at") else FILED))
    explained: list[Explanation] = [
        event.explanation for event in told.events if hasattr(event, "explanation")
    ]
    zh = explain(explained[-1], LOS_ANGELES, "zh")
    assert all(CHINESE.search(sentence) for sentence in zh)
    en = explain(explained[-1], LOS_ANGELES, "en")
    assert not any(CHINESE.search(sentence) or "{" in sentence for sentence in en)
    return list(en)


def test_a_grant_by_silence_is_explained_rule_by_rule() -> None:
    by = "11 March 2021, 12:00 (GMT-08:00)"
    over = "11 March 2021, 00:00 (GMT-08:00)"
    assert read(contacted(), file_claim()) == [
        "C6.1 does not hold: it was shipped with a trackable method or a valid tracking number.",
        f"C6.2 holds: the buyer wrote on {WROTE_SAID} and no answer came by {by}.",
        "C6.3 does not hold: it was shipped on 2 March 2021, 10:00 (GMT-08:00).",
        f"C6.4 holds: 1 of 1 claimed units have no delivery scan; {EDD_SAID} ended on {over}.",
        "C6.5 does not hold: the seller was not asked for information.",
        "C1 holds: $26.98 was claimed; $26.98 is left of what was paid for the lines.",
        f"C10 does not hold: {SELLER_PAYS}",
    ]


WROTE_SAID = "9 March 2021, 12:00 (GMT-08:00)"
EDD_SAID = "the estimated delivery date, 10 March 2021,"
SELLER_PAYS = PHRASES["seller_pays"].en


def sentence(rule_id: str, sentences: list[str]) -> str:
    return next(text for text in sentences if text.startswith(f"{rule_id} "))


def test_an_answer_in_time_is_named_with_its_time() -> None:
    said = sentence("C6.2", read(contacted(answered()), file_claim()))
    assert said.startswith(
        "C6.2 does not hold: the buyer wrote on 9 March 2021, 12:00 (GMT-08:00) and the seller answered"
    )


@pytest.mark.parametrize(
    ("story", "command", "rule_id", "words_said"),
    [
        (contacted(answered(at=ANSWER_BY + INSTANT)), file_claim(), "C6.2", "answered only on"),
        (contacted(resolved(at=FILED - DAY)), file_claim(), "C6.2", "it was settled"),
        (contacted(), file_claim(reason="delivered_not_found"), "C6.3", "delivered and not found"),
        (after(received(), released(), wrote()), file_claim(), "C6.1", "nothing of it was confirmed"),
        (
            after(received(), released(), wrote()),
            file_claim(),
            "C6.3",
            "1 of 1 claimed units were not shipped",
        ),
        (
            after(received(), released(), shipped(trackable=False, tracking_valid=False), wrote()),
            file_claim(),
            "C6.1",
            "no trackable method and no valid tracking number",
        ),
        (
            after(received(fulfilment="marketplace"), released(), wrote()),
            file_claim(),
            "C10",
            "the marketplace fulfilled the order",
        ),
        (
            after(received(), released(), shipped(label="marketplace"), wrote()),
            file_claim(),
            "C10",
            "with the marketplace's label",
        ),
        (under_investigation(), rule("granted", 700), "C9", "an investigator granted $7.00"),
        (under_investigation(), rule("denied"), "C9", "an investigator denied the claim"),
        (under_investigation(ask(at=FILED)), rule("denied"), "C6.5", "has until"),
        (
            under_investigation(ask(at=FILED), provide(at=FILED + HOUR)),
            rule("denied"),
            "C6.5",
            "and gave it on",
        ),
        (
            under_investigation(ask(at=FILED), policy=policies(on_silence="investigate")),
            rule("denied", at=FILED + 3 * DAY),
            "C6.5",
            "Silence leads to an investigation",
        ),
        (
            contacted(),
            file_claim(at=ELIGIBLE - HOUR),
            "C2",
            "1 of 1 claimed units have no",
        ),
    ],
)
def test_each_way_that_a_rule_can_go_has_its_words(
    story: Story, command: Input, rule_id: str, words_said: str
) -> None:
    assert words_said in sentence(rule_id, read(story, command))


ASKED_BACK = (damaged(), refund(at=FILED + DAY, return_first=True), came_back(at=FILED + 2 * DAY))
REFUND_BY = FILED + 4 * DAY
CLAIM_BY = FILED + 7 * DAY
ON_APPEAL = contacted(file_claim(), appeal())


@pytest.mark.parametrize(
    ("story", "command", "rule_id", "words_said"),
    [
        (under_investigation(policy=CLASSIC), rule("denied"), "C6.5", "the claim is to be answered by"),
        (
            under_investigation(policy=CLASSIC),
            deadline("answer_due", "claim-1", CLAIM_BY),
            "C6.5",
            "was to be answered by 21 March 2021, 03:00 (GMT-07:00), and was not",
        ),
        (under_investigation(answer(), policy=CLASSIC), rule("denied"), "C6.5", "in time (until"),
        (
            under_investigation(answer(at=CLAIM_BY + INSTANT), policy=CLASSIC),
            deadline("answer_due", "claim-1", CLAIM_BY),
            "C6.5",
            "answered the claim only on",
        ),
        (broken(*ASKED_BACK), rule("denied", at=FILED + 3 * DAY), "C6.5", "is to refund it by"),
        (
            broken(*ASKED_BACK),
            deadline("return_refund_due", "claim-1", REFUND_BY),
            "C6.5",
            "has it back since 16 March 2021, 03:00 (GMT-07:00), and did not refund it by",
        ),
        (
            broken(*ASKED_BACK, deadline("return_refund_due", "claim-1", REFUND_BY)),
            refunded(PAID, at=REFUND_BY),
            "C6.5",
            "refunded it on 18 March 2021, 03:00 (GMT-07:00), in time",
        ),
        (
            broken(*ASKED_BACK, refunded(PAID - 100, at=REFUND_BY)),
            deadline("return_refund_due", "claim-1", REFUND_BY),
            "C1",
            "$25.98 was refunded since the claim was filed",
        ),
        (under_investigation(), rule("refused"), "C4", "no clear justification"),
        (under_investigation(), rule("refused"), "C9", "refused the claim by judgement"),
        (
            under_investigation(),
            rule("refused", reasons=("return_policy_not_followed",)),
            "C4",
            "return policy was not followed",
        ),
        (ON_APPEAL, review(), "C12", "lets the first decision stand"),
        (ON_APPEAL, review(), "C11", "the seller appealed on 16 March 2021, 03:00 (GMT-07:00), in time"),
        (
            ON_APPEAL,
            review(money=True, defect=True),
            "C12",
            "gets back $26.98, which the marketplace bears, and",
        ),
        (ON_APPEAL, review(money=True), "C12", "it still counts as a defect"),
        (ON_APPEAL, review(defect=True), "C12", "the debit of $26.98 stands"),
        (
            under_investigation(rule("denied"), appeal(actor=BUYER)),
            review(money=True, amount=700),
            "C12",
            "reverses the first decision and grants $7.00",
        ),
        (under_investigation(rule("denied"), appeal(actor=BUYER)), review(), "C11", "the buyer appealed on"),
        (contacted(charged_back(at=FILED)), file_claim(), "C16", "no chargeback is open"),
        (broken(), damaged(at=FILED + 40 * DAY), "C4", "the item is sent back by 9 April 2021, 00:00"),
    ],
)
def test_what_comes_after_the_filing_has_its_words_too(
    story: Story, command: Input, rule_id: str, words_said: str
) -> None:
    at = getattr(command, "at", None) or getattr(command, "due_at", None) or command.source.at  # type: ignore[union-attr]
    said = [text for text in read(story, command, now=at) if text.startswith(f"{rule_id} ")]
    assert words_said in " ".join(said)


def test_of_a_clock_that_was_stopped_too_late_both_times_are_named() -> None:
    late = refunded(PAID, at=REFUND_BY + HOUR)
    story = broken(*ASKED_BACK, deadline("return_refund_due", "claim-1", REFUND_BY), late)
    assert story.state is not None
    at = desk(story, REFUND_BY + DAY)
    case = at.state.decided.claims[0].case
    finding = gather.ground("C6.5", at.subject(case), case, at.policy(case), at.now)
    (said,) = explain((finding,), LOS_ANGELES, "en")
    assert "refunded it only on 18 March 2021, 04:00 (GMT-07:00), after" in said


def test_an_appeal_that_was_not_in_order_would_say_so() -> None:
    told = ON_APPEAL.when(review(), now=FILED + 3 * DAY)
    (found,) = (each for each in told.the(AppealUpheld).explanation if each.rule == "C11")
    (said,) = explain((found._replace(holds=False),), LOS_ANGELES, "en")
    assert "was not in order" in said


def test_some_rules_say_a_reason_in_their_own_words() -> None:
    assert all(reason in REFUSALS for _, reason in BY_RULE)
    said = words(Refusal("C11", "too_late", until=UNTIL), LOS_ANGELES)
    assert said.en == "It is too late to appeal: that was possible until 9 June 2021, 00:00 (GMT-07:00)."
    assert CHINESE.search(words(Refusal("C8", "amount_exceeds_left"), LOS_ANGELES).zh)


def test_a_missed_request_is_named_with_its_times() -> None:
    story = under_investigation(ask(at=FILED))
    fired = deadline("information_due", "ask-1", FILED + WINDOW)
    assert sentence("C6.5", read(story, fired, now=FILED + WINDOW)) == (
        "C6.5 holds: the seller was asked for information on 14 March 2021, 03:00 (GMT-07:00) and gave none by "
        "16 March 2021, 03:00 (GMT-07:00)."
    )


def test_a_void_says_what_was_granted_by_and_that_the_answer_was_read_late() -> None:
    story = after(received(), released(), shipped(), delivered(), wrote(), not_found())
    said = sentence("C6", read(story, answered(at=ANSWER_BY), now=FILED + HOUR))
    assert "was granted on 14 March 2021, 03:00 (GMT-07:00) by C6.2" in said
    assert said.endswith("The answer was read more than ten minutes after its date.")


def test_an_answer_that_counts_by_a_date_long_before_it_was_read_is_marked() -> None:
    """Also where it was read before the decision, so that nothing had to be taken back."""
    late = "The answer was read more than ten minutes after its date."
    story = contacted(delivered()).when(answered(at=ANSWER_BY), now=ANSWER_BY + 10 * MINUTE)
    assert late not in sentence("C6.2", read(story, not_found(), rule("denied")))
    story = contacted(delivered()).when(answered(at=ANSWER_BY), now=ANSWER_BY + 10 * MINUTE + INSTANT)
    assert sentence("C6.2", read(story, not_found(), rule("denied"))).endswith(late)
    story = under_investigation(ask(at=FILED)).when(provide(at=FILED + HOUR), now=FILED + 2 * HOUR)
    assert sentence("C6.5", read(story, rule("denied"))).endswith(late)


@pytest.mark.parametrize("reason", CHECKS)
def test_a_requirement_that_is_met_or_not_is_said_with_its_facts(reason: str) -> None:
    """Also where a fact is not there, such as a contact that the buyer never opened."""
    story = after(received(), released())
    told = story.when(file_claim(actor=BUYER), now=FILED)
    (refused,) = (event for event in told.events if hasattr(event, "explanation"))
    found = {
        next(fact.value for fact in finding.facts if fact.name == "requirement"): finding
        for finding in refused.explanation
    }
    if reason in found:
        (said,) = explain((found[reason],), LOS_ANGELES, "en")
        assert "met:" in said


def test_all_grounds_are_told_of() -> None:
    assert [text.split(" ")[0] for text in read(contacted(), file_claim())][:5] == list(GROUNDS)
