"""Which money a new home counts in, guessed from where its clock hangs."""

CURRENCIES = [
    "THB", "USD", "EUR", "GBP", "JPY", "SGD", "AUD", "CHF", "INR", "VND", "CAD", "CNY", "HKD", "IDR", "KRW", "LAK",
    "MMK", "MXN", "MYR", "NZD", "PHP", "SEK", "TWD", "ZAR",
]  # fmt: skip

OF_ZONE = {
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
OF_REGION = {"Europe": "EUR", "Australia": "AUD"}


def guess_currency(zone: str) -> str:
    """Only a guess, which the home's settings change: dollars where nothing better is known."""
    return OF_ZONE.get(zone) or OF_REGION.get(zone.partition("/")[0], "USD")
