"""Currencies, and the formats of money and numbers in the active language."""

import re
from decimal import Decimal
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError, get_global
from babel.numbers import format_currency, format_decimal, get_decimal_symbol, get_territory_currencies
from django.utils.translation import get_language

from pantry.spoken import with_digits

CURRENCIES = [
    "THB", "USD", "EUR", "GBP", "JPY", "SGD", "AUD", "CHF", "INR", "VND", "CAD", "CNY", "HKD", "IDR", "KRW", "LAK",
    "MMK", "MXN", "MYR", "NZD", "PHP", "SEK", "TWD", "ZAR",
]  # fmt: skip


NUMBER = (  # groups of digits have the same mark between them, and decimals another
    r"(?:\d{1,3}(?:,\d{2,3}){0,4},\d{3}(?:\.\d{1,9})?(?!\d|[.,]\d)|\d{1,3}(?:\.\d{2,3}){0,4}\.\d{3}(?:,\d{1,9})?(?!\d|[.,]\d)"
    r"|\d{1,12}(?:[.,]\d{1,9})?(?![.,]?\d)|\.\d{1,9})"
)
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_LETTER = re.compile(r"[^\W\d_]")
MAX_MONEY_CHARS = 100  # a form may send a million, with spaces between number and sign
_GROUP_SPACE = re.compile("(?<=\\d)(?:[\u00a0\u2009\u202f'’](?=\\d{3}(?!\\d))| (?=000(?!\\d)))")
# The signs and words of currencies. Several share the dollar.
_CURRENCY_WORDS = {
    word: codes
    for codes, words in {
        "THB": "฿ baht bath bht b บาท บ. บ", "USD SGD AUD CAD HKD NZD MXN TWD": "$ dollar dollars buck bucks",
        "USD": "us$", "SGD": "s$", "AUD": "a$", "CAD": "c$ ca$", "HKD": "hk$", "NZD": "nz$", "MXN": "mx$", "TWD": "nt$",
        "EUR": "€ euro euros", "GBP": "£ pound pounds quid", "JPY CNY": "¥ yen yuan rmb",
        "INR": "₹ rs. rs rupee rupees", "VND": "₫ đ dong", "IDR": "rp. rp rupiah", "KRW": "₩ won",
        "PHP MXN": "₱ peso pesos", "CHF": "fr. fr sfr francs franken",
        "SEK": "kr kronor", "MYR": "rm ringgit", "ZAR": "r rand", "LAK": "₭ kip", "MMK": "kyat kyats",
    }.items()
    for word in words.split()
} | {code.casefold(): code for code in CURRENCIES}  # fmt: skip
CURRENCY = "|".join(re.escape(word) for word in sorted(_CURRENCY_WORDS, key=len, reverse=True))
_MONEY = re.compile(
    rf"(?P<before>{CURRENCY})?\s*(?P<number>{NUMBER})(?:[.,][-–]|/[-=])?\s*(?P<after>{CURRENCY})?", re.I
)
# “4 pounds 80”, “6 dollars and 12 cents”, “8 euros con 75”
_MIXED = re.compile(
    rf"(?P<whole>\d{{1,6}})\s*(?P<sign>{CURRENCY})\s*(?:and |con |y |und )?"
    r"(?P<cents>\d{2})\s*(?:p|pence|cents?|c|centavos|céntimos)?",
    re.I,
)
_CENTS = re.compile(r"(?P<cents>\d{1,2})\s*(?P<sign>p|pence|cents?|c|¢|céntimos?|centavos?)", re.I)
_PENCE = frozenset(("p", "pence"))
_TWO_NUMBERS = re.compile(r"(?P<whole>\d{1,3}) (?:con |y )?(?P<cents>\d{2})")  # “six fifty”
# Currencies in which “six fifty” is 6.50. In others it can also be 650.
_WITH_CENTS = frozenset(["USD", "EUR", "GBP", "AUD", "CAD", "NZD", "CHF", "SGD"])
_ONE = re.compile(rf"\A(?:an?|one|einen?|una?)\s+(?=(?:{CURRENCY})\b)", re.I)
_SIGN_FIRST = re.compile(r"(?:pounds?|quid|dollars?|bucks?|euros?|rupees?|francs?|pesos?|rand|baht|บาท)\s*\d", re.I)
_BANKNOTES = {"a fiver": "5 pounds", "fiver": "5 pounds", "a tenner": "10 pounds", "tenner": "10 pounds"}


