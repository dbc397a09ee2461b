"""Parse, add and format amounts such as "2 kg", "half a dozen" and "ไข่ 2 โหล"."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from babel.numbers import format_decimal
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext, override

from groceries.parsing.names import tidy
from groceries.parsing.units import CASED, SPELLINGS, UNITS, Unit
from pantry.money import babel_locale

MAX_QUANTITY = Decimal("99999.999")
MAX_UNIT_LENGTH = 20
MAX_NUMBER_LENGTH = 40
_STEP = Decimal("0.001")


class QuantityError(ValueError):
    """An invalid quantity, with a message for users."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A parsed amount. `rest` is the remaining text, usually the name of the item."""

    quantity: Decimal | None
    unit: str | None
    rest: str


# Units


def _find_unit(text: str) -> Unit | None:
    if text in CASED:
        return CASED[text]
    folded = text.casefold()
    return SPELLINGS.get(folded) or SPELLINGS.get(folded.rstrip("."))


def normalize_unit(text: str) -> str:
    """Return the canonical name of a unit, or an unknown unit as typed, cut to MAX_UNIT_LENGTH characters."""
    text = tidy(unicodedata.normalize("NFKC", text))
    unit = _find_unit(text)
    return unit.name if unit else text[:MAX_UNIT_LENGTH].rstrip()


def are_compatible(a: str, b: str) -> bool:
    """Return whether amounts in the two units can be added. An empty unit means pieces."""
    first, second = normalize_unit(a) or "piece", normalize_unit(b) or "piece"
    if first in UNITS and second in UNITS:
        return UNITS[first].dimension == UNITS[second].dimension
    return first.casefold() == second.casefold()


def add_amounts(qty_a: Decimal, unit_a: str, qty_b: Decimal, unit_b: str) -> tuple[Decimal, str] | None:
    """Return the exact sum in the most readable unit (500 g + 1 kg is 1.5 kg), None for incompatible units."""
    if not are_compatible(unit_a, unit_b):
        return None
    first, second = normalize_unit(unit_a) or "piece", normalize_unit(unit_b) or "piece"
    if first not in UNITS or first == second and UNITS[first].dimension not in _PROMOTED:
        return qty_a + qty_b, first
    total = qty_a * UNITS[first].factor + qty_b * UNITS[second].factor
    return _most_readable(total, UNITS[first], UNITS[second])


# Units to switch to from one of them on, even if neither amount uses it.
_PROMOTED = {"mass": "kg", "volume": "liter"}
_METRIC = {"mg", "g", "kg", "ml", "cl", "dl", "liter"}


def _most_readable(total: Decimal, first: Unit, second: Unit) -> tuple[Decimal, str]:
    candidates = {first.name: first, second.name: second}
    if candidates.keys() <= _METRIC and total >= 1000:
        bigger = UNITS[_PROMOTED[first.dimension]]
        candidates[bigger.name] = bigger
    for unit in sorted(candidates.values(), key=lambda unit: (unit.name in _METRIC, unit.factor), reverse=True):
        quantity = total / unit.factor
        # People say half a dozen, but not a twelfth of one.
        if quantity % (Decimal("0.5") if unit.name in ("dozen", "pair") else _STEP) == 0:
            return _plain(quantity), unit.name
    # A sum that is exact in neither unit, such as of cups and pints, is exact in the metric base.
    if first.dimension not in _PROMOTED:
        return _plain(total), "piece"
    base = _PROMOTED[first.dimension] if total >= 1000 else {"mass": "g", "volume": "ml"}[first.dimension]
    return _plain(total / UNITS[base].factor), base


def _plain(quantity: Decimal) -> Decimal:
    """Return the number without an exponent or trailing zeros."""
    return Decimal(f"{quantity.normalize():f}")


# Numbers

_VULGAR_FRACTION = re.compile("[¼½¾⅐-⅞]")


def _expand_fractions(text: str) -> str:
    """Expand vulgar fractions (NFKC alone turns 1½ into 11/2) and fold compatibility forms."""
    text = _VULGAR_FRACTION.sub(r" \g<0>", text)
    return tidy(unicodedata.normalize("NFKC", text).replace("⁄", "/"))


_DIGITS = r"\d{1,7}\s+\d{1,4}/\d{1,4}|\d{1,4}/\d{1,4}|\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,9})?(?!\d)|\d{1,9}(?:[.,]\d{1,6})?|\.\d{1,6}"
_FORM = re.compile(rf"\A(?:{_DIGITS})$")


