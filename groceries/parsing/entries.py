"""Parse text with several items, as typed into the field of a list."""

import re
from dataclasses import dataclass
from decimal import Decimal

from groceries.parsing.quantities import parse_amount

MAX_LINES = 40
_SEPARATOR = re.compile(r"\s*(?:[\n;•]|,(?!\d))\s*")
_CONJUNCTION = re.compile(r"\s+(?:and|&|plus|และ|กับ)\s+", re.IGNORECASE)
_INSEPARABLE = re.compile(
    r"\b(mac|half|fish|salt|bread|sweet|oil|cookies|ham|rock|black|gin|peas|bits|pork|rum)\b"
    r"\s+(and|&)\s+\b(cheese|half|chips|pepper|vinegar|butter|sour|cream|eggs|roll|white|tonic|carrots|bobs|beans|raisin)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Line:
    """One item to add to a list. `quantity` and `unit` are None if the text has none."""

    name: str
    quantity: Decimal | None
    unit: str | None


def parse_lines(text: str) -> list[Line]:
    """Split text at commas, line breaks and “and”, except in names such as “fish and chips”.

    “2 l milk and thai basil, eggs” has three items. Returns at most MAX_LINES.
    """
    parts = [part.strip() for chunk in _SEPARATOR.split(text) for part in _split_conjunction(chunk) if part.strip()]
    return [_parse_line(part) for part in parts[:MAX_LINES]]


def _parse_line(text: str) -> Line:
    amount = parse_amount(text)
    name = amount.rest.strip()
    return Line(name, amount.quantity, amount.unit) if name else Line(text, None, None)


def _split_conjunction(text: str) -> list[str]:
    return [text] if _INSEPARABLE.search(text) else _CONJUNCTION.split(text)
