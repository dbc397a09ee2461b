"""Parse text with several items, as typed into the field of a list."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from groceries.parsing.categories import is_known_item
from groceries.parsing.names import normalize
from groceries.parsing.notes import is_description, is_preparation, join_notes, split_note
from groceries.parsing.quantities import (
    Amount,
    are_compatible,
    ends_with_number,
    is_amount,
    normalize_unit,
    number_word,
    parse_amount,
)
from groceries.parsing.units import UNITS
from pantry.errors import ActionError
from pantry.money import join_groups, parse_money
from pantry.spoken import with_digits

MAX_TEXT_CHARS, MAX_LINES = 4000, 40  # at once
MAX_NAME_PARTS = 4  # of a name with commas: “Milk, semi-skimmed”
_MAX_JOINED_CHARS, _MAX_JOINED_PARTS = 150, 6
_SEPARATOR = re.compile(r" ?(?P<sign>[;•]|(?<!\d),|,(?!\d)) ?| (?P<word>and|&|plus|\+|และ|กับ) ", re.IGNORECASE)
_CONJUNCTIONS = frozenset("and & plus + และ กับ".split())
_BULLET = re.compile(
    r"\A(?:(?:[-–—*+>] ?(?=\[)|[-–—*+>]{1,5} |-(?=[^\W\d])|[•·▪◦‣●○*☐☑☒✓✔✅] ?|\[[ xX]?\] ?|(?:\d{1,3}|[a-z])[.)] (?=\S)|\d{1,3}[.)](?=[^\W\d])))+(?=\S)"
)
_LEAD = re.compile(
    r"\A(?:(?:please|also|and|&|plus|\+|then|to buy:|(?:can|could) (?:you|we|someone)(?: please)?(?= (?:get|buy|add|pick up)\b)|(?:i|we)(?:'ll| will| also| still| really)* (?:need|want)(?: to (?:buy|get))?|"
    r"(?:don'?t|do not) forget(?: to (?:buy|get))?|(?:remember to )?(?:buy|get|add|pick up|grab)|need(?: to (?:buy|get))?)(?:,|:)? )+"
    r"(?:some )?(?=\S)",
    re.IGNORECASE,
)
_INSEPARABLE = re.compile(
    r"\b(?:mac|half|fish|salt|sweet|oil|cookies|ham|rock|black|gin|peas|bits|pork|rum) (?:and|&) (?:"
    r"cheese|half|chips|vinegar|butter|sour|cream|eggs|roll|white|tonic|carrots|bobs|beans|raisin)\Z",
    re.IGNORECASE,
)
_BRAND = re.compile(r"\b(?P<first>\w+) (?P<sign>&|and) (?P<second>\w+(?P<owner>['’]s)?)\Z", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween \S+\Z", re.IGNORECASE)
_WITH = re.compile(r"\S with \S", re.IGNORECASE)
# Amounts that are no whole numbers, and ones, in German and Spanish.
_NUMBERS = {
    "un": "1", "una": "1", "uno": "1", "medio": "0.5", "media": "0.5", "un par de": "2", "un par": "2", "tres cuartos": "0.75",
    "un cuarto": "0.25", "ein": "1", "eine": "1", "einen": "1", "eins": "1", "nen": "1", "ne": "1", "halbes": "0.5",
    "ein halbes": "0.5", "eine halbe": "0.5", "einen halben": "0.5", "anderthalb": "1.5", "ein viertel": "0.25",
}  # fmt: skip
_NUMBER_WORDS = re.compile(rf"({'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\b\s*", re.IGNORECASE)
_EACH = re.compile(
    r"(?!\A)(?<!\s)\s*+(?:each|ea|a piece|apiece|c/u|(?:per |/ ?|an? |the )(?P<unit>[^\W\d]+))\Z", re.IGNORECASE
)


@dataclass(frozen=True)
class Line:
    """One item to add to a list. `quantity` and `unit` are None if the text has none; `category` names an aisle."""

    name: str
    quantity: Decimal | None
    unit: str | None
    note: str = ""
    price: Decimal | None = None
    category: str = ""


def parse_lines(
    text: str, names: Container[str] = (), max_lines: int = MAX_LINES, max_chars: int = MAX_TEXT_CHARS
) -> list[Line]:
    """Split text at line breaks, commas and “and”, except in names such as “fish and chips”.

    “2 l milk and thai basil, eggs” has three items. `names` are the normalized names of the home's items, which are not
    split. What describes an item and a price are its note. Raises ActionError for too much text.
    """
    if len(text) > max_chars:
        raise ActionError(_("Add at most %(max)s characters at once.") % {"max": max_chars})
    lines: list[Line] = []
    for row in join_groups(text).splitlines():
        start = len(lines)
        for part in split_items(_BULLET.sub("", " ".join(row.split())), _SEPARATOR, names):
            if len(lines) == start or normalize(part) in names or not (is_amount(part) or is_description(part)):
                lines.append(parse_line(part, names))
            elif lines[-1].quantity is None and is_amount(part) and not ends_with_number(lines[-1].name):
                amount = parse_amount(part)
                lines[-1] = replace(lines[-1], quantity=amount.quantity, unit=amount.unit)
            else:
                lines[-1] = replace(lines[-1], note=join_notes(lines[-1].note, part))
    if len(lines) > max_lines:
        raise ActionError(
            _("Add at most %(max)s things at once: these are %(count)s. “%(name)s” would be the next one.")
            % {"max": max_lines, "count": len(lines), "name": lines[max_lines].name}
        )
    return lines


def parse_line(text: str, names: Container[str] = ()) -> Line:
    """Parse one item: “2 x 400 g cans of tomatoes (the big ones) for Sunday”. A name of the home is kept as it is."""
    for written in (text, _LEAD.sub("", text)):
        if normalize(written) in names:
            return Line(written, None, None)
    whole = parse_amount(written)
    if normalize(whole.rest) in names:
        return Line(whole.rest, whole.quantity, whole.unit, whole.size)
    rest, note = split_note(written)
    amount = parse_amount(rest)
    name, more = split_note(amount.rest.strip())
    if not name:
        return Line(written.strip(), None, None)
    name = re.sub(r"(?<=\w)[.!…]+\Z", "", name)
    return Line(name, amount.quantity, amount.unit, join_notes(amount.size.rstrip("."), more, note))


def read_amount_words(
    name: str, amount: str = "", unit: str = "", price: str = "", note: str = "", currency: str = ""
) -> Line:
    """Return the item whose parts were marked in a message, each as it was written.

    `amount` may have its unit and its size (“2 x 400 g”, with the unit “cans”). A price “each” counts for each of the
    quantity. Words without a meaning, and a price in another currency than the home's, are kept in the note.
    """
    amount = _in_digits(amount)
    parsed = parse_amount(f"{amount} {unit}".strip()) if amount or unit else Amount(None, None, "")
    if parsed.quantity is None and parsed.rest:
        alone = parse_amount(f"1 {unit}") if not amount else parsed
        parsed = Amount(None, alone.unit, "") if alone.unit else Amount(None, None, "", parsed.rest)
    written = re.sub(r"\A(?:for |at |[@=])\s*", "", price.strip().rstrip("."), flags=re.IGNORECASE)
    cost = parse_money(_EACH.sub("", written), currency)
    if cost is not None and (each := _EACH.search(written)):
        cost = _total(cost, each["unit"], parsed)
    unread = price if price and cost is None else ""
    return Line(
        name.strip(), parsed.quantity, parsed.unit, join_notes(parsed.size, parsed.rest, note.strip(), unread), cost
    )


def _in_digits(amount: str) -> str:
    """Return the amount with its numbers in digits: “dos kilos”, “sixty”, “3x”."""
    if amount.casefold() not in ("a", "an") and (value := number_word(amount)) is not None:
        return str(value)
    match = _NUMBER_WORDS.match(amount)
    amount = f"{_NUMBERS[match[1].casefold()]} {amount[match.end() :]}" if match else with_digits(amount)
    return re.sub(r"(?<=\d)\s*[x×]\Z", "", amount.strip())


def _total(price: Decimal, each: str | None, amount: Amount) -> Decimal | None:
    """Return the price of the whole amount from that of each piece, package or `each`; None if they do not compare."""
    unit = amount.unit or "piece"
    is_measure = unit in UNITS and UNITS[unit].dimension in ("mass", "volume", "length")
    share = normalize_unit(each) if each else "piece" if unit in ("pair", "dozen") else unit
    if amount.quantity is None or not each and is_measure or not are_compatible(unit, share):
        return None
    factor = UNITS[unit].factor / UNITS[share].factor if {unit, share} <= UNITS.keys() else 1
    return (price * amount.quantity * factor).quantize(Decimal("0.01"), ROUND_HALF_UP)


def split_items(text: str, separator: re.Pattern[str], names: Container[str] = ()) -> Iterator[str]:
    """Split at the separator, but not in an amount (“1 kg and 500 g flour”), in parentheses, or in a name."""
    cuts = [cut for cut in separator.finditer(text) if cut.end() > cut.start()]
    starts, ends = [0, *(cut.end() for cut in cuts)], [*(cut.start() for cut in cuts), len(text)]
    first = 0
    while first < len(starts):
        start, last = starts[first], first
        for candidate in range(min(first + MAX_NAME_PARTS, len(starts)) - 1, first, -1):
            if names and _names_item(text[start : ends[candidate]], names):
                last = candidate
                break
        else:
            while (
                last < min(len(cuts), first + _MAX_JOINED_PARTS)
                and ends[last] - start < _MAX_JOINED_CHARS
                and _belong_together(
                    text[start : ends[last]], cuts[last][0].casefold().strip(), text[starts[last + 1] : ends[last + 1]]
                )
            ):
                last += 1
        if part := text[start : ends[last]].strip():
            yield part
        first = last + 1


def _names_item(text: str, names: Container[str]) -> bool:
    text = _LEAD.sub("", text.strip())
    return normalize(text) in names or normalize(parse_amount(text).rest) in names


def _belong_together(left: str, sign: str, right: str) -> bool:
    """Return whether the sign between the two texts does not separate items. A line break always does."""
    if not sign:
        return False
    if left.count("(") > left.count(")") and ")" in right or sign == "and" and _BETWEEN.search(left):
        return True
    sign, left = sign.split()[0], _LEAD.sub("", left)
    amount = parse_amount(left)
    if amount.quantity is not None and not amount.rest:
        joined = parse_amount(f"{left} {sign} {right}")
        has_more = bool(re.match(r"(?:an?|one) half\b|\d", right, re.IGNORECASE)) or is_amount(right)
        return joined.quantity not in (None, amount.quantity) or amount.unit is None and has_more
    if is_amount(right) and not is_description(left):
        joined = parse_amount(f"{left} {sign} {right}")
        return joined.unit is not None and joined.rest == amount.rest
    if is_preparation(amount.rest) and amount.quantity is not None:
        return True
    if sign not in _CONJUNCTIONS:
        return False
    ends = f"{left} {sign} {right.split(' ')[0]}"
    return bool(_INSEPARABLE.search(ends) or _WITH.search(left)) or _is_brand(ends)


def _is_brand(text: str) -> bool:
    """Return whether the text ends with a name like “Ben & Jerry's” or “Head & Shoulders”."""
    match = _BRAND.search(text)
    if match is None or is_known_item(match["first"]):
        return False
    is_capital = match["sign"] == "&" and match["first"][0].isupper() and match["second"][0].isupper()
    return bool(match["owner"]) or is_capital