def _number(text: str) -> Decimal | None:
    """Convert a match of `_DIGITS`, rounded to three decimals. Returns None for an invalid number."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", text):
        text = text.replace(",", "")
    total = Decimal(0)
    try:
        for part in text.replace(",", ".").split():
            numerator, slash, denominator = part.partition("/")
            total += Decimal(numerator) / Decimal(denominator) if slash else Decimal(numerator)
    except (InvalidOperation, ZeroDivisionError):
        return None
    return total.quantize(_STEP, ROUND_HALF_UP)


def parse_quantity(text: str) -> Decimal:
    """Parse a number from a form: "1.5", "1,5", "½", "1 1/2" or "1,500" (1500). Raises QuantityError."""
    typed = _expand_fractions(text) if len(text) <= MAX_NUMBER_LENGTH else ""
    if not _FORM.match(typed) or (value := _number(typed)) is None:
        raise QuantityError(_("Enter the quantity as a number, such as 2 or 1.5."))
    if value <= 0:
        raise QuantityError(_("The quantity must be more than zero."))
    if value > MAX_QUANTITY:
        raise QuantityError(_("The quantity can be 99,999.999 at most."))
    decimals = re.search(r"[.,](\d+)$", typed)
    if decimals and len(decimals[1].rstrip("0")) > 3 and "/" not in typed:
        raise QuantityError(_("The quantity can have three decimals at most."))
    return _plain(value)


# Parsing

_WORDS: dict[str, str] = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
    "sixteen": "16", "eighteen": "18", "twenty": "20", "twenty four": "24", "twenty five": "25", "thirty": "30",
    "forty": "40", "fifty": "50", "a hundred": "100", "one hundred": "100", "hundred": "100", "a couple": "2",
    "couple": "2", "a couple of": "2", "couple of": "2", "a half": "0.5", "half a": "0.5", "half an": "0.5",
    "one half": "0.5", "a quarter": "0.25", "quarter": "0.25", "a quarter of a": "0.25", "three quarters of a": "0.75",
    "quarter of a": "0.25", "half": "0.5", "one and a half": "1.5", "two and a half": "2.5", "three and a half": "3.5",
    "a": "1", "an": "1", "another": "1", "a single": "1", "half of a": "0.5", "three quarters": "0.75",
    "หนึ่ง": "1", "สอง": "2", "สาม": "3", "สี่": "4", "ห้า": "5", "หก": "6", "เจ็ด": "7", "แปด": "8", "เก้า": "9", "สิบ": "10",
    "ครึ่ง": "0.5",
}  # fmt: skip
# Numbers only before a unit, since "half fat milk" and "quarter pounder" are names.
_NEEDS_UNIT = {"half", "quarter", "a quarter", "three quarters", "a half", "hundred", "ครึ่ง"}
_THAI = re.compile(r"[\u0e00-\u0e7f]")


def _longest_first(words: list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"[\s-]+") for word in sorted(words, key=len, reverse=True))


_LATIN_UNITS = [spelling for spelling in SPELLINGS if not _THAI.search(spelling)] + ["t"]
_THAI_UNITS = [spelling for spelling in SPELLINGS if _THAI.search(spelling)]
_UNIT = rf"(?:(?:{_longest_first(_LATIN_UNITS)})(?![\w'’])\.?|{_longest_first(_THAI_UNITS)})"
_NUMBER_WORD = rf"(?:{_longest_first([word for word in _WORDS if not _THAI.search(word)])})(?![\w'’-])"
_THAI_WORD = _longest_first([word for word in _WORDS if _THAI.search(word)])
_RANGE = r"\d{1,4}(?:(?:\s+\d{1,2})?/\d{1,2})?\s*(?:-|–|to|or)\s*(?=\d)"

_LEAD = re.compile(
    rf"\A(?:(?:freshly |finely |grated )*(?:juice|zest|zest and juice|juice and zest) (?:of|from) )?(?:about |around |approx\.? |maybe |~ ?)?(?:(?:x|×)\s*(?=\d))?"
    rf"(?:(?:{_RANGE})?(?P<digits>{_DIGITS})|(?P<word>{_NUMBER_WORD}))(?P<times>\s*[x×*](?=[\s\d]))?\s*",
    re.I,
)
_AND_HALF = re.compile(r"\Aand (?:a|one) half\s*", re.I)
_SIZED = re.compile(rf"\A(?:\(([^)]{{1,30}})\)|(\d+(?:\.\d+)?)[\s-]*({_UNIT}))\s*(?=({_UNIT})\s)", re.I)
_PARENS = re.compile(r"\A\([^)]{1,40}\)\s*")
_UNIT_AT_START = re.compile(
    rf"\A(?:(?:small|large|big|medium|heaping|heaped|generous|whole) )?(?P<unit>{_UNIT})\s*", re.I
)
_CLOVES = re.compile(r"\A((?:\w+ )?garlic) cloves?\b", re.I)
_OF = re.compile(r"\Aof\s+(?:the\s+|a\s+)?", re.I)
_TRAIL = re.compile(
    rf"^(?P<name>.*\D)[ ,:(–-] ?(?:x|×)? ?(?P<digits>{_DIGITS}) ?(?:x|×)? ?(?P<unit>{_UNIT})? ?\)?$"
    rf"|^(?P<name2>.*?[^ ,:(–-])[ ,:(–-]++(?P<word>{_NUMBER_WORD}) (?P<unit2>{_UNIT}) ?\)?$",
    re.I,
)
_TIMES_AT_END = re.compile(r"(?<![ ,:(–-])[ ,:(–-]++[x×]? ?$", re.I)
_THAI_TRAIL = re.compile(
    rf"^(?P<name>(?>.*?[\u0e00-\u0e7f]).*?) ?(?:(?P<digits>{_DIGITS})|(?P<word>{_THAI_WORD})) ?(?P<unit>{'|'.join([_UNIT])})$"
)
_GLUED_NAME = re.compile(r"%|[-–]?(?:ply|in-?1|up\b|st\b|nd\b|rd\b|th\b)| ?(?:percent|per cent)\b|-[a-z]", re.I)
_NUMBER_NAMES = re.compile(
    r"^(?:7[ -]?up|seven up|100 plus|3 in 1\b.*|three in one\b.*|half and half|half[ &]+half|5 spice\b.*|"
    r"five spice\b.*|[47]0+ island.*|thousand island.*|1000 island.*|2 minute noodles?|wd[ -]?40|m[ -]?1[50]0|"
    r"omega[ -]?\d|vitamin .*|.*\bspf\s*\d+|a4 paper|a1 sauce)$",
    re.I,
)
# The liters of a bag are its size, not the amount to buy.
_SIZED_THING = re.compile(r"\b(?:bags?|sacks?|liners?|containers?|boxes|pots?|pans?|bottles?|bulbs?)$", re.I)
_A_FEW = re.compile(r"(?:a few|a little|a bit of|a lot of|lots of|several|some)\s+(?=\D)", re.I)


def parse_amount(text: str) -> Amount:
    """Parse an amount before or after a name: "2kg rice", "rice 2 kg", "half a kilo of tomatoes".

    Returns the whole text as `rest` if there is no valid amount.
    """
    typed = _expand_fractions(text)
    if indefinite := _A_FEW.match(typed):
        return Amount(None, None, typed[indefinite.end() :])
    if typed and not _NUMBER_NAMES.match(typed):
        for parse in (_amount_before, _amount_after, _unit_alone):
            amount = parse(typed)
            if amount is not None:
                return amount
    return Amount(None, None, typed)


def _value(digits: str | None, word: str | None) -> Decimal | None:
    if digits is None:
        key = re.sub(r"[\s-]+", " ", (word or "").casefold())
        return Decimal(_WORDS[key])
    value = _number(digits)
    return _plain(value) if value is not None and 0 < value <= MAX_QUANTITY else None


def _amount_before(text: str) -> Amount | None:
    match = _LEAD.match(text) or re.match(rf"(?P<digits>$)?(?P<word>{_THAI_WORD})(?P<times>$)?\s*", text)
    if match is None:
        return None
    value, rest = _value(match["digits"], match["word"]), text[match.end() :]
    if value is None or match["digits"] and _GLUED_NAME.match(text, match.end("digits")):
        return None
    if half := _AND_HALF.match(rest):
        value, rest = value + Decimal("0.5"), rest[half.end() :]
    if match["times"] and (inner := _amount_before(rest)) and inner.quantity is not None:
        product = inner.quantity * value
        return Amount(_plain(product), inner.unit, inner.rest) if product <= MAX_QUANTITY else None
    rest = _without_size(rest)
    unit, rest = _take_unit(rest)
    if unit is None and _needs_unit(match, text):
        return None
    if unit is None and (cloves := _CLOVES.match(rest)):
        unit, rest = "clove", cloves[1] + rest[cloves.end() :]
    if match["word"] and match["word"].casefold() in ("a", "an", "another") and not rest and not unit:
        return None
    return Amount(value, unit, rest)


def _needs_unit(match: re.Match[str], text: str) -> bool:
    """Return whether the number counts only before a unit: "half", and digits glued to letters ("7up")."""
    if match["word"]:
        return match["word"].casefold() in _NEEDS_UNIT or bool(_THAI.match(match["word"]))
    follower = text[match.end("digits") : match.end("digits") + 1]
    return follower.isalpha() and not _THAI.match(follower) and not match["times"]


def _without_size(rest: str) -> str:
    """Drop a package size, such as "(400 g)" in "2 (400 g) cans of beans"."""
    if (sized := _SIZED.match(rest)) is not None:
        return rest[sized.end() :]
    if (parens := _PARENS.match(rest)) is not None and parens.end() < len(rest):
        return rest[parens.end() :]
    return rest


def _take_unit(rest: str) -> tuple[str | None, str]:
    match = _UNIT_AT_START.match(rest)
    if match is None:
        return None, _without_of(rest)
    unit, remainder = normalize_unit(match["unit"].rstrip(".") or match["unit"]), rest[match.end() :]
    if unit == "dozen" and (inner := _UNIT_AT_START.match(remainder)) and normalize_unit(inner["unit"]) == "piece":
        remainder = remainder[inner.end() :]
    return unit, _without_of(remainder).lstrip(" .,-")


def _without_of(text: str) -> str:
    match = _OF.match(text)
    return text[match.end() :] if match else text


def _amount_after(text: str) -> Amount | None:
    match = _TRAIL.match(text)
    if match is None:
        return _thai_after(text)
    name = _TIMES_AT_END.sub("", match["name"] or match["name2"]).strip(" ,:(–-")
    value, spelled = _value(match["digits"], match["word"]), match["unit"] or match["unit2"]
    if value is None or not name or re.search(r"[\d/.]$", name):
        return None
    unit = normalize_unit(spelled.rstrip(".")) if spelled else None
    if unit in UNITS and UNITS[unit].dimension == "volume" and _SIZED_THING.search(name):
        return None
    return Amount(value, unit, name)


def _thai_after(text: str) -> Amount | None:
    match = _THAI_TRAIL.match(text)
    if match is None or (value := _value(match["digits"], match["word"])) is None:
        return None
    return Amount(value, normalize_unit(match["unit"]), match["name"].strip())


_UNIT_OF = re.compile(rf"(?P<unit>{_UNIT})\s+of\s+(?=\S)", re.I)


def _unit_alone(text: str) -> Amount | None:
    """Parse a unit without a number: "pinch of salt", "dozen eggs"."""
    if (match := _UNIT_OF.match(text)) is not None:
        return Amount(None, normalize_unit(match["unit"]), text[match.end() :])
    if text.casefold().startswith("dozen ") and len(text) > 6:
        return Amount(Decimal(1), "dozen", text[6:].strip())
    return None


_ANY_NUMBER = re.compile(rf"(?P<digits>{_DIGITS})|(?<![\w'’])(?P<word>{_NUMBER_WORD})|(?P<thai>{_THAI_WORD})", re.I)
_ANY_UNIT = re.compile(rf"(?<![^\W\d_]){_UNIT}|{_longest_first(_THAI_UNITS)}", re.I)


def amount_words(text: str, amount: Amount) -> tuple[str | None, str | None]:
    """Return the words of `text` that its amount was parsed from: "two" and "bottles" for 2 and bottle."""
    typed = _expand_fractions(text)
    numbers = (
        match[0]
        for match in _ANY_NUMBER.finditer(typed)
        if amount.quantity is not None and _value(match["digits"], match["word"] or match["thai"]) == amount.quantity
    )
    units = (
        match[0]
        for match in _ANY_UNIT.finditer(typed)
        if amount.unit is not None and normalize_unit(match[0].rstrip(".")) == amount.unit
    )
    return next(numbers, None), next(units, None)


# Formatting


def format_amount(quantity: Decimal | None, unit: str | None, locale: str = "en") -> str:
    """Format an amount: "1.5 kg", "2 bunches", "3" for pieces, and "" without a quantity.

    The catalogues have each unit in the context "unit".
    """
    if quantity is None:
        return ""
    number = format_decimal(quantity, format="0.###", locale=babel_locale(locale))
    name = normalize_unit(unit or "")
    if name in ("", "piece"):
        return str(number)
    if name in UNITS:
        with override(locale):
            name = npgettext("unit", name, UNITS[name].plural, 2 if quantity > 1 else 1)
    return f"{number} {name}"
