"""N2: what people read, in both languages, as text and as a page.

The golden files are what every mail looks like. After a change that is meant, run these tests with
RECOURSE_WRITE_GOLDEN=1 and read the difference.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

import pytest

from services.notifications.domain import mails
from services.notifications.domain.mails import Item, Mail, Money, Quoted
from services.notifications.templates import Reader, Rendered, render
from shared.contracts import lists
from shared.contracts.money import CURRENCIES
from tests.unit.notifications.samples import CASES, SAMPLES

GOLDEN = Path(__file__).parent / "golden"
Language = Literal["en", "zh"]
BY_TEMPLATE = {template: CASES[template] for template in lists.TEMPLATES}


def rendered(mail: Mail, language: Language = "en", name: str = "Sample Person") -> Rendered:
    return render(mail, Reader(name, language, "America/Los_Angeles", "111-2233445"))


def golden(name: str, text: str) -> str:
    path = GOLDEN / name
    if os.environ.get("RECOURSE_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("case", CASES)
def test_every_mail_reads_as_its_golden_file(case: str, language: Language) -> None:
    found = rendered(CASES[case], language)
    name = f"{case}.{language}"
    assert f"{found.subject}\n\n{found.text}\n" == golden(f"{name}.txt", f"{found.subject}\n\n{found.text}\n")
    assert f"{found.html}\n" == golden(f"{name}.html", f"{found.html}\n")


def test_there_is_one_mail_and_one_sample_for_each_template_of_the_contracts() -> None:
    assert {mail.template for mail in SAMPLES} == set(lists.TEMPLATES)
    assert {type(mail) for mail in SAMPLES} == set(get_args(Mail))


def test_there_is_no_golden_file_of_a_mail_that_is_not_sent_any_more() -> None:
    names = {f"{case}.{language}" for case in CASES for language in get_args(Language)}
    assert {path.name for path in GOLDEN.iterdir()} == {
        f"{name}.{form}" for name in names for form in ("txt", "html")
    }


@pytest.mark.parametrize("mail", SAMPLES, ids=CASES)
def test_text_and_page_say_the_same(mail: Mail) -> None:
    for language in get_args(Language):
        found = rendered(mail, language)
        page = re.sub(r"<style.*?</style>|<title>.*?</title>|<[^>]+>", " ", found.html, flags=re.DOTALL)
        for escaped, plain in {"&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'", "&amp;": "&"}.items():
            page = page.replace(escaped, plain)
        text = re.sub(r"^(> |- |-- )", "", found.text, flags=re.MULTILINE)
        assert re.sub(r"\s+", "", page) == re.sub(r"\s+", "", text)


@pytest.mark.parametrize("mail", SAMPLES, ids=CASES)
def test_nothing_of_the_templates_is_left_and_no_english_is_in_a_chinese_mail(mail: Mail) -> None:
    for language in get_args(Language):
        found = rendered(mail, language)
        for part in (found.subject, found.text, found.html):
            assert not re.search(r"\{\{|\}\}|\{%|None|True|False|Undefined", part)
        assert "\n" not in found.subject
    chinese = rendered(mail, "zh", "样").text
    for theirs in ("A blue mug", 'Tea pot "Café" & <lid>', "Ground", "claim-1", "US", *_QUOTED):
        chinese = chinese.replace(theirs, "")
    assert not re.search(r"[A-Za-z]{2,}", chinese)


_QUOTED = (
    "Where is my parcel?",
    "It should have come <b>yesterday</b>.",
    "Did you ask your neighbours?",
    "Where was the parcel left?",
    "Who signed for it",
    "There is no proof of delivery.",
    "The photograph is new.",
    "The photograph shows another item.",
    "It was signed for.",
    "Send it to our shop.",
    "It was used for a year.",
    "It is broken.",
    "The handle came off.",
)


@pytest.mark.parametrize("language", get_args(Language))
def test_a_deadline_is_an_instant_with_its_zone_and_never_so_many_hours(language: Language) -> None:
    text = rendered(BY_TEMPLATE["buyer_message"], language).text
    instant = {
        "en": "Saturday, March 14, 2026 at 09:05 (Pacific Daylight Time)",
        "zh": "2026年3月14日星期六 09:05（北美太平洋夏令时间）",
    }
    assert instant[language] in text
    assert "48" not in text


def test_what_begins_is_told_to_the_next_minute_and_what_ends_to_the_last() -> None:
    at = datetime(2026, 3, 14, 16, 5, 0, 1, tzinfo=UTC)
    text = rendered(mails.FilingOpened(eligible_from=at, until=at)).text
    assert "from: Saturday, March 14, 2026 at 09:06" in text
    assert "until: Saturday, March 14, 2026 at 09:05" in text


@pytest.mark.parametrize(
    ("zone", "en", "zh"),
    [
        (
            "Asia/Shanghai",
            "Sunday, March 15, 2026 at 00:05 (China Standard Time)",
            "2026年3月15日星期日 00:05（中国标准时间）",
        ),
        (
            "Asia/Tokyo",
            "Sunday, March 15, 2026 at 01:05 (Japan Standard Time)",
            "2026年3月15日星期日 01:05（日本标准时间）",
        ),
    ],
)
def test_a_deadline_is_in_the_marketplaces_zone_and_names_it(zone: str, en: str, zh: str) -> None:
    reminder = BY_TEMPLATE["deadline_reminder"]
    for language, instant in zip(get_args(Language), (en, zh), strict=True):
        assert instant in render(reminder, Reader("", language, zone, "order-1")).text


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 3, 8, 9, 59, tzinfo=UTC), "March 8, 2026 at 01:59 (Pacific Standard Time)"),
        (datetime(2026, 3, 8, 10, 0, tzinfo=UTC), "March 8, 2026 at 03:00 (Pacific Daylight Time)"),
        (datetime(2026, 11, 1, 8, 30, tzinfo=UTC), "November 1, 2026 at 01:30 (Pacific Daylight Time)"),
        (datetime(2026, 11, 1, 9, 30, tzinfo=UTC), "November 1, 2026 at 01:30 (Pacific Standard Time)"),
        (datetime(2028, 2, 29, 20, 0, tzinfo=UTC), "February 29, 2028 at 12:00 (Pacific Standard Time)"),
    ],
)
def test_at_a_change_of_summer_time_and_on_a_leap_day_a_deadline_is_still_one_instant(
    at: datetime, expected: str
) -> None:
    assert expected in rendered(mails.ShipByWarning(at)).text


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("case", CASES)
def test_no_mail_gives_a_time_as_so_many_hours_or_days(case: str, language: Language) -> None:
    found = rendered(CASES[case], language)
    assert not re.search(r"[0-9]+ ?(hours?|days?|h\b|小时|天)", f"{found.subject} {found.text}")


def test_dates_are_those_of_the_marketplace() -> None:
    confirmation = BY_TEMPLATE["order_confirmation"]
    there = render(confirmation, Reader("", "en", "Asia/Tokyo", "order-1")).text
    assert "Monday, March 9, 2026" in rendered(confirmation).text
    assert "Tuesday, March 10, 2026" in there


@pytest.mark.parametrize(
    ("amount", "en", "zh"),
    [
        (Money(2499, "USD"), "$24.99", "US$24.99"),
        (Money(123456, "CNY"), "CN¥1,234.56", "¥1,234.56"),
        (Money(1999, "JPY"), "¥1,999", "JP¥1,999"),
        (Money(1999, "KWD"), "KWD 1.999", "KWD 1.999"),
        (Money(100000, "HUF"), "HUF 1,000.00", "HUF 1,000.00"),
    ],
)
def test_money_has_its_currencys_form_and_all_its_digits(amount: Money, en: str, zh: str) -> None:
    for language, expected in (("en", en), ("zh", zh)):
        mail = mails.OrderCanceled((), is_whole=True, reason="seller", amount=amount)
        text = rendered(mail, "en" if language == "en" else "zh").text.replace("\xa0", " ")
        assert expected in text


@pytest.mark.parametrize("currency", CURRENCIES)
def test_money_can_be_written_in_every_currency(currency: str) -> None:
    mail = mails.OrderCanceled((), is_whole=True, reason="seller", amount=Money(10**15, currency))
    assert "0" in rendered(mail, "zh").text


def test_what_people_wrote_is_no_markup_in_the_page() -> None:
    evil = '<img src=x onerror="alert(1)">'
    mail = mails.BuyerMessage("other", Quoted(evil), 0, is_from_support=False, respond_by=None)
    found = rendered(mail, name=evil)
    assert "<img" not in found.html
    assert found.text.count(evil) == 2


def test_only_so_many_items_are_listed() -> None:
    many = mails.AutomaticCancellation(tuple(Item(f"Mug {n}", 1) for n in range(23)), is_whole=True)
    assert "Mug 19\n- and 3 more\n" in rendered(many).text
    assert "Mug 19\n- 以及另外 3 种商品\n" in rendered(many, "zh").text


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("reason", lists.CANCELLATION_REASONS)
def test_every_cancellation_says_why(reason: str, language: Language) -> None:
    mail = mails.OrderCanceled((), is_whole=False, reason=reason, amount=Money(0, "USD"))
    assert rendered(mail, language).text


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("reason", [None, *lists.CLAIM_REASONS])
def test_every_reason_of_a_claim_has_words(reason: str | None, language: Language) -> None:
    claim = BY_TEMPLATE["claim_filed"]
    assert isinstance(claim, mails.ClaimFiled)
    assert rendered(replace(claim, reason=reason), language).text


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("rule", ["C6.1", "C6.2", "C6.3", "C6.4", "C6.5"])
def test_every_ground_of_an_automatic_grant_is_said(rule: str, language: Language) -> None:
    decision = BY_TEMPLATE["decision_to_buyer"]
    assert isinstance(decision, mails.DecisionToBuyer)
    none, one = (
        rendered(replace(decision, rules=rules), language).text.count("\n- ") for rules in ((), (rule,))
    )
    assert (none, one) == (0, 1)


def test_who_was_paid_before_is_told_what_is_paid_now() -> None:
    decision = BY_TEMPLATE["decision_to_buyer"]
    assert isinstance(decision, mails.DecisionToBuyer)
    rest = rendered(replace(decision, paid_now=Money(499, "USD"))).text
    nothing = rendered(replace(decision, paid_now=Money(0, "USD"))).text
    assert "You get $24.99 in all." in rest
    assert "you will be paid $4.99 now" in rest
    assert "nothing more will be paid" in nothing


def test_a_mail_greets_also_whom_it_has_no_name_of() -> None:
    assert rendered(SAMPLES[0], "en", "").text.startswith("Hello,\n")
    assert rendered(SAMPLES[0], "zh", "").text.startswith("您好：\n")


def test_a_long_order_id_makes_no_endless_subject() -> None:
    found = render(SAMPLES[0], Reader("", "en", "Asia/Tokyo", "o" * 200))
    assert len(found.subject) <= 200
