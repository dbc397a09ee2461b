"""Parse “2 dozen eggs” into a quantity, a unit and a name. What the unit means, the server decides."""

import re
from decimal import Decimal
from fractions import Fraction

from pantry_pixie.groceries import Amount

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
FRACTIONS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3"}
LETTER_UNIT = r"(?:\s*(?P<unit>[a-z]+)\b\.?)"
AMOUNT = re.compile(
    rf"(?P<number>\d+\s+\d+/\d+|\d+/\d+|[1-9]\d{{0,2}}(?:,\d{{3}})+(?:\.\d{{1,3}})?|\d+(?:[.,]\d{{1,3}})?|an?\b|half\s+an?\b){LETTER_UNIT}?(?:\s+of\b)?\s*(?P<name>.*)",
    re.IGNORECASE,
)


def read_amount(text: str) -> tuple[str, Amount]:
    """Return the name and the amount of a thing. The name is empty if the text is an amount alone."""
    text = " ".join(text.split())
    for symbol, fraction in FRACTIONS.items():
        text = text.replace(symbol, f" {fraction}").strip()
    match = AMOUNT.fullmatch(text)
    if match is None:
        return text, {}
    word, name = match["unit"] or "", match["name"].strip()
    is_unit = word.lower() in UNITS
    if word and not is_unit and not text[match.end("number") :].startswith(" "):
        return text, {}  # “7up” is a name
    try:
        quantity = _quantity(match["number"].lower())
    except ZeroDivisionError:
        return text, {}
    if is_unit:
        return name, {"quantity": quantity, "unit": word.lower()}
    return f"{word} {name}".strip(), {"quantity": quantity}


def _quantity(number: str) -> Decimal:
    if number in ("a", "an"):
        return Decimal(1)
    if number.startswith("half"):
        return Decimal("0.5")
    number = re.sub(r",(?=\d{3}\b)", "", number) if number[0] != "0" else number  # “1,500” is 1500, and “0,500” a half
    exact = sum(map(Fraction, number.replace(",", ".").split()), Fraction(0))
    rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.001")).normalize()
    return Decimal(f"{rounded:f}")
