"""Money: whole smallest units of one currency."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.types import StringConstraints

from shared.contracts.data import INTEGER_MAX, OneOf, Part, Whole

# What is money somewhere today: no metals, no funds, no test codes.
_ISO_4217 = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD
HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD
LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK
PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = tuple(_ISO_4217.split())

Currency = Annotated[str, OneOf(CURRENCIES)]
"""An ISO 4217 code."""
CURRENCY_PATTERN = r"^[A-Z]{3}$"


class Money(Part):
    """An amount that may be impossible: a command with such an amount, or such a currency, is refused."""

    amount_minor: Whole
    currency: Annotated[str, StringConstraints(pattern=CURRENCY_PATTERN)]


class Price(Money):
    """An amount from upstream, where less than nothing cannot be."""

    amount_minor: Annotated[int, Field(ge=0, le=INTEGER_MAX)]
    currency: Currency
