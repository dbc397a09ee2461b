"""Currencies, and a guess of a home's currency from its time zone."""

from babel.core import get_global
from babel.numbers import get_territory_currencies

CURRENCIES = [
    "THB", "USD", "EUR", "GBP", "JPY", "SGD", "AUD", "CHF", "INR", "VND", "CAD", "CNY", "HKD", "IDR", "KRW", "LAK",
    "MMK", "MXN", "MYR", "NZD", "PHP", "SEK", "TWD", "ZAR",
]  # fmt: skip


def guess_currency(zone: str) -> str:
    """Return the currency of the time zone's country; USD if unknown. The home's settings can change it."""
    territory = get_global("zone_territories").get(get_global("zone_aliases").get(zone, zone), "")
    return next(iter(get_territory_currencies(territory)), "USD")
