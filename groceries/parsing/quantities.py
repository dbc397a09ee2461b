"""Parse, add and format amounts such as "2 kg", "half a dozen" and "ไข่ 2 โหล"."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import accumulate

from babel.numbers import format_decimal
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext, override

from groceries.parsing.names import tidy
from groceries.parsing.units import CASED, SPELLINGS, UNITS, Unit
from pantry.money import NUMBER, babel_locale, join_groups, parse_number
from pantry.spoken import THAI_NUMBER, with_digits

MAX_QUANTITY = Decimal("99999.999")
MAX_UNIT_LENGTH = 20
MAX_NUMBER_LENGTH = 40
_STEP = Decimal("0.001")


class QuantityError(ValueError):
    """An invalid quantity, with a message for users."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A parsed amount. `rest` is the remaining text, usually the name of the item, and `size` what one of them holds,
    or a second measure of the same: “400 g” of “2 x 400 g cans” and of “14 oz (400 g)”."""

    quantity: Decimal | None
    unit: str | None
    rest: str
    size: str = ""


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
    return dimension_of(a) == dimension_of(b)


def dimension_of(unit: str) -> str:
    """Return what amounts in the unit have in common with those that can be added to them."""
    name = normalize_unit(unit) or "piece"
    return UNITS[name].dimension if name in UNITS else f"unit {name.casefold()}"


def add_amounts(qty_a: Decimal, unit_a: str, qty_b: Decimal, unit_b: str) -> tuple[Decimal, str] | None:
    """Return the exact sum in the most readable unit (500 g + 1 kg is 1.5 kg), None for incompatible units."""
    if not are_compatible(unit_a, unit_b):
        return None
    first, second = normalize_unit(unit_a) or "piece", normalize_unit(unit_b) or "piece"
    if first not in UNITS or first == second and (UNITS[first].dimension not in _PROMOTED or first not in _METRIC):
        return add_quantities(qty_a, qty_b, first), first
    total = qty_a * UNITS[first].factor + qty_b * UNITS[second].factor
    return _most_readable(total, UNITS[first], UNITS[second])


def amount_ratio(qty_a: Decimal, unit_a: str, qty_b: Decimal, unit_b: str) -> Decimal | None:
    """Return how many times the second amount goes into the first, None for incompatible units."""
    if not are_compatible(unit_a, unit_b):
        return None
    first, second = normalize_unit(unit_a) or "piece", normalize_unit(unit_b) or "piece"
    if first == second:
        return qty_a / qty_b
    return (qty_a * UNITS[first].factor) / (qty_b * UNITS[second].factor)


# Units to switch to from one of them on, even if neither amount uses it.
_PROMOTED = {"mass": "kg", "volume": "liter"}
_METRIC = {"mg", "g", "kg", "ml", "cl", "dl", "liter"}


def add_quantities(a: Decimal, b: Decimal, unit: str) -> Decimal:
    """Return the sum of two quantities of a unit. Thirds of a cup sum to one, although they are kept as 0.333."""
    if unit not in _METRIC and (thirds := _thirds(a)) and (others := _thirds(b)):
        return _rounded(Fraction(thirds + others, 3))
    return a + b


def _thirds(quantity: Decimal) -> int | None:
    """Return how many thirds a quantity like 0.333 or 1.667 stands for; None if it stands for none."""
    count = round(quantity * 3)
    return count if count % 3 and abs(quantity - Decimal(count) / 3) < _STEP else None


def _rounded(value: Fraction) -> Decimal:
    return _plain((Decimal(value.numerator) / value.denominator).quantize(_STEP, ROUND_HALF_UP))


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

_AFTER_DIGIT = re.compile(r"(?<=\d)(?=[¼½¾⅐-⅞])")
_DIGITS = rf"(?:\d{{1,7}}\s+\d{{1,4}}/\d{{1,4}}|\d{{1,4}}/\d{{1,4}}|{NUMBER})"


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("⁄", "/")


def _spaced(text: str) -> str:
    """Return the text on one line, with groups of digits joined and 1½ as 1 ½, which NFKC would turn into 11/2."""
    return tidy(_AFTER_DIGIT.sub(" ", join_groups(text)))


def _number(text: str) -> Fraction | None:
    """Return the exact value of a match of `_DIGITS`; None for an invalid number."""
    if "/" not in text:
        value = parse_number(text)
        return None if value is None else Fraction(value)
    try:
        return sum((Fraction(part) for part in text.split()), Fraction(0))
    except ZeroDivisionError:
        return None


def parse_quantity(text: str) -> Decimal:
    """Parse a number from a form: "1.5", "1,5", "½", "1 1/2" or "1,500" (1500). Raises QuantityError."""
    typed = _fold(_spaced(text)) if len(text) <= MAX_NUMBER_LENGTH else ""
    if not re.fullmatch(_DIGITS, typed) or (value := _number(typed)) is None:
        raise QuantityError(_("Enter the quantity as a number, such as 2 or 1.5."))
    if value <= 0 or not _rounded(value) and "/" in typed:
        raise QuantityError(_("The quantity must be more than zero."))
    if value > MAX_QUANTITY:
        raise QuantityError(_("The quantity can be 99,999.999 at most."))
    if "/" not in typed and value % Fraction(_STEP):
        raise QuantityError(_("The quantity can have three decimals at most."))
    return _rounded(value)


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
    "หนึ่ง": "1", "นึง": "1", "เดียว": "1", "สอง": "2", "สาม": "3", "สี่": "4", "ห้า": "5", "หก": "6", "เจ็ด": "7", "แปด": "8", "เก้า": "9", "สิบ": "10",
    "ครึ่ง": "0.5",
}  # fmt: skip
# Of other languages, only before a unit: “Tres leches” and “Vier Käse” are names.
_FOREIGN_WORDS = {
    "ein": "1", "eine": "1", "einen": "1", "zwei": "2", "drei": "3", "vier": "4", "fünf": "5", "sechs": "6", "sieben": "7", "acht": "8",
    "neun": "9", "zehn": "10", "zwölf": "12", "anderthalb": "1.5", "eineinhalb": "1.5", "zweieinhalb": "2.5", "ein halbes": "0.5",
    "ein halber": "0.5", "einen halben": "0.5", "eine halbe": "0.5", "ein viertel": "0.25", "un": "1", "una": "1", "dos": "2", "tres": "3",
    "cuatro": "4", "cinco": "5", "seis": "6", "siete": "7", "ocho": "8", "nueve": "9", "diez": "10", "doce": "12",
    "medio": "0.5", "media": "0.5", "un cuarto de": "0.25",
}  # fmt: skip
_WORDS |= _FOREIGN_WORDS
# Numbers only before a unit, since "half fat milk" and "quarter pounder" are names.
_NEEDS_UNIT = {"half", "quarter", "a quarter", "three quarters", "a half", "hundred", "ครึ่ง", *_FOREIGN_WORDS}
_THAI = re.compile(r"[\u0e00-\u0e7f]")


def _longest_first(words: list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"[\s-]+") for word in sorted(words, key=len, reverse=True))


_LATIN_UNITS = [spelling for spelling in SPELLINGS if not _THAI.search(spelling)] + ["t"]
_THAI_UNITS = [spelling for spelling in SPELLINGS if _THAI.search(spelling)]
_UNIT = rf"(?:(?:{_longest_first(_LATIN_UNITS)})(?![\w'’])\.?|{_longest_first(_THAI_UNITS)})"
_NUMBER_WORD = rf"(?:{_longest_first([word for word in _WORDS if not _THAI.search(word)])})(?![\w'’-])"
_THAI_WORD = _longest_first([word for word in _WORDS if _THAI.search(word)])
_DASH = "[-‐-―−]"
_RANGE = (
    rf"(?:between (?:{_DIGITS}|{_NUMBER_WORD})\s+and\s+|"
    rf"(?P<low>{_DIGITS}|{_NUMBER_WORD})\s*(?:{_DASH}|to\b|or\b)\s*(?=[\d.]|{_NUMBER_WORD}))"
)

_LEAD = re.compile(
    rf"\A(?:(?:freshly |finely |grated )*(?:juice|zest|zest and juice|juice and zest) (?:of|from) )?(?:about |around |approx\.? |maybe |~ ?)?(?:(?:x|×)\s*(?=\d))?"
    rf"{_RANGE}?(?:(?P<digits>{_DIGITS})|(?P<word>{_NUMBER_WORD}))(?P<times>\s*[x×*](?=[\s\d]))?\s*",
    re.I,
)
_CARDINAL = (
    "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|"
    "(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand)"
)
_CARDINALS = re.compile(rf"\A(?:a )?{_CARDINAL}(?:[\s-]+(?:and\s+)?{_CARDINAL})*(?![\w'’-])", re.I)
_AND_HALF = re.compile(r"\A(?:and (?:a|one) half|und ein(?:e|en)? halb(?:es|e|en)?|y medi[oa]|ครึ่ง)\s*", re.I)
_SIZE = rf"(?:\((?P<parens>[^()]{{1,40}})\)|(?P<measure>{_DIGITS}[\s-]*{_UNIT}))"
_SIZE_BEFORE = re.compile(rf"\A{_SIZE}\s*(?=({_UNIT})(?:\s|$))|\A\((?P<only>[^()]{{1,40}})\)\s*(?=\S)", re.I)
_SIZE_AFTER = re.compile(rf"\A(?:(?:/|or\b)\s*(?=\d))?{_SIZE}\s*", re.I)
_PART = re.compile(rf"\A(?P<sign>and\b|plus\b|to\b|or\b|[&+,/]|{_DASH}|)\s*(?=[\d.]|{_NUMBER_WORD})", re.I)
_ANOTHER_AMOUNT = re.compile(rf"\A(?:and|plus|[&+])\s+{_DIGITS}\s*{_UNIT}", re.I)
_SIZE_WORD = re.compile(r"(?:extra[ -])?(?:small|large|big|medium|jumbo)\b", re.I)
MAX_PARTS = 4  # of an amount: “1 lb and 2 oz”
_UNIT_AT_START = re.compile(
    rf"\A(?:(?:small|large|big|medium|heaping|heaped|generous|whole) )?(?P<unit>{_UNIT})\s*", re.I
)
_CLOVES = re.compile(r"\A((?:\w+ )?garlic) cloves?\b", re.I)
_OF = re.compile(r"\A(?:of\s+(?:the\s+|a\s+)?|de\s+(?=\S))", re.I)
_TRAIL = re.compile(
    rf"^(?P<name>.*\D)[ ,:(–-] ?(?:about |approx\.? |x|×)? ?{_RANGE}?(?P<digits>{_DIGITS}) ?(?:x|×)? ?(?P<unit>{_UNIT})? ?\)?$"
    rf"|^(?P<name2>.*?[^ ,:(–-])[ ,:(–-]++(?P<word>{_NUMBER_WORD}) (?P<unit2>{_UNIT}) ?\)?$",
    re.I,
)
_JOINED = re.compile(rf" (?P<sign>and|plus|[&+(]) ?(?:{_DIGITS}|{_NUMBER_WORD}) ?$", re.I)
_TIMES_AT_END = re.compile(r"(?<![ ,:(–-])[ ,:(–-]++[x×]? ?$", re.I)
_THAI_TRAIL = re.compile(
    rf"^(?P<name>(?>.*?[\u0e00-\u0e7f]).*?) ?(?:(?P<digits>{_DIGITS})|(?P<word>{_THAI_WORD})) ?(?P<unit>{_UNIT})$"
)
_THAI_NUMBER_AT_END = re.compile(rf"({THAI_NUMBER}) ?(?:{_UNIT})$")
_CARDINAL_AT_END = re.compile(rf"(?<!\w){_CARDINAL}(?: and)?\Z", re.I)  # of “butter two hundred and”
_THAI_ONE = re.compile(
    rf"^(?P<name>(?>.*?[\u0e00-\u0e7f]).*?) ?(?P<unit>{_longest_first(_THAI_UNITS)}) ?(?:นึง|หนึ่ง|เดียว)$"
)  # “ไข่แผงนึง”
_THAI_HALF = re.compile(rf"(?<=\S) ?(?P<unit>{_longest_first(_THAI_UNITS)}) ?ครึ่ง$")  # “หมูโลครึ่ง”, “นมสองลิตรครึ่ง”
_GLUED_NAME = re.compile(r"%|['’]\d|[-–]?(?:ply|in-?1|up\b|st\b|nd\b|rd\b|th\b)| ?(?:percent|per cent)\b|-[a-z]", re.I)
_NUMBER_NAMES = re.compile(
    r"^(?:7[ -]?up|seven up|100 plus|3 in 1\b.*|three in one\b.*|half and half|half[ &]+half|5 spice\b.*|"
    r"five spice\b.*|[47]0+ island.*|thousand island.*|1,?000 island.*|2 minute noodles?|wd[ -]?40|m[ -]?1[50]0|"
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
    text = _spaced(text)
    chars = [_fold(char) for char in text]
    typed = "".join(chars)
    amount = _parse(typed)
    if typed == text or (start := typed.find(amount.rest)) < 0:
        return amount
    ends = list(accumulate(map(len, chars)))
    first, last = bisect_right(ends, start), bisect_left(ends, start + len(amount.rest))
    return replace(amount, rest=text[first : last + 1] if amount.rest else "")


def _parse(typed: str) -> Amount:
    if indefinite := _A_FEW.match(typed):
        return Amount(None, None, typed[indefinite.end() :])
    if typed and not _NUMBER_NAMES.match(typed):
        for parse in (_amount_before, _amount_after, _unit_alone):
            amount = parse(typed)
            if amount is not None:
                return amount
    return Amount(None, None, typed)


def ends_with_number(text: str) -> bool:
    """Return whether the text ends with a number in words, to which more may belong: “butter two hundred”."""
    return _CARDINAL_AT_END.search(text) is not None


def is_amount(text: str) -> bool:
    """Return whether the text is an amount alone."""
    amount = parse_amount(text)
    return amount.quantity is not None and not amount.rest


def number_word(text: str) -> Decimal | None:
    """Return the value of “half”, “a couple of” or “สอง”; None of other words, and of numbers of several words."""
    value = _WORDS.get(re.sub(r"[\s-]+", " ", text.casefold().strip()))
    return None if value is None else Decimal(value)


def _value(digits: str | None, word: str | None) -> Decimal | None:
    if digits is None:
        return number_word(word or "")
    value = _number(digits)
    return _rounded(value) if value is not None and _STEP / 2 <= value <= MAX_QUANTITY else None


def _spoken(text: str) -> str:
    """Return the text with a number of several words at its start in digits: “two hundred and fifty g”."""
    match = _CARDINALS.match(text)
    if match is None or match[0].casefold() in _WORDS or not (digits := with_digits(match[0])).isdigit():
        return text
    return digits + text[match.end() :]


def _amount_before(text: str, parts: int = MAX_PARTS) -> Amount | None:
    text = _spoken(text)
    match = _LEAD.match(text) or re.match(rf"(?P<digits>$)?(?P<word>{_THAI_WORD})(?P<times>$)?\s*", text)
    if match is None:
        return None
    value, rest = _value(match["digits"], match["word"]), text[match.end() :]
    low = match.groupdict().get("low")
    if value is None or _GLUED_NAME.match(text, match.end("digits" if match["digits"] else "word")):
        return None
    if low and low.isdigit() and int(low) >= value:  # “50-50 bread”
        return None
    if half := _AND_HALF.match(rest):
        value, rest = value + Decimal("0.5"), rest[half.end() :]
    if match["times"] and parts and (inner := _amount_before(rest, parts - 1)) and inner.quantity is not None:
        return _multiply(value, inner, text, rest)
    size, rest = _take_size(rest)
    unit, rest = _take_unit(rest)
    if unit is None and (_needs_unit(match, text) or _ANOTHER_AMOUNT.match(rest)):
        return None
    if unit is None and (cloves := _CLOVES.match(rest)):
        unit, rest = "clove", cloves[1] + rest[cloves.end() :]
    if match["word"] and match["word"].casefold() in ("a", "an", "another") and not rest and not unit:
        return None
    amount = Amount(value, unit, rest, size)
    return _with_other_parts(amount, parts) if unit else amount


def _multiply(value: Decimal, inner: Amount, text: str, rest: str) -> Amount | None:
    """Return two cans for “2 x 400 g cans”, but 1000 g for “2 x 500 g”."""
    assert inner.quantity is not None
    container, name = _take_unit(inner.rest)
    if inner.unit and container and _is_container(container):
        return Amount(value, container, name.lstrip(" .,-"), rest.removesuffix(inner.rest).strip())
    size = text.removesuffix(inner.rest).strip() if inner.unit else ""
    product = inner.quantity * value
    return Amount(_plain(product), inner.unit, inner.rest, size) if product <= MAX_QUANTITY else None


def _with_other_parts(amount: Amount, parts: int) -> Amount | None:
    """Add what follows the unit: “and 500 g”, “and a half”, “- 2 kg” of a range, or the same in another unit.

    Returns None for a sum above MAX_QUANTITY.
    """
    assert amount.quantity is not None and amount.unit is not None
    rest = amount.rest.lstrip(" .")
    if half := _AND_HALF.match(rest):
        return replace(amount, quantity=amount.quantity + Decimal("0.5"), rest=_without_of(rest[half.end() :]))
    part = _PART.match(rest)
    other = _amount_before(rest[part.end() :], parts - 1) if part and parts else None
    if part and part["sign"] and other and other.unit is None and amount.unit in ("dozen", "pair"):
        other = replace(other, unit="piece")
    if part and other and other.quantity is not None and other.unit:
        sign = part["sign"].casefold()
        is_range = bool(re.fullmatch(f"to|or|{_DASH}", sign))
        if is_range and other.unit == amount.unit:
            return other
        total = add_amounts(amount.quantity, amount.unit, other.quantity, other.unit)
        is_sum = sign not in ("", "/") or sign == "" and other.unit != amount.unit and amount.unit != "piece"
        if not is_range and is_sum and total:
            size = " ".join(filter(None, (amount.size, other.size)))
            return Amount(*total, other.rest, size) if total[0] <= MAX_QUANTITY else None
    measure = _SIZE_AFTER.match(rest) if parts else None
    if measure and (measure["parens"] or part and part["sign"] or _is_container(amount.unit)):
        size = ", ".join(filter(None, (amount.size, (measure["parens"] or measure["measure"]).strip())))
        return _with_other_parts(replace(amount, rest=_without_of(rest[measure.end() :]), size=size), parts - 1)
    return replace(amount, rest=rest.lstrip(" .,-"))


def _is_container(unit: str) -> bool:
    return unit in UNITS and UNITS[unit].dimension == unit


def _needs_unit(match: re.Match[str], text: str) -> bool:
    """Return whether the number counts only before a unit: "half", and digits glued to letters ("7up")."""
    if match["word"]:
        return match["word"].casefold() in _NEEDS_UNIT or bool(_THAI.match(match["word"]))
    follower = text[match.end("digits") :]
    is_glued = follower[:1].isalpha() and not _THAI.match(follower) and not _SIZE_WORD.match(follower)
    return is_glued and not match["times"]


def _take_size(rest: str) -> tuple[str, str]:
    """Split off a package size, such as "(400 g)" in "2 (400 g) cans of beans"."""
    match = _SIZE_BEFORE.match(rest)
    return (match["parens"] or match["measure"] or match["only"], rest[match.end() :]) if match else ("", rest)


def _take_unit(rest: str) -> tuple[str | None, str]:
    match = _UNIT_AT_START.match(rest)
    if match is None:
        return None, _without_of(rest)
    unit, remainder = normalize_unit(match["unit"].rstrip(".") or match["unit"]), rest[match.end() :]
    if unit == "dozen" and (inner := _UNIT_AT_START.match(remainder)) and normalize_unit(inner["unit"]) == "piece":
        remainder = remainder[inner.end() :]
    return unit, _without_of(remainder)


def _without_of(text: str) -> str:
    match = _OF.match(text)
    return text[match.end() :] if match else text


def _amount_after(text: str, parts: int = MAX_PARTS) -> Amount | None:
    match = _TRAIL.match(text)
    if match is None:
        return _thai_after(text)
    name = _TIMES_AT_END.sub("", match["name"] or match["name2"]).strip(" ,:(–-")
    value, spelled = _value(match["digits"], match["word"]), match["unit"] or match["unit2"]
    if (
        value is None
        or not name
        or _CARDINAL_AT_END.search(name)
        or re.search(r"[\d/.]$", name)
        or name.count("(") > name.count(")")
    ):
        return None
    unit = normalize_unit(spelled.rstrip(".")) if spelled else None
    if unit in UNITS and UNITS[unit].dimension == "volume" and _SIZED_THING.search(name):
        return None
    if unit and parts and (joined := _JOINED.search(text[: match.start("unit" if match["unit"] else "unit2")])):
        first = _amount_after(text[: joined.start()], parts - 1)
        if first and first.quantity is not None and first.unit:
            if joined["sign"] == "(":
                return replace(first, size=text[joined.end("sign") :].strip(" )"))
            total = add_amounts(first.quantity, first.unit, value, unit)
            return Amount(*total, first.rest) if total and total[0] <= MAX_QUANTITY else None
    return Amount(value, unit, name)


def _thai_after(text: str) -> Amount | None:
    if (half := _THAI_HALF.search(text)) is not None:
        whole = _thai_after(text[: half.end("unit")]) or _thai_after(f"{text[: half.end('unit')]}หนึ่ง")
        return whole and replace(whole, quantity=(whole.quantity or Decimal(0)) + Decimal("0.5"))
    if (number := _THAI_NUMBER_AT_END.search(text)) is not None and number_word(number[1]) is None:
        if not (digits := with_digits(number[1])).isdecimal():
            return None
        text = f"{text[: number.start()]} {digits} {text[number.end(1) :]}"
    if (one := _THAI_ONE.match(text)) is not None and one["name"].strip():
        return Amount(Decimal(1), normalize_unit(one["unit"]), one["name"].strip())
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
