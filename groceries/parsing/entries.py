"""What somebody typed into the one field of a list: several things at once."""

import re
from dataclasses import dataclass
from decimal import Decimal

from groceries.parsing.quantities import parse_amount

MAX_LINES = 40
_BREAK = re.compile(r"\s*(?:[\n;•]|,(?!\d))\s*")
_AND = re.compile(r"\s+(?:and|&|plus|และ|กับ)\s+", re.IGNORECASE)
_ONE_THING = re.compile(
    r"\b(mac|half|fish|salt|bread|sweet|oil|cookies|ham|rock|black|gin|peas|bits|pork|rum)\b"
    r"\s+(and|&)\s+\b(cheese|half|chips|pepper|vinegar|butter|sour|cream|eggs|roll|white|tonic|carrots|bobs|beans|raisin)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Line:
    """One thing to put on a list; `quantity` and `unit` are None where nothing was said."""

    name: str
    quantity: Decimal | None
    unit: str | None


def parse_lines(text: str) -> list[Line]:
    """“2 l milk and thai basil, eggs” → three lines. Commas, new lines and “and” part things; “fish and chips”
    stay one. At most 40 lines; what has no name is left out."""
    parts = [part for chunk in _BREAK.split(text) for part in _parted(chunk) if part.strip()]
    lines = []
    for part in parts[:MAX_LINES]:
        said = parse_amount(part.strip())
        name = said.rest.strip() or part.strip()
        lines.append(Line(name, said.quantity if said.rest.strip() else None, said.unit if said.rest.strip() else None))
    return lines


def _parted(text: str) -> list[str]:
    return [text] if _ONE_THING.search(text) else _AND.split(text)
