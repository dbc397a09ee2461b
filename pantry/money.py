"""Currencies, and a guess of a home's currency from its time zone."""

from babel.core import get_global
from babel.numbers import get_territory_currencies

CURRENCIES = [
    "THB", "USD", "EUR", "GBP", "JPY", "SGD", "AUD", "CHF", "INR", "VND", "CAD", "CNY", "HKD", "IDR", "KRW", "LAK",
    "MMK", "MXN", "MYR", "NZD", "PHP", "SEK", "TWD", "ZAR",
]  # fmt: skip


def guess_currency(zone: str) -> str:
    """Return the likely currency of a time zone, one of CURRENCIES. The home's settings can change it."""
    territory = get_global("zone_territories").get(get_global("zone_aliases").get(zone, zone), "")
    likely = [code for code in get_territory_currencies(territory) if code in CURRENCIES]
    return likely[0] if likely else "EUR" if zone.startswith("Europe/") else "USD"
