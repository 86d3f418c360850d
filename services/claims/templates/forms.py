"""Instants, days and money as people write them (N2): in the marketplace's time zone and the currency's form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, TypeAlias

from babel.core import Locale
from babel.dates import format_date, format_datetime, get_timezone
from babel.numbers import format_currency, get_currency_precision

from services.claims.domain.money import Money

Language: TypeAlias = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

_LOCALES: Mapping[Language, Locale] = {"en": Locale("en"), "zh": Locale("zh", script="Hans")}
_INSTANT: Mapping[Language, str] = {"en": "d MMMM y, HH:mm (ZZZZ)", "zh": "y年M月d日HH:mm（ZZZZ）"}
_DAY: Mapping[Language, str] = {"en": "d MMMM y", "zh": "y年M月d日"}


def instant(at: datetime, zone: str, language: Language) -> str:
    """Write an instant with its time zone: nobody has to guess."""
    return format_datetime(at, _INSTANT[language], tzinfo=get_timezone(zone), locale=_LOCALES[language])


def day(when: date, language: Language) -> str:
    """Write a day."""
    return format_date(when, _DAY[language], locale=_LOCALES[language])


def money(amount: Money, language: Language) -> str:
    """Write an amount with as many decimals as its currency has."""
    value = Decimal(amount.amount_minor).scaleb(-get_currency_precision(amount.currency))
    return format_currency(value, amount.currency, locale=_LOCALES[language])
