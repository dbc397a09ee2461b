"""Currencies, and a guess of a home's currency from its time zone."""

CURRENCIES = [
    "THB", "USD", "EUR", "GBP", "JPY", "SGD", "AUD", "CHF", "INR", "VND", "CAD", "CNY", "HKD", "IDR", "KRW", "LAK",
    "MMK", "MXN", "MYR", "NZD", "PHP", "SEK", "TWD", "ZAR",
]  # fmt: skip

CURRENCY_OF_ZONE = {
    "Asia/Bangkok": "THB",
    "Asia/Calcutta": "INR",
    "Asia/Ho_Chi_Minh": "VND",
    "Asia/Hong_Kong": "HKD",
    "Asia/Jakarta": "IDR",
    "Asia/Kolkata": "INR",
    "Asia/Kuala_Lumpur": "MYR",
    "Asia/Manila": "PHP",
    "Asia/Saigon": "VND",
    "Asia/Seoul": "KRW",
    "Asia/Shanghai": "CNY",
    "Asia/Singapore": "SGD",
    "Asia/Taipei": "TWD",
    "Asia/Tokyo": "JPY",
    "Asia/Vientiane": "LAK",
    "Asia/Yangon": "MMK",
    "Africa/Johannesburg": "ZAR",
    "America/Mexico_City": "MXN",
    "America/Toronto": "CAD",
    "America/Vancouver": "CAD",
    "Europe/London": "GBP",
    "Europe/Stockholm": "SEK",
    "Europe/Zurich": "CHF",
    "Pacific/Auckland": "NZD",
}
CURRENCY_OF_REGION = {"Europe": "EUR", "Australia": "AUD"}


def guess_currency(zone: str) -> str:
    """Return the likely currency of a time zone; USD if unknown. The home's settings can change it."""
    return CURRENCY_OF_ZONE.get(zone) or CURRENCY_OF_REGION.get(zone.partition("/")[0], "USD")
