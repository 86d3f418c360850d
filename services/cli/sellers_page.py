"""A seller's health as a page of text, with a small drawing of each rate's days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from services.claims.templates.forms import day as day_told
from services.cli import times
from services.cli.sellers import Behind, Day, Listed, RateReport, SellerReport
from services.cli.telling import Language
from shared.contracts.data import Words

_STEPS = "▁▂▃▄▅▆▇█"
_NO_DAY = "·"
ORDERS_NAMED_MAX = 5

_WORDS: Mapping[str, Words] = {
    "title": Words(en="Seller {seller}, {at} ({where})", zh="卖家 {seller}，{at}（{where}）"),
    "order_defect_rate": Words(en="Orders with a defect", zh="订单缺陷率"),
    "pre_fulfilment_cancel_rate": Words(en="Canceled before fulfilment", zh="配送前取消率"),
    "answered_in_time_rate": Words(en="Contacts answered in time", zh="按时回复率"),
    "of": Words(en="{numerator} of {denominator}", zh="{denominator} 中的 {numerator}"),
    "below": Words(en="should be below {target}", zh="目标：低于 {target}"),
    "at_least": Words(en="should be at least {target}", zh="目标：不低于 {target}"),
    "met": Words(en="met", zh="达标"),
    "missed": Words(en="MISSED", zh="未达标"),
    "nothing": Words(en="nothing to count", zh="暂无数据"),
    "days": Words(en="{first} to {last}", zh="{first}至{last}"),
    "against": Words(en="counted against it:", zh="计入的项目："),
    "nobody": Words(en="nothing counts against it", zh="没有计入的项目"),
    "made_of": Words(en="also made of: {orders}", zh="还包括：{orders}"),
    "more": Words(en="… and more", zh="……等"),
    "taken_back": Words(en="taken back", zh="已撤销"),
    "submitted": Words(en="contested", zh="已提出异议"),
    "under_review": Words(en="contested, under review", zh="异议审核中"),
    "accepted": Words(en="contest accepted", zh="异议已采纳"),
    "rejected": Words(en="contest rejected", zh="异议未采纳"),
    "claim_granted": Words(en="a claim granted at the seller's cost", zh="由卖家承担的索赔"),
    "claim_refunded": Words(en="a claim that the seller refunded", zh="卖家退款的索赔"),
    "negative_feedback": Words(en="negative feedback", zh="负面反馈"),
    "chargeback_lost": Words(en="a chargeback lost", zh="败诉的拒付"),
    "cancellation": Words(en="canceled", zh="取消"),
    "late_answer": Words(en="not answered in time", zh="未按时回复"),
}


def page(report: SellerReport, language: Language) -> Iterator[str]:
    """Write the report, a line at a time."""
    where = ", ".join(report.marketplaces)
    yield _word("title", language, seller=report.seller_id, at=times.shown(report.as_of), where=where)
    for rate in report.rates:
        yield ""
        yield from _rate(rate, language)


def _rate(rate: RateReport, language: Language) -> Iterator[str]:
    target = "at_least" if rate.measured.is_best_high else "below"
    judged = _word("met" if rate.is_met else "missed", language)
    wanted = _word(target, language, target=_percent(rate.rate.target))
    yield f"{_word(rate.measured.name, language)}: {_share(rate, language)} · {wanted} · {judged}"
    yield f"  {drawing(rate.trend)}  {_days(rate.rate.first, rate.rate.last, language)}"
    yield from _against(rate.against, language)
    if rate.of.rows:
        yield f"  {_word('made_of', language, orders=_named(rate.of, language))}"


def _share(rate: RateReport, language: Language) -> str:
    if rate.share is None:
        return _word("nothing", language)
    numbers = (f"{rate.rate.numerator:,}", f"{rate.rate.denominator:,}")
    told = _word("of", language, numerator=numbers[0], denominator=numbers[1])
    return f"{_percent(rate.share)} ({told})"


def _percent(share: float) -> str:
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + " %"


def _days(first: date, last: date, language: Language) -> str:
    return _word("days", language, first=day_told(first, language), last=day_told(last, language))


def drawing(trend: Sequence[Day]) -> str:
    """Draw a rate's days, the highest as high as can be; a dot is a day of which there is nothing."""
    shares = [day.numerator / day.denominator if day.denominator else None for day in trend]
    highest = max((share for share in shares if share is not None), default=0.0) or 1.0
    return "".join(
        _NO_DAY if share is None else _STEPS[round(share / highest * (len(_STEPS) - 1))] for share in shares
    )


def _against(listed: Listed, language: Language) -> Iterator[str]:
    if not listed.rows:
        yield f"  {_word('nobody', language)}"
        return
    yield f"  {_word('against', language)}"
    for row in listed.rows:
        yield f"    {row.day}  {row.order_id}  {_told(row, language)}"
    if listed.has_more:
        yield f"    {_word('more', language)}"


def _told(row: Behind, language: Language) -> str:
    about = next((f" {each}" for each in (row.claim_id, row.contact_id) if each), "")
    states = [row.contest] if row.contest else []
    states += ["taken_back"] if not row.stands else []
    fate = f" ({', '.join(_word(state, language) for state in states)})" if states else ""
    return f"{_word(row.counts, language)}{about}{fate}  [{row.name}]"


def _named(listed: Listed, language: Language) -> str:
    names = list(dict.fromkeys(row.order_id for row in listed.rows))
    more = listed.has_more or len(names) > ORDERS_NAMED_MAX
    return ", ".join(names[:ORDERS_NAMED_MAX]) + (f" {_word('more', language)}" if more else "")


def _word(name: str, language: Language, **values: str) -> str:
    words = _WORDS[name]
    return (words.en if language == "en" else words.zh).format(**values)
