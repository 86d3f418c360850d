"""How instants, dates, money and what people wrote look in a mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, get_currency_symbol
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from services.notifications.domain.mails import Item, Money, Quoted

ITEMS_SHOWN_MAX = 20
_LOCALES = {"en": Locale("en"), "zh": Locale("zh", script="Hans")}
_INSTANTS = {"en": "EEEE, MMMM d, y 'at' HH:mm (zzzz)", "zh": "y年M月d日EEEE HH:mm（zzzz）"}
_DAYS = {"en": "EEEE, MMMM d, y", "zh": "y年M月d日EEEE"}
# ISO 4217: how many digits an amount's smallest unit has behind the point, where it is not two.
_MINOR_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX"), 0),
    **dict.fromkeys(("VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_BETWEEN_HAN = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\s*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")
_SPACE = re.compile(r"\s+")
_MINUTE = timedelta(minutes=1)


def one_line(text: str) -> str:
    """Put text on one line, however a template or a person wrapped it; Chinese is wrapped without spaces."""
    line = _SPACE.sub(" ", _BETWEEN_HAN.sub("", str(text))).strip()
    return Markup(line) if isinstance(text, Markup) else line  # noqa: S704  it was markup before


@pass_context
def instant(context: Context, at: datetime) -> str:
    """Write an instant, to the minute that has begun: who acts until then is never late."""
    local = at.astimezone(ZoneInfo(context["time_zone"]))
    return str(
        format_datetime(local, _INSTANTS[context["language"]], tzinfo=local.tzinfo, locale=_locale(context))
    )


@pass_context
def from_instant(context: Context, at: datetime) -> str:
    """Write an instant from which something is possible, to the next whole minute: never too early."""
    begun = at.replace(second=0, microsecond=0)
    return instant(context, begun if begun == at else begun + _MINUTE)


@pass_context
def day(context: Context, on: date) -> str:
    """Write a date."""
    return str(format_date(on, _DAYS[context["language"]], locale=_locale(context)))


@pass_context
def day_of(context: Context, at: datetime) -> str:
    """Write the date of an instant, in the marketplace's time zone."""
    return day(context, at.astimezone(ZoneInfo(context["time_zone"])).date())


@pass_context
def money(context: Context, amount: Money) -> str:
    """Write an amount as its currency is written, with all its digits."""
    digits = _MINOR_DIGITS.get(amount.currency, 2)
    value = Decimal(amount.amount_minor).scaleb(-digits)
    locale = _locale(context)
    form = locale.currency_formats["standard"].pattern.replace("0.00", f"0.{'0' * digits}".rstrip("."))
    if get_currency_symbol(amount.currency, locale)[-1].isalpha():
        form = form.replace("¤", "¤\xa0")
    return str(format_currency(value, amount.currency, form, locale=locale, currency_digits=False))


@pass_context
def shown(context: Context, items: Sequence[Item]) -> Sequence[str]:
    """List items, as many as a mail can show, and how many there are besides."""
    lines = [f"{item.quantity} × {item.title}" for item in items[:ITEMS_SHOWN_MAX]]
    more = len(items) - len(lines)
    if more > 0:
        lines.append(f"以及另外 {more} 种商品" if context["language"] == "zh" else f"and {more} more")
    return lines


def texts(quoted: Sequence[Quoted]) -> Sequence[str]:
    """List what somebody wrote; what was cut ends in an ellipsis."""
    return [f"{each.text or ''}{'…' if each.is_cut else ''}" for each in quoted]


def sentence(rule: str, sentences: Mapping[str, str]) -> str:
    """Say a rule in words."""
    return sentences[rule]


def _locale(context: Context) -> Locale:
    return _LOCALES[context["language"]]


FILTERS: Mapping[str, Callable[..., Any]] = {
    "one_line": one_line,
    "instant": instant,
    "from_instant": from_instant,
    "day": day,
    "day_of": day_of,
    "money": money,
    "shown": shown,
    "texts": texts,
    "sentence": sentence,
}
"""Every filter that a template may use."""
