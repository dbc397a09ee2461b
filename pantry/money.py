"""Currencies, and the formats of money and numbers in the active language."""

import re
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError, get_global
from babel.numbers import format_currency, format_decimal, get_territory_currencies
from django.utils.translation import get_language

CURRENCIES = [
    "THB", "USD", "EUR", "GBP", "JPY", "SGD", "AUD", "CHF", "INR", "VND", "CAD", "CNY", "HKD", "IDR", "KRW", "LAK",
    "MMK", "MXN", "MYR", "NZD", "PHP", "SEK", "TWD", "ZAR",
]  # fmt: skip


def parse_amount(text: str) -> str:
    """Return a written amount as a plain number. A comma before one or two last digits separates the decimals."""
    text = re.sub(r"[\s฿$€£]", "", text)
    if match := re.fullmatch(r"([\d.]+),(\d{1,2})", text):
        return f"{match[1].replace('.', '')}.{match[2]}"
    return text.replace(",", "")


def guess_currency(zone: str) -> str:
    """Return the likely currency of a time zone, one of CURRENCIES. The home's settings can change it."""
    territory = get_global("zone_territories").get(get_global("zone_aliases").get(zone, zone), "")
    likely = [code for code in get_territory_currencies(territory) if code in CURRENCIES]
    return likely[0] if likely else "EUR" if zone.startswith("Europe/") else "USD"


@lru_cache(maxsize=64)
def babel_locale(language: str | None) -> Locale:
    """Return Babel's locale of a Django language code; English if unknown."""
    try:
        return Locale.parse(language or "en", sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@lru_cache(maxsize=4096)
def _money(value: Decimal, currency: str, language: str | None) -> str:
    locale = babel_locale(language)
    is_whole = value == value.to_integral_value()
    pattern = locale.currency_formats["standard"].pattern
    text = format_currency(
        value, currency, pattern.replace(".00", "") if is_whole else None, locale=locale, currency_digits=not is_whole
    )
    return text.replace(currency, "฿") if currency == "THB" and "฿" not in text else text


def money(value: Decimal | None, currency: str) -> str:
    """Format an amount of money in the active language; whole amounts without decimals."""
    return "" if value is None else _money(Decimal(value), currency, get_language())


def number(value: Decimal | int | None) -> str:
    return "" if value is None else str(format_decimal(value, locale=babel_locale(get_language())))
