"""What our services say, as a sentence for people, in both languages: one for every message, from its fields alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from services.claims.domain.money import Money
from services.claims.templates.forms import LANGUAGES, Language, day, instant, money
from services.cli.sentences import SENTENCES, WORDS

__all__ = ["LANGUAGES", "SENTENCES", "Language", "amount_of", "tell"]


def tell(type_: str, data: Mapping[str, Any], zone: str, language: Language) -> str:
    """Write a message as a sentence, with instants in this time zone; a type without one by its name."""
    words = SENTENCES.get(type_)
    if words is None:
        return type_
    template = words.en if language == "en" else words.zh
    return template.format_map(_Fields(data, zone, language))


def amount_of(value: Mapping[str, Any], language: Language) -> str:
    """Write an amount as people do."""
    return money(Money(value["amount_minor"], value["currency"]), language)


class _Fields(dict[str, str]):
    """What a sentence names, read from the message when it is named; `name_word` is looked up in a list of words."""

    def __init__(self, data: Mapping[str, Any], zone: str, language: Language) -> None:
        super().__init__()
        self._data = data
        self._zone = zone
        self._language = language

    def __missing__(self, name: str) -> str:
        if name.endswith("_word"):
            field = name.removesuffix("_word")
            return _word(field, self._data.get(field), self._language)
        return _FORMS.get(name, _plain)(self._data.get(name), self._zone, self._language)


def _plain(value: Any, _zone: str, _language: Language) -> str:
    return "—" if value is None else str(value)


def _instant(value: Any, zone: str, language: Language) -> str:
    return instant(datetime.fromisoformat(value), zone, language) if value else "—"


def _day(value: Any, _zone: str, language: Language) -> str:
    return day(date.fromisoformat(value), language) if value else "—"


def _amount(value: Any, _zone: str, language: Language) -> str:
    return amount_of(value, language) if value else "—"


def _list(value: Any, _zone: str, language: Language) -> str:
    return {"en": ", ", "zh": "、"}[language].join(str(each) for each in value or ()) or "—"


def _why(value: Any, _zone: str, language: Language) -> str:
    return str(value[language]) if value else "—"


_RATES: Mapping[str, Mapping[Language, str]] = {
    "order_defect_rate": {"en": "orders with a defect", "zh": "有缺陷的订单"},
    "pre_fulfilment_cancel_rate": {"en": "canceled before shipping", "zh": "发货前取消"},
    "answered_in_time_rate": {"en": "answered in time", "zh": "按时回复"},
}


def _rates(value: Any, _zone: str, language: Language) -> str:
    shares = {name: f"{rate['numerator']}/{rate['denominator']}" for name, rate in (value or {}).items()}
    told = (f"{_RATES[name][language]} {share}" for name, share in shares.items() if name in _RATES)
    return {"en": ", ", "zh": "，"}[language].join(told) or "—"


_FORMS: Mapping[str, Callable[[Any, str, Language], str]] = {
    **dict.fromkeys(
        (
            "placed_at", "confirm_by", "requested_at", "delivered_at", "respond_by", "resolve_by", "responded_at",
            "resolved_at", "eligible_from", "until", "provided_at", "appeal_until", "answered_at", "due_at",
            "opened_at", "shipped_at", "send_by",
        ),
        _instant,
    ),
    **dict.fromkeys(("expected_ship_date", "delivery_from", "delivery_to", "promised_date"), _day),
    **dict.fromkeys(("amount", "compensation"), _amount),
    **dict.fromkeys(("rules", "questions", "reasons", "missing"), _list),
    "message": _why,
    "from": _instant,
    "rates": _rates,
}  # fmt: skip


def _word(field: str, value: Any, language: Language) -> str:
    words = WORDS.get(field, {}).get(str(value))
    return (words.en if language == "en" else words.zh) if words else str(value)
