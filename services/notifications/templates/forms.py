"""How instants, dates, money and what people wrote look in a mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
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
_MINUTE = timedelta(minutes=1)
_WRITTEN_MAX = 1000


def one_line(text: str) -> str:
    """Put text on one line, however a template or a person wrapped it; Chinese is wrapped without spaces."""
    plain = str(text)
    line = " ".join((plain if plain.isascii() else _BETWEEN_HAN.sub("", plain)).split())
    return Markup(line) if isinstance(text, Markup) else line  # noqa: S704  it was markup before


@pass_context
def instant(context: Context, at: datetime) -> str:
    """Write an instant, to the minute that has begun: who acts until then is never late."""
    return _instant(at.replace(second=0, microsecond=0), context["time_zone"], context["language"])


@pass_context
def from_instant(context: Context, at: datetime) -> str:
    """Write an instant from which something is possible, to the next whole minute: never too early."""
    begun = at.replace(second=0, microsecond=0)
    return instant(context, begun if begun == at else begun + _MINUTE)


@pass_context
def day(context: Context, on: date) -> str:
    """Write a date."""
    return _day(on, context["language"])


@pass_context
def day_of(context: Context, at: datetime) -> str:
    """Write the date of an instant, in the marketplace's time zone."""
    return day(context, at.astimezone(ZoneInfo(context["time_zone"])).date())


@pass_context
def money(context: Context, amount: Money) -> str:
    """Write an amount as its currency is written, with all its digits."""
    return _money(amount.amount_minor, amount.currency, context["language"])


# Text and page of a mail say the same, and many mails the same day: how it is written is worked out once.
@lru_cache(_WRITTEN_MAX)
def _instant(at: datetime, time_zone: str, language: str) -> str:
    local = at.astimezone(ZoneInfo(time_zone))
    form = _INSTANTS[language]
    return str(format_datetime(local, form, tzinfo=local.tzinfo, locale=_LOCALES[language]))


@lru_cache(_WRITTEN_MAX)
def _day(on: date, language: str) -> str:
    return str(format_date(on, _DAYS[language], locale=_LOCALES[language]))


@lru_cache(_WRITTEN_MAX)
def _money(amount_minor: int, currency: str, language: str) -> str:
    digits = _MINOR_DIGITS.get(currency, 2)
    value = Decimal(amount_minor).scaleb(-digits)
    locale = _LOCALES[language]
    form = locale.currency_formats["standard"].pattern.replace("0.00", f"0.{'0' * digits}".rstrip("."))
    if get_currency_symbol(currency, locale)[-1].isalpha():
        form = form.replace("¤", "¤\xa0")
    return str(format_currency(value, currency, form, locale=locale, currency_digits=False))


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
