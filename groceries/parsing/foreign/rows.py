"""Lines of a file: the values of a row, read as an item to buy."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from groceries.parsing.entries import Line, parse_line
from groceries.parsing.names import normalize
from groceries.parsing.notes import join_notes
from groceries.parsing.quantities import (
    MAX_QUANTITY,
    MAX_UNIT_LENGTH,
    Amount,
    QuantityError,
    is_amount,
    normalize_unit,
    parse_amount,
)
from groceries.parsing.units import UNITS
from pantry.errors import ActionError
from pantry.money import NUMBER, parse_money, parse_number
from pantry.text import clean_line

MAX_FILE_LINES = 2_000
MAX_FREE_TEXT_CHARS = 100_000  # of a file that is neither a table nor an export
MAX_NAME_CHARS, MAX_NOTE_CHARS = 100, 200
MAX_ROW_CHARS = 1_000  # of a row of a text or a cell
_MAX_PRICE = Decimal("99999999.99")
_NUMBER_AND_UNIT = re.compile(rf"(?P<number>{NUMBER}) ?(?P<unit>[^\W\d][^\d]*)")
_WORDS = re.compile(r"[^\W\d_]{2}")
_NO_NUMBER = re.compile(r"[-−+] ?[\d.,]|#|(?:nan|inf|infinity)\Z", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\b")
_YES = frozenset(
    "true yes y 1 x ✓ ✔ ✅ ☑ ☒ [x] checked done bought purchased completed ja wahr j gekauft erledigt "
    "si sí s verdadero comprado hecho ใช่ จริง ซื้อแล้ว เสร็จ เสร็จแล้ว".split()
)
_NO = frozenset(
    ["", *"false no n 0 - – ☐ [] open pending nein falsch offen falso pendiente ไม่ ไม่ใช่ เท็จ ยัง".split(), "[ ]"]
)


@dataclass(frozen=True)
class FileLine(Line):
    """A line of a file. `number` is that of the line, or of the item in its list; `problem` says why it can't be taken."""

    is_bought: bool = False
    number: int = 0
    problem: str = ""


@dataclass(frozen=True)
class FileList:
    """A list of a file. A catalog has what a home buys at all, of which nothing may be needed now."""

    name: str
    lines: tuple[FileLine, ...]
    is_catalog: bool = False


@dataclass(frozen=True)
class ForeignFile:
    """The lists of a file. `ignored` are the columns of a table that have no place on a list."""

    lists: tuple[FileList, ...]
    ignored: tuple[str, ...] = ()


def check_count(count: int) -> None:
    """Raise ActionError if the file has too many lines."""
    if count > MAX_FILE_LINES:
        message = _("This file has more than %(max)s things. Split it into several files.")
        raise ActionError(message % {"max": f"{MAX_FILE_LINES:,}"})


def build_line(values: Mapping[str, str], number: int, place: str, names: Collection[str], group_mark: str) -> FileLine:
    """Return the line with these values: `name`, `amount`, `unit`, `note`, `category`, `price`, `bought`.

    `place` names it in its problem. Amount and unit may be part of the name. `group_mark` separates groups of digits in
    the file. Words in the place of an amount become part of the note.
    """
    values = {role: " ".join(value.split()) for role, value in values.items()}
    try:
        if any(len(value) > MAX_ROW_CHARS for value in values.values()):
            raise ActionError(_("That is too long: %(max)d characters at most.") % {"max": MAX_ROW_CHARS})
        return replace(_read(values, names, group_mark), number=number)
    except (ActionError, QuantityError) as error:
        name = clean_line(values.get("name") or " ".join(filter(None, values.values())))[:MAX_NAME_CHARS]
        return FileLine(name, None, None, number=number, problem=f"{place}: {error}")


def _read(values: Mapping[str, str], names: Collection[str], group_mark: str) -> FileLine:
    name, amount, unit = (values.get(role, "") for role in ("name", "amount", "unit"))
    if amount or unit:
        parsed = read_cell(amount, group_mark)
        line = Line(name, *_with_unit(parsed, unit), join_notes(parsed.size, parsed.rest))
    else:
        line = parse_line(name, names)
    if line.unit and len(line.unit) > MAX_UNIT_LENGTH:  # which would be cut
        line = replace(line, unit=None, note=join_notes(line.note, line.unit))
    line = replace(line, note=join_notes(line.note, values.get("note", "")))
    return check_line(
        FileLine(
            clean_line(line.name), line.quantity, line.unit, line.note, _price(values.get("price", ""), group_mark),
            values.get("category", ""), is_bought=_is_yes(values.get("bought", "")),
        )
    )  # fmt: skip


def check_line(line: FileLine) -> FileLine:
    """Return the line. Raises ActionError for what can't be on a list."""
    if not normalize(line.name):
        raise ActionError(_("The name is missing."))
    if len(line.name) > MAX_NAME_CHARS:
        raise ActionError(_("That name is too long: %(max)d characters at most.") % {"max": MAX_NAME_CHARS})
    if len(line.note) > MAX_NOTE_CHARS:
        raise ActionError(_("The note is too long: %(max)d characters at most.") % {"max": MAX_NOTE_CHARS})
    return line


def _with_unit(parsed: Amount, unit: str) -> tuple[Decimal | None, str | None]:
    """Return quantity and unit, of which the amount or the unit's own cell may have the latter."""
    unit = (normalize_unit(unit) if len(unit) <= MAX_UNIT_LENGTH else unit) if unit else ""
    return parsed.quantity, parsed.unit or unit or None


def read_cell(text: str, group_mark: str) -> Amount:
    """Return the amount that a cell has: “2”, “1,5”, “½”, “500 g”, “2 x 400 g”. Words are its `rest`.

    Raises QuantityError for a number that is no amount to buy, such as “-3”, “1e99” or “#REF!”.
    """
    if not text:
        return Amount(None, None, "")
    if (value := parse_number(text, group_mark)) is not None:
        return Amount(_checked(value), None, "")
    match = _NUMBER_AND_UNIT.fullmatch(text)
    if match and (unit := normalize_unit(match["unit"])) in UNITS:
        value = parse_number(match["number"], group_mark)
        if value is not None:
            return Amount(_checked(value), unit, "")
    amount = parse_amount(text)
    if amount.quantity is not None and not amount.rest:
        return amount
    if _NO_NUMBER.match(text) or not _WORDS.search(text):
        raise QuantityError(_("“%(text)s” is no amount.") % {"text": text})
    return Amount(None, None, text)


def _checked(value: Decimal) -> Decimal:
    if value <= 0:
        raise QuantityError(_("The quantity must be more than zero."))
    if value > MAX_QUANTITY:
        raise QuantityError(_("The quantity can be 99,999.999 at most."))
    if value != round(value, 3):
        raise QuantityError(_("The quantity can have three decimals at most."))
    return value


def _price(text: str, group_mark: str) -> Decimal | None:
    """Return the price, rounded to two decimals. Raises ActionError for what is none."""
    if not text:
        return None
    value = parse_number(text.strip("$€£¥฿ "), group_mark)
    value = parse_money(text) if value is None else value
    if value is None or not 0 <= value <= _MAX_PRICE:
        raise ActionError(_("“%(text)s” is no price.") % {"text": text})
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _is_yes(text: str) -> bool:
    if text.casefold() in _YES or _DATE.match(text):  # when it was bought
        return True
    if text.casefold() not in _NO:
        raise ActionError(_("“%(text)s” doesn't say whether it is bought.") % {"text": text})
    return False


def is_amount_cell(text: str) -> bool:
    return bool(text) and (parse_number(text) is not None or is_amount(text))
