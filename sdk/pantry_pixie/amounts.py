"""“2 dozen eggs” → 2, dozen, eggs. The server knows every spelling of a unit; this knows where the name begins."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

UNITS = frozenset(
    """
    piece pieces pc pcs pair pairs dozen dozens doz mg g gr gram grams gramme grammes kg kgs kilo kilos kilogram
    kilograms oz ounce ounces lb lbs pound pounds ml cl dl l liter liters litre litres teaspoon teaspoons tsp tablespoon
    tablespoons tbsp cup cups pint pints pt quart quarts gallon gallons pack packs pkg packet packets package packages
    bottle bottles can cans tin tins box boxes bag bags sack sacks bunch bunches jar jars roll rolls carton cartons loaf
    loaves head heads clove cloves tube tubes tub tubs bar bars slice slices stick sticks sheet sheets sprig sprigs
    pinch pinches handful handfuls crate crates case cases tray trays punnet punnets pouch pouches sachet sachets
    """.split()
)
HALVES = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}
LETTER_UNIT = r"(?:\s*(?P<unit>[a-z]+)\b\.?)"
AMOUNT = re.compile(
    rf"(?P<number>\d+\s+\d+/\d+|\d+/\d+|\d+(?:[.,]\d{{1,3}})?|an?\b|half\s+an?\b){LETTER_UNIT}?(?:\s+of\b)?\s*(?P<name>.*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Amount:
    """`quantity` and `unit` are None where nothing was said."""

    name: str
    quantity: Decimal | None = None
    unit: str | None = None


def read_amount(text: str) -> Amount:
    """The name is empty where there is an amount and nothing else."""
    said = " ".join(text.split())
    for sign, meant in HALVES.items():
        said = said.replace(sign, f" {meant}").strip()
    match = AMOUNT.fullmatch(said)
    if match is None:
        return Amount(said)
    word, name = match["unit"] or "", match["name"].strip()
    if word.lower() in UNITS:
        return _of(match, name, word.lower())
    if word and not said[match.end("number") :].startswith(" "):
        return Amount(said)  # “7up” is a name
    return _of(match, f"{word} {name}".strip(), None)


def _of(match: re.Match[str], name: str, unit: str | None) -> Amount:
    number = match["number"].lower().replace(",", ".")
    if number in ("a", "an"):
        number = "1"
    elif number.startswith("half"):
        number = "1/2"
    try:
        exact = sum((Fraction(part) for part in number.split()), Fraction(0))
    except ZeroDivisionError:
        return Amount(match.string)
    quantity = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.001")).normalize()
    return Amount(name, Decimal(f"{quantity:f}"), unit)
