"""Parse text with several items, as typed into the field of a list."""

import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from groceries.parsing.quantities import parse_amount
from pantry.errors import ActionError

MAX_TEXT_CHARS, MAX_LINES = 4000, 40  # at once
_SEPARATOR = re.compile(r"[\n;•]|,(?!\d)")
_CONJUNCTION = re.compile(r" (?:and|&|plus|และ|กับ) ", re.IGNORECASE)
_INSEPARABLE = re.compile(
    r"\b(mac|half|fish|salt|bread|sweet|oil|cookies|ham|rock|black|gin|peas|bits|pork|rum)\b"
    r" (and|&) ("
    r"cheese|half|chips|pepper|vinegar|butter|sour|cream|eggs|roll|white|tonic|carrots|bobs|beans|raisin)\b",
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

    “2 l milk and thai basil, eggs” has three items. Raises ActionError for too much text.
    """
    if len(text) > MAX_TEXT_CHARS:
        raise ActionError(_("Add at most %(max)s characters at once.") % {"max": MAX_TEXT_CHARS})
    chunks = (f" {' '.join(chunk.split())} " for chunk in _SEPARATOR.split(text))
    parts = [part.strip() for chunk in chunks for part in _split_conjunction(chunk) if part.strip()]
    if len(parts) > MAX_LINES:
        raise ActionError(
            _("Add at most %(max)s things at once: these are %(count)s.") % {"max": MAX_LINES, "count": len(parts)}
        )
    return [_parse_line(part) for part in parts]


def _parse_line(text: str) -> Line:
    amount = parse_amount(text)
    name = amount.rest.strip()
    return Line(name, amount.quantity, amount.unit) if name else Line(text, None, None)


def _split_conjunction(text: str) -> list[str]:
    return [text] if _INSEPARABLE.search(text) else _CONJUNCTION.split(text)