def join_groups(text: str) -> str:
    """Remove apostrophes and spaces that can only stand between groups of digits: “1’500”, “10 000”."""
    return _GROUP_SPACE.sub("", text)


def parse_number(text: str, group_marks: str = "") -> Decimal | None:
    """Return the number written as “1.5”, “1,5”, “1.500,50” or “1’500”; None if it is none.

    The last mark separates the decimals. Before three digits it separates groups if it stands more than once, or is one
    of `group_marks`, by default the one that is not the active language's decimal mark: in English, “1,500” is 1500.
    """
    text = join_groups(text.strip())
    if not re.fullmatch(NUMBER, text):
        return None
    mark = next((char for char in reversed(text) if char in ".,"), "")
    is_ambiguous = _AMBIGUOUS.fullmatch(text) is not None
    if not mark or text.count(mark) > 1 or is_ambiguous and mark in (group_marks or _group_mark()):
        return Decimal(re.sub("[.,]", "", text))
    whole, _mark, decimals = text.rpartition(mark)
    return Decimal(f"{re.sub('[.,]', '', whole)}.{decimals}")


def _group_mark() -> str:
    return "." if get_decimal_symbol(babel_locale(get_language())) == "," else ","


def parse_money(text: str, currency: str = "") -> Decimal | None:
    """Return an amount of money such as “2,49 €”, “฿ 13000”, “80p” or “three pounds twenty”.

    Returns None if it is none, or of another currency, or could be two amounts: “50.000” is 50000 in a currency whose
    cents are not in use, and elsewhere also 50; “six fifty” is 6.50 where cents are in use, and elsewhere also 650.
    """
    if len(text) > MAX_MONEY_CHARS:
        return None
    text = join_groups(text.strip())
    value = _written_money(text, currency)
    if value is not None or not _LETTER.search(text):
        return value
    spoken = with_digits(_ONE.sub("1 ", _BANKNOTES.get(text.casefold(), text)))
    if (match := _TWO_NUMBERS.fullmatch(spoken)) is not None:
        return Decimal(f"{match['whole']}.{match['cents']}") if not currency or currency in _WITH_CENTS else None
    if _SIGN_FIRST.match(spoken):  # “pound fifty” is 1.50
        spoken = f"1 {spoken}"
    return _written_money(spoken, currency)


def _written_money(text: str, currency: str) -> Decimal | None:
    if (match := _MIXED.fullmatch(text)) is not None:
        codes = _CURRENCY_WORDS[match["sign"].casefold()]
        is_ours = (not currency or currency in codes) and has_cents(codes.split()[0])
        return Decimal(f"{match['whole']}.{match['cents']}") if is_ours else None
    if (match := _CENTS.fullmatch(text)) is not None:
        is_pence = match["sign"].casefold() in _PENCE
        is_ours = not currency or (currency == "GBP" if is_pence else currency in _WITH_CENTS - {"GBP"})
        return Decimal(int(match["cents"])) / 100 if is_ours else None
    match = _MONEY.fullmatch(text)
    if match is None:
        return None
    signs = [_CURRENCY_WORDS[sign.casefold()] for sign in (match["before"], match["after"]) if sign]
    if currency and any(currency not in codes for codes in signs):
        return None
    value = parse_number(match["number"], f",{_group_mark()}" if has_cents(currency) else ",.")
    return None if value is None or len(str(value).partition(".")[2]) > 2 else value


def has_cents(currency: str) -> bool:
    """Return whether people pay amounts with cents in the currency."""
    fractions = get_global("currency_fractions")
    _digits, _rounding, cash_digits, _cash_rounding = fractions.get(currency, fractions["DEFAULT"])
    return bool(cash_digits)


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
